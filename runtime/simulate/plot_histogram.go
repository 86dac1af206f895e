package simulate

import (
	"fmt"
	"slices"

	"spikec/models/equation"
	"spikec/runtime/simulate/describe"
	"spikec/runtime/simulate/figure"
)

// bins counts values in equal bins between two ends.
func bins(values []float64, lo, hi float64, n int) (centres, counts []float64) {
	if !(hi > lo) {
		lo, hi = lo-0.5, lo+0.5
	}
	counts = make([]float64, n)
	for k := range n {
		centres = append(centres, lo+(float64(k)+0.5)*(hi-lo)/float64(n))
	}
	for _, v := range values {
		k := int((v - lo) / (hi - lo) * float64(n))
		counts[max(0, min(n-1, k))]++
	}
	return centres, counts
}

// bins returns how many bins a plot asks for.
func (b *builder) binsOf(p describe.Plot, otherwise int) int {
	if t, ok := p.Values["bins"]; ok {
		if v, ok := b.number(t, "bins", equation.Dimension{}); ok && v >= 1 && v <= 1000 {
			return int(v)
		}
	}
	return otherwise
}

// histogram shows weights at the start and at the end.
func (b *builder) histogram(p describe.Plot, o *Outcome, f *figure.Figure) {
	f.YLabel = "synapses"
	m := b.named(p.Of[0], "weights")
	factor, unit := shown(m.unit)
	f.XLabel = withUnit("weight", unit)
	row := func(r int) (out []float64) {
		for k := range m.elements {
			out = append(out, m.values[r*len(m.elements)+k]*factor)
		}
		return out
	}
	if len(m.times) == 0 || len(m.elements) == 0 {
		return
	}
	before, after := row(0), row(len(m.times)-1)
	all := append(slices.Clone(before), after...)
	lo, hi := slices.Min(all), slices.Max(all)
	n := b.binsOf(p, 20)
	x, first := bins(before, lo, hi, n)
	_, last := bins(after, lo, hi, n)
	f.Series = []figure.Series{{Name: "at the end", Style: figure.Bars, X: x, Y: last, Color: 6}, {Name: "at the start", X: x, Y: first, Color: 2}}
	f.Description = fmt.Sprintf("Histogram of %d weights: mean %.4g at the start, %.4g at the end.", len(before), spread(before).Mean, spread(after).Mean)
}
