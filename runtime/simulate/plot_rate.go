package simulate

import (
	"fmt"

	"spikec/runtime/simulate/describe"
	"spikec/runtime/simulate/figure"
)

// rate shows rates over time.
func (b *builder) rate(p describe.Plot, o *Outcome, f *figure.Figure) {
	f.XLabel, f.YLabel, f.XRange = "time (ms)", "rate (Hz)", [2]float64{0, 1e3 * b.duration}
	for k, t := range p.Of {
		m := b.named(t, "rate")
		s := figure.Series{X: inMS(m.times), Y: m.values, Color: k}
		if len(p.Of) > 1 {
			s.Name = m.of
		}
		f.Series = append(f.Series, s)
	}
	_, hi, _ := extent(f.Series)
	f.Description = fmt.Sprintf("Rate of spikes over %.6g ms, at most %.4g Hz.", 1e3*b.duration, hi)
}
