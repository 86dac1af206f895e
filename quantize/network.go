// Package quantize turns the real-valued spiking network (models/snn) into integers of a chip's formats, and runs the
// integer network without a chip. It comes after convert and before target/place. Quantities are in weight units: one
// is the value of the smallest weight mantissa; a chip may shift all of them left by Format.Shift bits.
package quantize

import (
	"spikec/emulator/encoder"
	"spikec/internal/window"
	"spikec/models/snn"
)

// Network is a spiking network in integers, with the topology of the network that it was made from.
type Network struct {
	Name        string
	Chip        string // profile ID
	Steps       int    // T
	Reset       snn.Reset
	Readout     snn.Readout
	Firing      snn.Firing
	Format      Format
	Populations []Population
	Projections []Projection
	Report      []LayerReport
}

// Population is a group of like neurons. Populations[0] is the input: codes 0..255.
type Population struct {
	Name   string
	Shape  [3]int // C, H, W
	Neuron snn.Neuron
	Coding *encoder.Coding // of snn.Source neurons
	// Threshold, Bias and Initial have one value a channel, in weight units. A neuron fires at v >= Threshold; an
	// Integrator has the largest threshold that the chip can hold, and a scale that is not meant to reach it.
	Threshold, Bias, Initial []int32
	// Lower is the bound below which a neuron is reset without a spike (lowerBound), a channel; nil where the chip has none.
	Lower []int32
	// DriveShift is the right shift of the drive (image.Drive); 0 where there is none.
	DriveShift uint
	// Unit is how many weight units an activation of 1 of the trained network is worth a step, a channel.
	Unit []float64
}

// Size returns the number of neurons.
func (p *Population) Size() int { return p.Shape[0] * p.Shape[1] * p.Shape[2] }

// Projection has the shape of its snn.Projection and integer weights. One whose source is the input is a drive:
// I = (Σ w·code + 2^(DriveShift−1)) >> DriveShift, at every step.
type Projection struct {
	Source, Target int
	Pool           *window.Window2d
	Window         window.Window2d
	Groups         int
	Weight         []int32 // O, C/Groups, kH, kW
	Identity       bool
}

// Geometry returns the shape of projection i.
func (n *Network) Geometry(i int) snn.Shape2d {
	p := &n.Projections[i]
	return snn.Shape2d{In: n.Populations[p.Source].Shape, Out: n.Populations[p.Target].Shape, Pool: p.Pool, Window: p.Window, Groups: p.Groups}
}

// Output returns the index of the output population.
func (n *Network) Output() int { return len(n.Populations) - 1 }

// LayerReport is what quantisation did to one population.
type LayerReport struct {
	Population  string  `json:"population"`
	Bits        int     `json:"bits"`        // of the weights; host weights have 16
	SQNR        float64 `json:"sqnrDecibel"` // of the weights, those of the host included; 0 where rounding changed none
	Clipped     float64 `json:"clipped"`     // share of weights at the end of their range
	Zeroed      float64 `json:"zeroed"`      // share of non-zero weights that became 0
	ThresholdLo int32   `json:"thresholdMin"`
	ThresholdHi int32   `json:"thresholdMax"`
	// Positive and Negative bound the sum of one step: no accumulator needs more, whatever fires, with whatever sign.
	Positive int64 `json:"sumMax"`
	Negative int64 `json:"sumMin"`
	// AccumulatorBits is the signed width that holds every partial sum in any order.
	AccumulatorBits int `json:"accumulatorBits"`
}
