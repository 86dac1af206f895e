package convert

import (
	"context"
	"math"
	"slices"

	"spikec/internal/diag"
	"spikec/internal/parallel"
	"spikec/models/snn"
)

// adoptImages is how many images the range of an output is measured on at most.
const adoptImages = 500

// rangeMargin is by how much an output may leave what was measured.
const rangeMargin = 1.5

// reach finds what the membranes of an output without neurons reach: as the file of before says of its T, or measured. Where
// spikes are to be counted, the output gets neurons.
func (a *adopter) reach(ctx context.Context, before *snn.Network, images Images) error {
	out := &a.net.Populations[a.net.Output()]
	if out.Neuron != snn.Integrator {
		return nil
	}
	counts := a.opt.Readout.Kind != snn.Membrane
	if !counts && out.Range > 0 && before.Steps > 0 {
		out.Range *= float64(a.net.Steps) / float64(before.Steps)
		return nil
	}
	least, most, err := a.extremes(ctx, images)
	if err != nil {
		return err
	}
	out.Range = rangeMargin * math.Max(most, -least)
	if !counts {
		return nil
	}
	a.fires(out, most/float64(a.net.Steps))
	return nil
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

// extremes returns the lowest and the highest membrane of the output on some images, after all steps.
func (a *adopter) extremes(ctx context.Context, images Images) (least, most float64, err error) {
	net := *a.net
	net.Readout = snn.Readout{Kind: snn.Membrane}
	sim, err := snn.NewSimulator(&net, net.Steps)
	if err != nil {
		return 0, 0, err
	}
	n, jobs := min(images.N, adoptImages), parallel.Jobs(a.opt.Jobs)
	type worker struct {
		loop     *snn.Loop[float32]
		chw, hwc []float32
	}
	workers := make([]worker, jobs)
	lows, highs := make([]float64, n), make([]float64, n)
	err = parallel.For(ctx, n, jobs, func(k, i int) error {
		w := &workers[k]
		if w.loop == nil {
			size := net.Populations[0].Size()
			*w = worker{sim.NewLoop(), make([]float32, size), make([]float32, size)}
		}
		images.Codes(i, w.chw)
		snn.ToHWC(w.hwc, w.chw, net.Populations[0].Shape)
		r, err := w.loop.Run(w.hwc, i, nil)
		if err != nil {
			return err
		}
		last := r.Potentials[len(r.Potentials)-1]
		lows[i], highs[i] = float64(slices.Min(last)), float64(slices.Max(last))
		return nil
	})
	for i := range lows {
		least, most = min(least, lows[i]), max(most, highs[i])
	}
	return least, most, err
}
