package sample

import (
	"math"

	"spikec/models/snn"
	"spikec/quantize"
)

// membraneBins is how many bins membranes are counted in, and firing how many thresholds they reach to either side: a membrane
// beyond fires in every step.
const (
	membraneBins = 40
	firing       = 2
)

// membranes counts the membranes of some neurons of a population, in units of its thresholds, those before normalisation for
// an output that never fires.
type membranes struct {
	channels   int
	chosen     []bool    // neurons, H,W,C order
	unit       []float64 // weight units a threshold, by channel; nil where there is none
	low, width float64
}

// newMembranes chooses neurons of a population and its bins.
func newMembranes(q *quantize.Population, p *snn.Population) membranes {
	m := membranes{channels: p.Shape[0], chosen: make([]bool, p.Size())}
	if (p.Neuron != snn.IF && p.Neuron != snn.Integrator) || len(q.Unit) != p.Shape[0] || len(p.Scale) != p.Shape[0] {
		return m
	}
	for c := range q.Unit {
		m.unit = append(m.unit, q.Unit[c]*p.Scale[c])
	}
	for _, n := range even(p.Size(), maxMembranes) {
		m.chosen[n] = true
	}
	most := float64(firing)
	if p.Neuron == snn.Integrator && p.Range > 0 {
		most = p.Range
	}
	m.low, m.width = -most, 2*most/membraneBins
	return m
}

// bins returns empty bins.
func (m *membranes) bins() []int64 { return make([]int64, membraneBins) }

// reals counts the membranes of all neurons.
func (m *membranes) reals(bins []int64, v []float32) {
	if m.unit == nil {
		return
	}
	for n, chosen := range m.chosen {
		if chosen {
			bins[bin(float64(v[n]), m.low, m.width, len(bins))]++
		}
	}
}

// integers counts the membranes of a core's neurons; index says which of the population each is.
func (m *membranes) integers(bins []int64, index func(n int) int, v []int32) {
	if m.unit == nil {
		return
	}
	for n := range v {
		if k := index(n); m.chosen[k] {
			bins[bin(float64(v[n])/m.unit[k%m.channels], m.low, m.width, len(bins))]++
		}
	}
}

// bin returns the bin of a number; what is beyond the bins is in the first or last one.
func bin(x, low, width float64, bins int) int {
	b := math.Floor((x - low) / width)
	if !(b > 0) { // NaN too: there is none behind a simulation
		return 0
	}
	return int(min(b, float64(bins-1)))
}

// golden is the fractional part of the golden ratio: its multiples modulo 1 are nowhere dense, and no stride of channels or rows
// falls in with them.
const golden = 0.6180339887498949

// even returns most of the numbers 0..n-1, or all where there are fewer, spread evenly; not in order, and some may come twice.
func even(n, most int) []int {
	list := make([]int, 0, min(n, most))
	for k := range min(n, most) {
		if n <= most {
			list = append(list, k)
			continue
		}
		_, at := math.Modf((float64(k) + 0.5) * golden)
		list = append(list, min(int(at*float64(n)), n-1))
	}
	return list
}

// weights counts the weights of projection i, in weight units, before they were rounded and after.
func (t *taker) weights(i int) Weights {
	s, q := &t.Network.Projections[i], &t.Integers.Projections[i]
	pop := &t.Integers.Populations[q.Target]
	scale := t.Network.Populations[q.Target].Scale
	w := Weights{From: t.Integers.Populations[q.Source].Name, Host: q.Source == 0}
	shift := 1.0
	if w.Host {
		shift = float64(uint64(1) << pop.DriveShift)
	}
	fan := len(s.Weight) / pop.Shape[0]
	before := make([]float64, len(s.Weight))
	lo, hi := 0.0, 0.0
	for k, x := range s.Weight {
		o := k / fan
		before[k] = float64(x) * pop.Unit[o] * shift
		if len(scale) > 0 {
			before[k] *= scale[o]
		}
		rounded := float64(q.Weight[k])
		lo, hi = min(lo, rounded), max(hi, rounded)
	}
	// Bins are as wide as a whole number of units, so that each has as many integers.
	w.Width = math.Ceil((hi - lo + 1) / maxHistogram)
	n := int(math.Ceil((hi - lo + 1) / w.Width))
	w.Low, w.Before, w.After = lo-0.5, make([]int64, n), make([]int64, n)
	for k := range before {
		w.Before[bin(before[k], w.Low, w.Width, n)]++
		w.After[bin(float64(q.Weight[k]), w.Low, w.Width, n)]++
	}
	return w
}
