package convert

import (
	"math"
	"slices"

	"spikec/internal/diag"
	"spikec/models/snn"
)

// rangeMargin is by how much an output may leave what was measured.
const rangeMargin = 1.5

// reach says what the membranes of an output without neurons reach: as before says of its T, or as was measured. Where spikes
// are to be counted, the output gets neurons.
func (a *adopter) reach(before *snn.Network, least, most float64) {
	out := &a.net.Populations[a.net.Output()]
	if out.Neuron != snn.Integrator {
		return
	}
	switch {
	case a.opt.Readout.Kind != snn.Membrane:
		a.fires(out, most/float64(a.net.Steps))
	case out.Range > 0 && before.Steps > 0:
		out.Range *= float64(a.net.Steps) / float64(before.Steps)
	default:
		out.Range = rangeMargin * math.Max(most, -least)
	}
}

// fires makes an output that sums up currents one of neurons with a threshold.
func (a *adopter) fires(out *snn.Population, threshold float64) {
	if !(threshold > 0) {
		a.refuse(idOutputKind, out, "--readout membrane, or end the network in neurons", "sums up nothing above 0 on the calibration images, so that there is no threshold to count spikes with")
		return
	}
	out.Neuron, out.Range = snn.IF, 0
	for _, j := range a.net.Incoming(a.net.Output()) {
		q := &a.net.Projections[j]
		w := slices.Clone(q.Weight)
		for k := range w {
			w[k] = float32(float64(w[k]) / threshold)
		}
		q.Weight = w
	}
	bias := slices.Clone(out.Bias)
	for c := range bias {
		bias[c] /= threshold
	}
	out.Bias, out.Scale = bias, slices.Repeat([]float64{threshold}, out.Shape[0])
	a.found.Add(diag.Diagnostic{ID: idFires, Severity: diag.Info, Subject: out.Name, Value: threshold,
		Message: "its currents are given neurons, whose spikes are counted: the largest sum on the calibration images is one spike a step"})
}
