package snn

import (
	"fmt"
	"math"

	"spikec/emulator/kernel"
)

// Firing is how the neurons of a network turn membranes into spikes. All kinds of one network are the same.
type Firing string

const (
	// Plain neurons integrate in every step, and fire where the membrane reaches the threshold.
	Plain Firing = ""
	// Signed neurons, as plain ones, and they take back what they fired too early: where the membrane is below 0 and a
	// neuron has sent more positive spikes than negative ones, it sends a spike of −1, which brings the weights of its
	// synapses with their signs changed, and adds the threshold to its membrane.
	// Source: Li, Ma and Furber, Front. Neurosci. 16:918793 (2022); Wang, Zhang, Chen and Qu, IJCAI 2022.
	Signed Firing = "signed"
	// Staged neurons integrate for all T steps of their sources, without firing, and then fire for T steps, at most once a
	// step, while the next layer integrates. From a membrane of half a threshold a neuron fires
	// clip(⌊(Σ + θ/2)/θ⌋, 0, T) times, where Σ is the sum of what arrived: a rectifier of T+1 levels.
	Staged Firing = "staged"
)

// check refuses firing that does not exist, or whose neurons do not reset by subtraction.
func (f Firing) check(reset Reset) error {
	switch f {
	case Plain:
		return nil
	case Signed, Staged:
		if reset == Subtract {
			return nil
		}
		return fmt.Errorf("snn: %s neurons reset by subtraction, not by %q", f, reset)
	}
	return fmt.Errorf("snn: no neurons fire %q: want %s, %s or nothing", string(f), Signed, Staged)
}

// Planes returns of how many signs spikes are.
func (f Firing) Planes() int {
	if f == Signed {
		return 2
	}
	return 1
}

// stages returns how many times a population takes T steps.
func (f Firing) stages() int {
	if f == Staged {
		return 2
	}
	return 1
}

// signedReal holds signed neurons with threshold 1 in float32, or integrators, which never fire.
type signedReal struct {
	*real
	signed kernel.SignedReal
	count  []int32 // positive minus negative spikes
}

// newSignedReal lets neurons take spikes back.
func newSignedReal(r *real) *signedReal {
	return &signedReal{real: r, signed: kernel.SignedReal{Threshold: r.fire.Threshold}, count: make([]int32, len(r.v))}
}

// Begin forgets all spikes.
func (r *signedReal) Begin(drive, base []float32) {
	clear(r.count)
	r.real.Begin(drive, base)
}

// Step is:
//
//	v += sum
//	if v >= 1 { spike of +1; v -= 1; count++ } else if v < 0 && count > 0 { spike of −1; v += 1; count-- }
func (r *signedReal) Step(b *Block[float32]) {
	f := &r.signed
	f.V, f.Count, f.Words, f.Steps = r.v[b.First:], r.count[b.First:], b.Words, b.Steps
	f.Sums, f.SumStride = b.Sums, b.SumStride
	f.Spikes, f.Negative, f.SpikeStride = b.Spikes, b.Negative, b.SpikeStride
	f.Run()
}

// stagedReal holds staged neurons with threshold 1 in float32, or integrators, which never fire.
type stagedReal struct {
	*real
	fires kernel.FireReal // the second stage
	none  []uint64        // the spikes of the first stage
	rest  []float32       // the sums of the second stage
}

// newStagedReal gives neurons two stages.
func newStagedReal(r *real) *stagedReal {
	s := &stagedReal{real: r, fires: r.fire, none: make([]uint64, len(r.v)/WordBits), rest: make([]float32, len(r.v))}
	r.fire.Threshold = float32(math.Inf(1))
	return s
}

// Step is v += sum in the first stage, and in the second one: if v >= 1 { fire; v -= 1 }
func (s *stagedReal) Step(b *Block[float32]) {
	c := *b
	if b.Spikes == nil {
		c.Spikes, c.SpikeStride = s.none, 0
		s.step(&s.fire, &c)
		return
	}
	c.Sums, c.SumStride = s.rest, 0
	s.step(&s.fires, &c)
}
