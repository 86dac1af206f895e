package simulate

import (
	"fmt"

	"spikec/runtime/simulate/describe"
	"spikec/runtime/simulate/figure"
)

// weights shows weights over time.
func (b *builder) weights(p describe.Plot, o *Outcome, f *figure.Figure) {
	f.XLabel, f.XRange = "time (ms)", [2]float64{0, 1e3 * b.duration}
	for _, t := range p.Of {
		m := b.named(t, "weights")
		factor, unit := shown(m.unit)
		f.YLabel = withUnit("weight", unit)
		for k, e := range m.elements {
			s := figure.Series{X: inMS(m.times), Y: m.column(k, factor), Color: k, Wide: 0.7}
			if len(m.elements) <= 8 {
				s.Name = fmt.Sprintf("weight %d", e)
			}
			f.Series = append(f.Series, s)
		}
	}
	lo, hi, _ := extent(f.Series)
	f.Description = fmt.Sprintf("%d weights over %.6g ms, between %.4g and %.4g.", len(f.Series), 1e3*b.duration, lo, hi)
}
