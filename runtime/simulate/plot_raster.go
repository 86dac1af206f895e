package simulate

import (
	"fmt"

	"spikec/internal/spelling"
	"spikec/runtime/simulate/describe"
	"spikec/runtime/simulate/figure"
)

// raster shows spikes; several monitors stand above each other.
func (b *builder) raster(p describe.Plot, o *Outcome, f *figure.Figure) {
	f.XLabel, f.YLabel, f.XRange = "time (ms)", "neuron", [2]float64{0, 1e3 * b.duration}
	base, total := 0, 0
	for k, t := range p.Of {
		m := b.named(t, "spikes")
		s := figure.Series{Style: figure.Dots, X: inMS(m.times), Color: k * 2}
		if m.group.n <= 60 {
			s.Style = figure.Strokes
		}
		if len(p.Of) > 1 {
			s.Name = m.of
		}
		for _, n := range m.neurons {
			s.Y = append(s.Y, float64(base+n))
		}
		f.Series = append(f.Series, s)
		base += m.group.n
		total += len(m.times)
	}
	f.YRange = [2]float64{-0.5, float64(base) - 0.5}
	if len(p.Of) > 1 { // room for the legend
		f.YRange[1] += 0.06 * float64(base*min(len(p.Of), 8))
	}
	f.Description = fmt.Sprintf("Raster of %s of %s in %.6g ms: a mark a spike, time to the right, the number of the neuron upwards.", spelling.Count(total, "spike"), spelling.Count(base, "neuron"), 1e3*b.duration)
}
