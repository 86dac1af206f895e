package snn

import "slices"

// Result is what a Loop reports of one picture.
type Result[N Number] struct {
	Steps              []int     // checkpoints: how many steps had passed (Readout.Checkpoints), of the second stage where neurons are staged
	Counts             [][]int32 // at each checkpoint: spikes of each output neuron so far; negative ones are taken off
	Potentials         [][]N     // at each checkpoint: membrane of each output neuron
	Spikes             []int64   // of each population, over all steps, of either sign
	SynapticOperations int64     // weights added because a spike arrived
}

// Observer is told what a population did at a step: which neurons fired (H,W,C order; neuron n with a spike of −1 is −1−n),
// and the membranes after it. Of staged neurons, steps 0..T−1 are those of the first stage, T..2T−1 those of the second.
type Observer[N Number] func(population, t int, fired []int32, membranes []N)

// Clone returns a copy of the result that the next Run does not touch.
func (r *Result[N]) Clone() *Result[N] {
	c := &Result[N]{Steps: r.Steps, Spikes: slices.Clone(r.Spikes), SynapticOperations: r.SynapticOperations}
	for i := range r.Counts {
		c.Counts = append(c.Counts, slices.Clone(r.Counts[i]))
		c.Potentials = append(c.Potentials, slices.Clone(r.Potentials[i]))
	}
	return c
}
