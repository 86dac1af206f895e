package sample

import (
	"spikec/emulator"
	"spikec/models/snn"
)

// compare puts rates on the chip, of the counts in k and the answer r, beside the activations of the trained network on image i,
// where there is one.
func (w *worker) compare(i int, k *look, r *emulator.Result) {
	k.rates = make([]*Rates, len(w.membranes))
	if w.teacher == nil {
		return
	}
	w.Data.Inputs(i, w.teacher.Value(0))
	w.teacher.Continue(1, len(w.Conversion.Teacher.Nodes)-1)
	for _, l := range w.Conversion.Layers {
		pop := &w.Network.Populations[l.Population]
		rates := make([]float32, pop.Size())
		fires := pop.Neuron != snn.Integrator
		if fires {
			snn.Rates(rates, k.counts[l.Population], pop, w.Image.Steps)
		} else if l.Population == w.Integers.Output() {
			w.integrated(rates, l.Population, r)
		} else {
			continue // nothing of it leaves the chip
		}
		k.rates[l.Population] = pairs(fires, w.points(), w.teacher.Value(l.Node), rates)
	}
}

// integrated fills in what the membranes of the output stand for; its neurons are channels.
func (w *worker) integrated(rates []float32, population int, r *emulator.Result) {
	q := &w.Integers.Populations[population]
	last := len(r.Potentials) - 1
	for c, v := range r.Potentials[last] {
		rates[c] = float32(float64(v-q.Initial[c]) / (q.Unit[c] * float64(w.Image.Steps)))
	}
}

// points is how many pairs of a layer and an image are kept.
func (t *taker) points() int {
	return max(1, min(MaxPoints, MostPoints/len(t.Conversion.Layers))/MaxMeasured)
}

// pairs chooses so many pairs of one image, both lists in C,H,W order.
func pairs(fires bool, most int, activations, rates []float32) *Rates {
	p := &Rates{Fires: fires}
	var active []int
	for n, a := range activations {
		if fires {
			a = max(a, 0)
		}
		if a != 0 || rates[n] != 0 {
			active = append(active, n)
		}
	}
	p.Active = float64(len(active)) / float64(len(rates))
	for _, k := range even(len(active), most) {
		a := activations[active[k]]
		if fires {
			a = max(a, 0)
		}
		p.Activations, p.Rates = append(p.Activations, a), append(p.Rates, rates[active[k]])
	}
	return p
}

// joinRates puts the pairs of all images together; nil where a population has none.
func joinRates(looks []*look, population int) *Rates {
	var all *Rates
	for _, k := range looks {
		p := k.rates[population]
		if p == nil {
			return nil
		}
		if all == nil {
			all = &Rates{Fires: p.Fires, Activations: []float32{}, Rates: []float32{}}
		}
		all.Active += p.Active / float64(len(looks))
		all.Activations, all.Rates = append(all.Activations, p.Activations...), append(all.Rates, p.Rates...)
	}
	return all
}
