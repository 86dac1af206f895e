package chip

import (
	"fmt"
	"slices"
)

// Capabilities is what conversion may use of a chip.
type Capabilities struct {
	// ConstantInput: the host's drive of the first layer can be added at every step, as a current or as a bias of at
	// least 12 bits.
	ConstantInput bool
	// SpikeInput: the host can send spikes to the chip, of pixels one by one. A chip with no input lines has none.
	SpikeInput bool
	// ResetModes are subtract, zero or value; the first is the default.
	ResetModes []string
	// Bias: neurons add a constant at every step.
	Bias bool
	// Driven: the host can add a current of the picture to that constant, or to the membrane.
	Driven bool
	// InitialV: membranes can be preset.
	InitialV bool
	// ReadPotential: membranes, or accumulators that do not fire, can be read at the end of a picture.
	ReadPotential bool
	// SignedMembranes: membranes go below zero, so that what arrived can be read from them.
	SignedMembranes bool
	// PerNeuronThreshold: each neuron has a threshold of its own.
	PerNeuronThreshold bool
	// NativeConv and NativePool: shared kernels and sum pooling need no unrolling.
	NativeConv, NativePool bool
	// Latency is the number of steps from a spike to its effect; MaxDelay the largest delay beyond it.
	Latency, MaxDelay int
	// Firing is how neurons turn membranes into spikes: FiringPlain, FiringSigned or FiringStaged.
	Firing string
	// Accumulators: the outputs are accumulators: they send no spikes, and the host reads them at the end of a picture alone.
	Accumulators bool
	// SignedWeights: one source can excite one neuron and inhibit another.
	SignedWeights bool
}

// Staggered reports whether the windows of layers follow each other, as spikes arrive later than in the step in which their
// neuron took in its own: a spike then reaches the next layer only.
func (c *Capabilities) Staggered() bool { return c.Latency > 0 || c.Firing == FiringStaged }

// Kinds of firing.
const (
	// FiringPlain: a neuron integrates in every step, and fires where its membrane reaches the threshold.
	FiringPlain = ""
	// FiringSigned: as plain, and a neuron that has sent more positive spikes than negative ones sends a negative one where
	// its membrane is below zero.
	FiringSigned = "signed"
	// FiringStaged: a neuron integrates in the first T steps of its window, and fires in the T steps behind.
	FiringStaged = "staged"
)

// firing returns the kind of firing. That a profile has both a second stage and negative spikes is refused where it is
// built for.
func (p *Profile) firing() string {
	switch {
	case p.Execution.StageCount() == 2:
		return FiringStaged
	case p.Lower.Kind == "spike":
		return FiringSigned
	}
	return FiringPlain
}

// minDriveBits is the width from which a bias can carry a first layer's drive: 8-bit pixels with a sign and a few
// bits of resolution.
const minDriveBits = 12

// Capabilities returns what conversion may use of the chip.
func (p *Profile) Capabilities() Capabilities {
	ticked := p.Bias.Kind != "none" && p.Bias.When == "tick"
	wide := (p.Bias.Kind == "add" || p.Bias.Kind == "current") && ticked && p.Bias.Bits != nil && *p.Bias.Bits >= minDriveBits
	return Capabilities{
		ConstantInput:      p.Execution.Input.Kind == "current" || wide,
		SpikeInput:         p.Capacity.Inputs == nil || *p.Capacity.Inputs > 0,
		ResetModes:         slices.Clone(p.Reset.Modes),
		Bias:               ticked,
		Driven:             p.Execution.Input.Kind == "current" || ticked && (p.Bias.Kind == "add" || p.Bias.Kind == "current"),
		InitialV:           p.Initial.V,
		ReadPotential:      p.Readout.Potential || p.State.O != nil,
		SignedMembranes:    p.State.V == nil || p.State.V.Min < 0,
		PerNeuronThreshold: p.Threshold.Scope == "neuron",
		NativeConv:         p.Layers.Conv != nil,
		NativePool:         p.Layers.Pool != nil && p.Layers.Pool.Kind == "sum",
		Latency:            p.Execution.Latency,
		MaxDelay:           p.Delay.Max,
		Firing:             p.firing(),
		Accumulators:       p.Execution.LayersIn() == LayersRecurrent,
		SignedWeights:      p.Weight.Sign != "sign_per_source" && p.Weight.Sign != "none",
	}
}

// WeightBits returns how many bits a weight of a network may have: those of a stored weight. Where the type of an axon chooses
// among the few weights of a neuron, each stands for one bit, and a source has an axon for each.
func (p *Profile) WeightBits() int {
	if p.Weight.Select != nil && p.Weight.Distinct != nil {
		return min(p.Weight.Bits, *p.Weight.Distinct)
	}
	return p.Weight.Bits
}

// WeightLevels returns the usable weights if no more than so many of the WeightBits are used; 0 bits mean all
// of them. They are the multiples of step from min to max:
//
//	twos, mixed_even        ±(2^(bits−1) − 1)·step, so that every weight has its negative
//	unsigned, a receptor    ±(2^bits − 1)·step: the sign chooses the receptor
//	sign a source           0..(2^bits − 1)·step
//
// both cut to the chip's own range.
func (p *Profile) WeightLevels(bits int) (lo, hi, step int32, err error) {
	w := &p.Weight
	if bits == 0 {
		bits = p.WeightBits()
	}
	signed := w.Sign == "twos" || w.Sign == "mixed_even" || w.Sign == "none"
	least := 1
	if signed {
		least = 2
	}
	if bits < least || bits > p.WeightBits() {
		return 0, 0, 0, fmt.Errorf("chip: weights of %d bits: %s allows %d..%d", bits, p.ID, least, p.WeightBits())
	}
	if signed {
		n := (int64(1)<<(bits-1) - 1) * int64(w.Step)
		return int32(max(-n, int64(w.Min))), int32(min(n, int64(w.Max))), w.Step, nil
	}
	n := (int64(1)<<bits - 1) * int64(w.Step)
	lo = w.Min
	if w.Sign == "unsigned_per_receptor" {
		lo = int32(max(-n, int64(w.Min)))
	}
	return lo, int32(min(n, int64(w.Max))), w.Step, nil
}
