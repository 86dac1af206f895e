package simulate

import (
	"fmt"
	"math"
	"slices"

	"spikec/runtime/simulate/describe"
	"spikec/runtime/simulate/figure"
)

// intervals shows how long neurons wait between two spikes.
func (b *builder) intervals(p describe.Plot, o *Outcome, f *figure.Figure) {
	f.XLabel, f.YLabel = "interval (ms)", "count"
	m := b.named(p.Of[0], "spikes")
	last := map[int]float64{}
	var list []float64
	for k, t := range m.times {
		if before, ok := last[m.neurons[k]]; ok {
			list = append(list, milli(t-before))
		}
		last[m.neurons[k]] = t
	}
	f.Description = "Histogram of the intervals between the spikes of a neuron: there are none."
	if len(list) == 0 {
		return
	}
	x, y := bins(list, 0, slices.Max(list), b.binsOf(p, 30))
	f.Series = []figure.Series{{Style: figure.Bars, X: x, Y: y, Color: 1}}
	mean, squares := spread(list).Mean, 0.0
	for _, v := range list {
		squares += (v - mean) * (v - mean) / float64(len(list))
	}
	f.Description = fmt.Sprintf("Histogram of %d intervals between the spikes of a neuron: mean %.4g ms, coefficient of variation %.3f.", len(list), mean, math.Sqrt(squares)/mean)
}
