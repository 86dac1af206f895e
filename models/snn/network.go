// Package snn holds the converted network in real numbers: populations of integrate-and-fire neurons, projections
// between them, and a simulator. It comes after convert and before quantize.
package snn

import (
	"fmt"
	"strings"

	"gonum.org/v1/gonum/mat"

	"spikec/emulator/encoder"
	"spikec/internal/window"
)

// Neuron is what the neurons of a population do at every step.
type Neuron string

const (
	// Source neurons fire as Population.Coding says of the codes of the input, neuron n of its code n. A population of
	// them has the input's shape and no projections into it.
	Source Neuron = "Source"
	// Input neurons hold the codes of a picture, constant over its steps.
	Input Neuron = "Input"
	// IF neurons add their current to the membrane, fire at or above threshold 1 and reset.
	IF Neuron = "IF"
	// Integrator neurons add their current to the membrane and never fire (NIR: I).
	Integrator Neuron = "I"
)

// Reset is what a neuron's membrane does after a spike.
type Reset string

const (
	Subtract Reset = "subtract" // v − 1 (soft)
	Zero     Reset = "zero"     // 0 (hard)
)

// Network is a feed-forward spiking network. Weights are normalised: every threshold is 1 and every spike counts 1
// (Diehl et al. 2015; Rueckauer et al. 2017). It is immutable once it is built.
type Network struct {
	Name        string
	Steps       int // T that the network was converted for
	Populations []Population
	Projections []Projection // ascending by target
	Reset       Reset
	Firing      Firing
	Initial     float64 // membranes at the start, as a fraction of the threshold: 0.5 or 0
	Readout     Readout // of the output population; membrane where that is an Integrator
	Border      *Border // of pictures: that of Populations[0] has it; nil: none
}

// Population is a group of like neurons. Populations[0] is the input, the last one the output.
type Population struct {
	Name   string
	Shape  [3]int // C, H, W; vectors are N,1,1
	Neuron Neuron
	Coding *encoder.Coding // of a Source
	// Bias is a constant current a channel, in thresholds a step; nil under the strict rules.
	Bias []float64
	// Scale is the activation of the trained network that one spike a step stands for, a channel (λ of the
	// normalisation); nil for the input.
	Scale []float64
	// Range is the largest |membrane| that an Integrator is expected to reach in T steps, with a margin.
	Range float64
	// Moments are the second moments E[r·rᵀ] of what the population's weighted projections deliver on the
	// calibration images, one matrix for each block of output channels with the same inputs; the rows follow the
	// projections in order, then channel within the group, tap row, tap column. Identity projections are left out.
	// nil where no calibration was made.
	Moments []*mat.SymDense
}

// Size returns the number of neurons.
func (p *Population) Size() int { return p.Shape[0] * p.Shape[1] * p.Shape[2] }

// Projection connects two populations by a convolution with shared weights, optionally behind a sum over windows
// (NIR: SumPool2d, Conv2d). A fully connected layer is a convolution whose kernel covers the whole map; a skip
// connection is a depthwise one of a single tap.
//
//	I[o][i][j] += Σ_c Σ_u Σ_v Weight[o][c][u][v] · S[c][Source(0,i,u)][Source(1,j,v)],   S = sums over Pool of the spikes
type Projection struct {
	Source, Target int              // populations
	Pool           *window.Window2d // sum over these windows first, or nil
	Window         window.Window2d  // of the kernel, over the pooled map
	Groups         int
	Weight         []float32 // O, C/Groups, kH, kW
	Identity       bool      // a skip connection: one tap a channel, not fitted
}

// Incoming returns the indices of the projections into a population.
func (n *Network) Incoming(population int) []int {
	var in []int
	for i, p := range n.Projections {
		if p.Target == population {
			in = append(in, i)
		}
	}
	return in
}

// Output returns the index of the output population.
func (n *Network) Output() int { return len(n.Populations) - 1 }

// Depth returns, for every population, the number of projections on the longest way from a population that is
// driven by the input: those have depth 0.
func (n *Network) Depth() []int {
	d := make([]int, len(n.Populations))
	for _, p := range n.Projections {
		if p.Source != 0 {
			d[p.Target] = max(d[p.Target], d[p.Source]+1)
		}
	}
	return d
}

// String prints one line a population and one a projection.
func (n *Network) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "network %s: T=%d reset=%s initial=%g", n.Name, n.Steps, n.Reset, n.Initial)
	if n.Firing != Plain {
		b.WriteString(" firing=" + string(n.Firing))
	}
	if n.Readout.Kind == FirstSpike || n.Readout.Delay > 0 {
		fmt.Fprintf(&b, " readout=%s from step %d", n.Readout.Kind, n.Readout.Delay)
	}
	b.WriteByte('\n')
	for i, p := range n.Populations {
		fmt.Fprintf(&b, "population %d %s %dx%dx%d %s", i, p.Name, p.Shape[0], p.Shape[1], p.Shape[2], p.Neuron)
		if p.Coding != nil {
			b.WriteString(" " + p.Coding.Name)
		}
		if p.Bias != nil {
			b.WriteString(" bias")
		}
		b.WriteByte('\n')
		for _, j := range n.Incoming(i) {
			b.WriteString("  " + n.Projections[j].String() + "\n")
		}
	}
	return b.String()
}

// String prints the projection on one line.
func (p *Projection) String() string {
	s := fmt.Sprintf("from %d: conv %dx%d stride %v pads %v%v", p.Source, p.Window.Kernel[0], p.Window.Kernel[1],
		p.Window.Stride, p.Window.PadBegin, p.Window.PadEnd)
	if p.Window.Dilation != [2]int{1, 1} {
		s += fmt.Sprintf(" dilation %v", p.Window.Dilation)
	}
	if p.Groups > 1 {
		s += fmt.Sprintf(" groups %d", p.Groups)
	}
	if p.Pool != nil {
		s += fmt.Sprintf(" over sums of %dx%d stride %v", p.Pool.Kernel[0], p.Pool.Kernel[1], p.Pool.Stride)
	}
	return s
}
