// Package window is the one definition of how a two-dimensional sliding window (convolution or pooling) walks over
// a feature map. It knows sizes and positions, no values.
package window

import "fmt"

// Window2d describes a sliding window over a map of H rows and W columns. Index 0 is vertical, 1 horizontal.
type Window2d struct {
	Kernel   [2]int `json:"kernel"`   // taps, 1 to Max, as all that follow
	Stride   [2]int `json:"stride"`   // at least 1
	Dilation [2]int `json:"dilation"` // distance between taps, at least 1
	PadBegin [2]int `json:"padBegin"` // rows above, columns left; not negative
	PadEnd   [2]int `json:"padEnd"`   // rows below, columns right; not negative
}

// Max bounds every size of a window: sums and products of two of them fit 64 bits.
const Max = 1 << 30

// Square returns an undilated, unpadded k×k window that moves by stride.
func Square(k, stride int) Window2d {
	return Window2d{Kernel: [2]int{k, k}, Stride: [2]int{stride, stride}, Dilation: [2]int{1, 1}}
}

// Validate reports the first field that is out of its range.
func (w Window2d) Validate() error {
	for d := range 2 {
		switch {
		case w.Kernel[d] < 1:
			return fmt.Errorf("kernel %v: must be at least 1", w.Kernel)
		case w.Stride[d] < 1:
			return fmt.Errorf("stride %v: must be at least 1", w.Stride)
		case w.Dilation[d] < 1:
			return fmt.Errorf("dilation %v: must be at least 1", w.Dilation)
		case w.PadBegin[d] < 0 || w.PadEnd[d] < 0:
			return fmt.Errorf("padding %v, %v: must not be negative", w.PadBegin, w.PadEnd)
		}
		if n := max(w.Kernel[d], w.Stride[d], w.Dilation[d], w.PadBegin[d], w.PadEnd[d]); n > Max {
			return fmt.Errorf("size %d: must be at most %d", n, Max)
		}
	}
	return nil
}

// extent is the number of rows (d = 0) or columns (d = 1) between the first and the last tap, both included.
func (w Window2d) extent(d int) int { return (w.Kernel[d]-1)*w.Dilation[d] + 1 }

// Output returns the size of the output map for an input map of h rows and w columns; the last incomplete window
// is dropped (floor). It fails if not even one window fits.
func (w Window2d) Output(in [2]int) ([2]int, error) {
	var out [2]int
	for d := range 2 {
		n := in[d] + w.PadBegin[d] + w.PadEnd[d] - w.extent(d)
		if n < 0 {
			return out, fmt.Errorf("window of %v taps (dilation %v) does not fit a padded map of %dx%d", w.Kernel, w.Dilation,
				in[0]+w.PadBegin[0]+w.PadEnd[0], in[1]+w.PadBegin[1]+w.PadEnd[1])
		}
		out[d] = n/w.Stride[d] + 1
	}
	return out, nil
}

// Source returns the input row (d = 0) or column (d = 1) that tap k of output position o reads. It lies outside
// 0..size-1 where the tap falls on padding.
func (w Window2d) Source(d, o, k int) int { return o*w.Stride[d] + k*w.Dilation[d] - w.PadBegin[d] }

// Padded reports whether the window has any padding.
func (w Window2d) Padded() bool { return w.PadBegin != [2]int{} || w.PadEnd != [2]int{} }
