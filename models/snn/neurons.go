package snn

import (
	"math"

	"spikec/emulator/kernel"
)

// Neurons is the state of one population in a Loop, whose currents and membranes are of type N.
type Neurons[N Number] interface {
	// Begin starts a picture. drive is what the input contributes at every step (H,W,C order), nil where the population
	// has no projection from the input. It fills base, a number a neuron, with what the sums of every step start with.
	Begin(drive, base []N)
	// Step adds the sums of a block to the membranes, unless they are nil, and lets neurons fire and reset, unless Spikes is
	// nil: staged neurons do one after the other.
	Step(b *Block[N])
	// Membranes returns the membranes after the last step.
	Membranes() []N
}

// Block is what arrives at a stretch of a population in a block of steps, and what comes of it.
type Block[N Number] struct {
	First       int // neuron: a multiple of 64
	Words       int // of 64 neurons; those beyond the population's last one are to be computed, and ignored
	Steps       int
	Sums        []N      // of step t and neuron First+n: Sums[t*SumStride+n]
	SumStride   int      // 0 for the same sums at every step
	Spikes      []uint64 // of step t and neuron First+n: bit n mod 64 of Spikes[t*SpikeStride+n/64], to be written
	SpikeStride int
	Negative    []uint64 // as Spikes, for those of −1; nil where there are none
}

// WordBits is how many neurons share a word of spikes.
const WordBits = 64

// Words returns how many words the spikes of so many neurons take.
func Words(neurons int) int { return (neurons + WordBits - 1) / WordBits }

// real holds integrate-and-fire neurons (or integrators, which never fire) with threshold 1 in float32.
type real struct {
	size    int
	bias    []float32 // a channel, or nil
	fire    kernel.FireReal
	v       []float32 // whole words
	initial float32
}

// newRealNeurons returns the neurons of a population.
func newRealNeurons(p *Population, net *Network) Neurons[float32] {
	r := newReal(p, net)
	switch net.Firing {
	case Signed:
		return newSignedReal(r)
	case Staged:
		return newStagedReal(r)
	}
	return r
}

func newReal(p *Population, net *Network) *real {
	r := &real{size: p.Size(), v: make([]float32, Words(p.Size())*WordBits)}
	for _, b := range p.Bias {
		r.bias = append(r.bias, float32(b))
	}
	r.fire = kernel.FireReal{Threshold: 1, Zero: net.Reset == Zero}
	if p.Neuron == IF {
		r.initial = float32(net.Initial)
	} else {
		r.fire.Threshold = float32(math.Inf(1))
	}
	return r
}

// Begin sets all membranes to their initial value; base is bias + drive.
func (r *real) Begin(drive, base []float32) {
	for i := range r.v {
		r.v[i] = r.initial
	}
	if r.bias == nil {
		clear(base)
		copy(base, drive)
		return
	}
	for i := 0; i < len(base); i += len(r.bias) {
		copy(base[i:], r.bias)
	}
	for i, d := range drive {
		base[i] += d
	}
}

// Step is: v += sum; if v >= 1 { fire; v -= 1 or v = 0 }
func (r *real) Step(b *Block[float32]) { r.step(&r.fire, b) }

// step takes the neurons through a block of steps by a rule.
func (r *real) step(f *kernel.FireReal, b *Block[float32]) {
	f.V, f.Words, f.Steps = r.v[b.First:], b.Words, b.Steps
	f.Sums, f.SumStride, f.Spikes, f.SpikeStride = b.Sums, b.SumStride, b.Spikes, b.SpikeStride
	f.Run()
}

// Membranes returns the membranes.
func (r *real) Membranes() []float32 { return r.v[:r.size] }
