package image

import (
	"fmt"

	"spikec/internal/diag"
	"spikec/target/chip"
)

// emits reports whether a micro-operation sends spikes, or one inside it does.
func emits(op chip.MicroOp) bool {
	for _, inner := range op.Do {
		if emits(inner) {
			return true
		}
	}
	return op.Op == "emit"
}

// checkWeights compares the synapse memories of core i with what the chip computes and stores.
func (k *checker) checkWeights(i int) {
	w := &k.p.Weight
	least := w.Min
	if w.Sign == "sign_per_source" {
		least = -w.Max
		k.checkSigns(i)
	}
	for _, b := range k.img.Cores[i].Synapses {
		k.checkNative(i, b.Synapses)
		for _, v := range chipWeights(b.Synapses) {
			if limit := min(max(v, least), w.Max); v != limit {
				k.over(idWeightRange, i, -1, fmt.Sprintf("weight, want %d..%d", least, w.Max), int64(v), int64(limit), "--bits of at most the target's")
			}
			if w.Step > 1 && v%w.Step != 0 {
				k.over(idWeightStep, i, -1, fmt.Sprintf("weight, want a multiple of %d", w.Step), int64(v), int64(v-v%w.Step), "quantise for this target")
			}
		}
	}
}

// checkSigns reports axons of core i with weights of both signs.
func (k *checker) checkSigns(i int) {
	c := &k.img.Cores[i]
	signs := make([]struct{ negative, positive bool }, c.Axons())
	for _, b := range c.Synapses {
		for a := range b.Synapses.Axons() {
			s := &signs[b.FirstAxon+a]
			b.Synapses.Each(a, func(_ int, w int32) { s.negative, s.positive = s.negative || w < 0, s.positive || w > 0 })
		}
	}
	for a, s := range signs {
		if s.negative && s.positive {
			k.report(idRowSign, c.Population, i, 0, diag.Diagnostic{Message: fmt.Sprintf("core %d, axon %d: weights of both signs; on %s an axon has one", i, a, k.p.ID),
				Remedy: "one axon for the positive weights of a source, and one for the negative ones"})
			return
		}
	}
}

// chipWeights returns the weights that a memory stands for, each at least once.
func chipWeights(s Synapses) []int32 {
	if s.Kind() == "identity" {
		return []int32{1}
	}
	return storedWeights(s)
}

// checkNative reports convolutions and full matrices on chips that do not compute them as such.
func (k *checker) checkNative(i int, s Synapses) {
	l := &k.p.Layers
	conv, isConv := s.(*Conv2d)
	what := ""
	if isConv {
		what = NotNative(conv, l)
	}
	switch {
	case what != "":
	case s.Kind() == "typed" && k.p.Weight.Select == nil:
		what = "weights chosen by types of axons"
	case s.Kind() == "dense" && !l.Dense:
		what = "full matrices"
	default:
		return
	}
	k.report(idNative, k.img.Cores[i].Population, i, 0, diag.Diagnostic{
		Message: fmt.Sprintf("core %d: %s does not compute %s", i, k.p.ID, what), Remedy: "unroll the layer to single synapses"})
}
