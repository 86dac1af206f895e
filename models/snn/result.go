package snn

import "slices"

// Result is what a Loop reports of one picture.
type Result[N Number] struct {
	Steps              []int     // checkpoints: how many steps had passed, of the second stage where neurons are staged
	Counts             [][]int32 // at each checkpoint: spikes of each output neuron so far; negative ones are taken off
	Potentials         [][]N     // at each checkpoint: membrane of each output neuron
	Spikes             []int64   // of each population, over all steps, of either sign
	SynapticOperations int64     // weights added because a spike arrived
}

// Observer is told what a population did at a step: which neurons fired (H,W,C order; neuron n with a spike of −1 is −1−n),
// and the membranes after it. Of staged neurons, steps 0..T−1 are those of the first stage, T..2T−1 those of the second.
type Observer[N Number] func(population, t int, fired []int32, membranes []N)

// Checkpoints returns the steps after which the answer is read besides the last: powers of two from 2 on, and steps.
func Checkpoints(steps int) []int {
	var c []int
	for t := 2; t < steps; t *= 2 {
		c = append(c, t)
	}
	return append(c, steps)
}

// Checkpoints returns those of neurons that fire so: staged ones have an answer at the end only.
func (f Firing) Checkpoints(steps int) []int {
	if f == Staged {
		return []int{steps}
	}
	return Checkpoints(steps)
}

// Clone returns a copy of the result that the next Run does not touch.
func (r *Result[N]) Clone() *Result[N] {
	c := &Result[N]{Steps: r.Steps, Spikes: slices.Clone(r.Spikes), SynapticOperations: r.SynapticOperations}
	for i := range r.Counts {
		c.Counts = append(c.Counts, slices.Clone(r.Counts[i]))
		c.Potentials = append(c.Potentials, slices.Clone(r.Potentials[i]))
	}
	return c
}

// Decide returns the class that a read-out chooses. count: most spikes, ties to the higher membrane; membrane: the
// highest membrane; remaining ties to the lower class.
func Decide[N Number](readout string, counts []int32, potentials []N) int {
	best := 0
	for k := range counts {
		switch {
		case readout == "count" && counts[k] != counts[best]:
			if counts[k] > counts[best] {
				best = k
			}
		case potentials[k] > potentials[best]:
			best = k
		}
	}
	return best
}
