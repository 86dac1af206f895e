package nir

import (
	"cmp"
	"math"
	"slices"

	"spikec/internal/hdf5"
	"spikec/models/snn"
)

// integrators and firing are the kinds of neurons: those whose membrane is the output, and those that fire.
var (
	integrators = []string{kindI, kindLI, kindCubaLI}
	firing      = []string{kindIF, kindLIF, kindCubaLIF}
)

// width is the largest number of values that a parameter has: that of neurons of which nothing else says it.
func (n *node) width() int {
	most := 1
	for _, v := range n.values {
		most = max(most, len(reals(v)))
	}
	return most
}

// neurons makes a population. One that is refused is made all the same, so that what lies behind it is looked at.
func (r *reader) neurons(n *node, s state) (state, bool) {
	p := snn.Population{Name: cmp.Or(text(n.meta[metaName]), n.name), Shape: s.shape, Neuron: snn.IF}
	if gain, ok := r.normal(n, s); ok && !r.multiply(n, &s, gain) {
		return s, false
	}
	if !n.fires() {
		p.Neuron = snn.Integrator
		if len(n.out) != 1 || n.out[0].kind != kindOutput {
			r.refuse(n, "put neurons that fire between them", "sends its membrane to others than the output, which no spike can carry")
		}
		if most, ok := real(n.meta[metaRange]); ok && most > 0 && !math.IsInf(most, 0) {
			p.Range = most
		}
	}
	p.Scale = reals(n.meta[metaScale])
	number, ok := r.population(n, p, s)
	return from(number, s.shape, s.rank), ok
}

// normal returns what the weights of each channel are to be multiplied by so that the threshold is 1. All that is wrong is
// reported.
func (r *reader) normal(n *node, s state) ([]float64, bool) {
	r.perpetual(n)
	gain, fine := r.channels(n, "r", s)
	threshold := []float64{1}
	if n.fires() {
		var ok bool
		threshold, ok = r.channels(n, "v_threshold", s)
		fine = fine && ok
		fine = r.zero(n, s, "v_reset", "shift thresholds so that neurons reset to 0") && fine
	}
	if n.kind != kindI && n.kind != kindIF {
		more, ok := r.leakless(n, s)
		fine = r.zero(n, s, "v_leak", "shift thresholds so that neurons leak to 0") && ok && fine
		for c := range min(len(gain), len(more)) {
			gain[c] *= more[c]
		}
	}
	if !fine {
		return nil, false
	}
	perStep := n.kind == kindIF
	for c := range gain {
		perStep = perStep && math.Abs(gain[c]*step-1) < 1e-6
	}
	for c := range gain {
		threshold := threshold[c%len(threshold)]
		if threshold <= 0 || gain[c] <= 0 {
			return nil, r.refuse(n, "both above 0", "threshold %g and resistance %g of channel %d", threshold, gain[c], c)
		}
		if gain[c] /= threshold; perStep {
			gain[c] = 1 / threshold
		}
	}
	if perStep {
		r.found.Infof(idTaken, n.name, "resistances of 1/dt with dt = %g s are taken as 1 for a step", step)
	}
	return gain, true
}

// leak is the name of the time constant of the membrane: another one where a synaptic current has one too.
func (n *node) leak() string {
	if n.kind == kindCubaLIF || n.kind == kindCubaLI {
		return "tau_mem"
	}
	return "tau"
}

// perpetual replaces an infinite time constant with an infinite resistance, the limit that snnTorch writes of r = τ/dt for neurons
// with β = 1, by finite ones that are the same neuron.
func (r *reader) perpetual(n *node) {
	key := n.leak()
	all := func(key string) bool {
		d := reals(n.values[key])
		return len(d) > 0 && !slices.ContainsFunc(d, func(x float64) bool { return !math.IsInf(x, 1) })
	}
	if all(key) && all("r") {
		n.values[key] = hdf5.Value{Data: []float64{forever}}
		n.values["r"] = hdf5.Value{Data: []float64{forever / step}}
		r.found.Infof(idTaken, n.name, "infinite %s and r are taken as a neuron that keeps what it has, and r as %s/dt: what arrives counts as it is", key, key)
	}
}

// zero refuses a potential that is there and not 0.
func (r *reader) zero(n *node, s state, key, remedy string) bool {
	if _, there := n.values[key]; !there {
		return true
	}
	all, ok := r.channels(n, key, s)
	for _, x := range all {
		if x != 0 {
			return r.refuse(n, remedy, "%s of %g, which is not 0", key, x)
		}
	}
	return ok
}

// leakless returns the gain of a LIF, LI, CubaLIF or CubaLI that is an integrate-and-fire neuron in steps of dt = step: whose
// membrane keeps what it has (1 − dt/τ is 1 in 32 bits), and whose current is that of the step (τ of the synapse is dt). The gain is
// dt/τ, times w_in.
func (r *reader) leakless(n *node, s state) ([]float64, bool) {
	key, fine := n.leak(), true
	if key == "tau_mem" {
		synapse, ok := r.channels(n, "tau_syn", s)
		fine = ok
		for _, tau := range synapse {
			if math.Abs(tau/step-1) > 1e-6 {
				fine = r.refuse(n, "train neurons without synaptic current, IF or LIF", "its current lasts for tau_syn = %g s, and rates are counted of neurons that forget it after the step, %g s", tau, step)
				break
			}
		}
	}
	gain, ok := r.channels(n, key, s)
	in := []float64{1}
	if _, there := n.values["w_in"]; there {
		var there bool
		in, there = r.channels(n, "w_in", s)
		ok = ok && there
	}
	if !ok {
		return nil, false
	}
	for c, tau := range gain {
		if tau <= 0 || float32(1-step/tau) != 1 {
			return nil, r.refuse(n, "train IF neurons, or LIF with β = 1", "leaks, with %s = %g s: networks of rates are built of neurons that keep what they have", key, tau)
		}
		gain[c] = step / tau * in[c%len(in)]
	}
	return gain, fine
}
