// Package encode turns stored images into what the chip sees, codes 0..255, and into what the trained network takes.
// It comes after runtime/dataset; Plan checks that data, calibration data and network fit each other before anything
// is computed from them.
package encode

import (
	"fmt"
	"math"
	"slices"

	"spikec/convert"
	"spikec/models/snn"
	"spikec/runtime/dataset"
)

// Options are what the user says about the data.
type Options struct {
	// PixelScale, Mean and Std make the network's input of a stored pixel: (pixel*PixelScale − Mean)/Std; Mean and Std
	// have one value, or one a channel. 0 and nil mean not given: 1/255, 0 and 1. Data that hold the network's input as
	// it is (npz of floats) refuse all three.
	PixelScale float64
	Mean, Std  []float64
	// InputRange is the range of network inputs that the network was trained on, where the user states it.
	InputRange *[2]float64
	// Split gives negative values codes of their own (Coding.Split), where there are some.
	Split bool
}

// The kinds of stored data.
const (
	Pixels = "pixels" // stored pixels 0..255
	Values = "values" // real numbers, the network's input as it is
)

// Coding says how a stored value becomes a code, and how it becomes the network's input:
//
//	pixels:  code = pixel                               input = pixel·Scale[c] + Offset[c]
//	values:  code = min(255, round(|value|/Step))       input = value
//
// With Split, values of channel c have two codes, in channels 2c and 2c+1: that of the value where it is positive, and
// that of the value without its sign where it is negative; the other one is 0.
// It is all that is needed to code other images alike.
type Coding struct {
	Kind     string    `json:"kind"`  // pixels or values
	Shape    [3]int    `json:"shape"` // C, H, W of a stored image
	Step     float64   `json:"step"`  // stored units a code; 1 for pixels
	Absolute bool      `json:"absolute"`
	Split    bool      `json:"split,omitempty"`
	Scale    []float64 `json:"scale"` // one value, or one a channel
	Offset   []float64 `json:"offset"`
	// InputRange is that of the network's input on the calibration images.
	InputRange [2]float64 `json:"inputRange"`
	// Border is put around the codes of every image, in place of the padding of the network's first layer; nil: none. Not
	// with Split.
	Border *snn.Border `json:"border,omitempty"`
}

// Preprocess says how the student, which takes codes, gets the network's input.
func (c Coding) Preprocess() convert.Preprocess {
	if c.Kind == Values {
		p := convert.Preprocess{Scale: []float64{c.Step}, Offset: []float64{0}, Border: c.Border}
		if c.Split {
			p.Pairs = c.Shape[0]
		}
		return p
	}
	return convert.Preprocess{Scale: c.Scale, Offset: c.Offset, Border: c.Border}
}

// Validate reports a coding that Plan does not make, such as one that was read from an altered file.
func (c Coding) Validate() error {
	switch {
	case c.Kind != Pixels && c.Kind != Values:
		return fmt.Errorf("coding of %q, want %s or %s", c.Kind, Pixels, Values)
	case min(c.Shape[0], c.Shape[1], c.Shape[2]) < 1:
		return fmt.Errorf("coding of images of shape %v", c.Shape)
	case c.Split && (c.Kind != Values || c.Absolute):
		return fmt.Errorf("coding of %s with codes of their own for negative values", c.Kind)
	case !(c.Step > 0):
		return fmt.Errorf("coding with step %g, want a positive number", c.Step)
	}
	for _, n := range []int{len(c.Scale), len(c.Offset)} {
		if n != 1 && n != c.Shape[0] {
			return fmt.Errorf("coding with %d scales and %d offsets for %d channels, want one, or one a channel", len(c.Scale), len(c.Offset), c.Shape[0])
		}
	}
	if c.Border != nil {
		if c.Split {
			return fmt.Errorf("coding with a border, and with codes of their own for negative values")
		}
		if err := c.Border.Validate(c.Shape[0]); err != nil {
			return fmt.Errorf("coding with %w", err)
		}
	}
	if slices.ContainsFunc(c.Scale, func(x float64) bool { return !(x > 0) }) {
		return fmt.Errorf("coding with scales %v, want positive numbers", c.Scale)
	}
	return nil
}

// Size is the number of values of one image.
func (c Coding) Size() int { return c.Shape[0] * c.Shape[1] * c.Shape[2] }

// Presented is the shape, C,H,W, of the codes of one image: with the border, and with both halves of a split.
func (c Coding) Presented() [3]int {
	shape := c.Border.Around(c.Shape)
	if c.Split {
		shape[0] *= 2
	}
	return shape
}

// Codes is the number of codes of one image.
func (c Coding) Codes() int {
	p := c.Presented()
	return p[0] * p[1] * p[2]
}

// Blank returns the codes of an image of which nothing is known yet: its border, around zeros.
func (c Coding) Blank() []uint8 {
	codes := make([]uint8, c.Codes())
	if c.Border == nil {
		return codes
	}
	plane := len(codes) / c.Shape[0]
	for k := range codes {
		codes[k] = c.Border.Codes[k/plane]
	}
	for k := range c.Size() {
		codes[c.At(k)] = 0
	}
	return codes
}

// At returns where the code of value k of an image stands, without Split.
func (c Coding) At(k int) int {
	if c.Border == nil {
		return k
	}
	p, row := c.Presented(), k/c.Shape[2] // of the rows of all channels
	return (row/c.Shape[1]*p[1]+row%c.Shape[1]+c.Border.Begin[0])*p[2] + k%c.Shape[2] + c.Border.Begin[1]
}

// Values calls put with the index and the value of every code, but those of the border, of an image of kind values, C,H,W order.
func (c Coding) Values(image []float32, put func(k int, code uint8)) {
	if !c.Split {
		for k, v := range image {
			put(c.At(k), c.Value(v))
		}
		return
	}
	plane := c.Shape[1] * c.Shape[2]
	for k, v := range image {
		on := k + k/plane*plane
		off := on + plane
		if v < 0 {
			on, off = off, on
		}
		put(on, c.Value(v))
		put(off, 0)
	}
}

// Value returns the code of a stored value of kind values: min(255, round(|v|/Step)), halves upwards.
func (c Coding) Value(v float32) uint8 {
	return uint8(math.Min(255, math.Round(math.Abs(float64(v))/c.Step)))
}

// Input returns the pixel whose network input is nearest to x, for value index k of an image of kind pixels: the way back
// from what a trained network takes.
func (c Coding) Input(x float32, k int) uint8 {
	scale, offset := c.Preprocess().At(k, c.Size())
	return uint8(math.Max(0, math.Min(255, math.Round((float64(x)-offset)/scale))))
}

// Encoder codes the images of a set. It is immutable and safe for concurrent use.
type Encoder struct {
	set    *dataset.Set
	coding Coding
	size   int            // values of an image
	inputs [][256]float32 // by channel: the network's input of each pixel
	blank  []uint8        // Coding.Blank, where there is a border
}

// NewEncoder returns an encoder of set, which must be of the coding's kind and shape (Coding.Check).
func NewEncoder(set *dataset.Set, c Coding) *Encoder {
	e := &Encoder{set: set, coding: c, size: c.Size()}
	if c.Border != nil {
		e.blank = c.Blank()
	}
	if c.Kind == Pixels {
		e.inputs = make([][256]float32, c.Shape[0])
		for ch := range e.inputs {
			scale, offset := c.Preprocess().At(ch, c.Shape[0])
			for p := range e.inputs[ch] {
				e.inputs[ch][p] = float32(float64(p)*scale + offset)
			}
		}
	}
	return e
}

// Len is the number of images.
func (e *Encoder) Len() int { return e.set.Len() }

// Size is the number of codes of an image.
func (e *Encoder) Size() int { return e.coding.Codes() }

// Codes fills dst with the codes of image i, C,H,W order.
func (e *Encoder) Codes(i int, dst []uint8) { fill(e, i, dst) }

// Reals fills dst with the codes of image i as real numbers, C,H,W order.
func (e *Encoder) Reals(i int, dst []float32) { fill(e, i, dst) }

// fill fills dst with the codes of image i.
func fill[T uint8 | float32](e *Encoder, i int, dst []T) {
	for k, code := range e.blank {
		dst[k] = T(code)
	}
	if e.coding.Kind == Values {
		e.coding.Values(e.set.Values[i*e.size:(i+1)*e.size], func(k int, code uint8) { dst[k] = T(code) })
		return
	}
	width := e.coding.Shape[2]
	for k, pixels := 0, e.set.Pixels[i*e.size:(i+1)*e.size]; k < len(pixels); k += width {
		row := dst[e.coding.At(k):]
		for x, p := range pixels[k : k+width] {
			row[x] = T(p)
		}
	}
}

// Inputs fills dst with what the trained network takes of image i, C,H,W order.
func (e *Encoder) Inputs(i int, dst []float32) {
	if e.coding.Kind == Values {
		copy(dst, e.set.Values[i*e.size:(i+1)*e.size])
		return
	}
	plane := e.size / e.coding.Shape[0]
	pixels := e.set.Pixels[i*e.size : (i+1)*e.size]
	for c := range e.inputs {
		table := &e.inputs[c]
		for k, p := range pixels[c*plane : (c+1)*plane] {
			dst[c*plane+k] = table[p]
		}
	}
}

// Images returns the images as a conversion takes them.
func (e *Encoder) Images() convert.Images {
	return convert.Images{N: e.Len(), Codes: e.Reals, Inputs: e.Inputs}
}
