package convert

import (
	"context"
	"slices"

	"spikec/internal/parallel"
	"spikec/models/snn"
)

// adoptImages is how many images a network that is adopted is measured on at most.
const adoptImages = 500

// measure presents some images, gives populations the second moments of what arrives at them, and returns the lowest and the
// highest membrane of the output after all steps.
func (a *adopter) measure(ctx context.Context, images Images) (least, most float64, err error) {
	net := *a.net
	net.Readout = snn.Readout{Kind: snn.Membrane}
	sim, err := snn.NewSimulator(&net, net.Steps)
	if err != nil {
		return 0, 0, err
	}
	n, jobs := min(images.N, adoptImages), parallel.Jobs(a.opt.Jobs)
	all := make([]*arrivals, len(net.Populations))
	for p := range net.Populations {
		all[p] = newArrivals(&net, p, n)
	}
	workers := make([]adoptWorker, jobs)
	lows, highs := make([]float64, n), make([]float64, n)
	err = parallel.For(ctx, n, jobs, func(k, i int) error {
		w := &workers[k]
		if w.loop == nil {
			w.begin(&net, sim)
		}
		images.Codes(i, w.chw)
		snn.ToHWC(w.hwc, w.chw, net.Populations[0].Shape)
		r, err := w.loop.Run(w.hwc, i, nil)
		if err != nil {
			return err
		}
		last := r.Potentials[len(r.Potentials)-1]
		lows[i], highs[i] = float64(slices.Min(last)), float64(slices.Max(last))
		for p := 1; p < net.Output(); p++ {
			w.loop.Counts(p, w.counts[p])
		}
		for _, of := range all {
			if of != nil {
				of.take(i, w.counts, w.order)
			}
		}
		return nil
	})
	if err != nil {
		return 0, 0, err
	}
	for i := range lows {
		least, most = min(least, lows[i]), max(most, highs[i])
	}
	for p, of := range all {
		if of == nil {
			continue
		}
		if a.net.Populations[p].Moments, err = of.moments(ctx, jobs); err != nil {
			return 0, 0, err
		}
	}
	return least, most, nil
}

// adoptWorker is the memory of one goroutine.
type adoptWorker struct {
	loop     *snn.Loop[float32]
	chw, hwc []float32
	counts   [][]int32 // by population
	order    []int     // room for the places of any map
}

// begin makes it.
func (w *adoptWorker) begin(net *snn.Network, sim *snn.Simulator) {
	size := net.Populations[0].Size()
	w.loop, w.chw, w.hwc = sim.NewLoop(), make([]float32, size), make([]float32, size)
	largest := 0
	for p := range net.Populations {
		n := net.Populations[p].Size()
		w.counts = append(w.counts, make([]int32, n))
		largest = max(largest, n)
	}
	w.order = make([]int, largest)
}
