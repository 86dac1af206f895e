package simulate

import (
	"fmt"
	"slices"
	"strings"

	"spikec/internal/spelling"
	"spikec/runtime/simulate/describe"
	"spikec/runtime/simulate/figure"
)

// mostMarks bounds the upright lines at spikes.
const mostMarks = 200

// checkTrace checks the further values of a trace.
func (b *builder) checkTrace(p describe.Plot) {
	if t, ok := p.Values["spikes"]; ok {
		b.named(t, "spikes")
	}
	if t, ok := p.Values["threshold"]; ok {
		if e := b.parse(t); e != nil {
			b.constant(t, e)
		}
	}
}

// trace shows variables over time.
func (b *builder) trace(p describe.Plot, o *Outcome, f *figure.Figure) {
	f.XLabel, f.XRange = "time (ms)", [2]float64{0, 1e3 * b.duration}
	lines := 0
	var labels []string
	for _, t := range p.Of {
		m := b.named(t, "state")
		factor, unit := shown(m.unit)
		_, variable, _ := strings.Cut(m.of, ".")
		if label := withUnit(variable, unit); !slices.Contains(labels, label) {
			labels = append(labels, label)
		}
		for k, e := range m.elements {
			s := figure.Series{X: inMS(m.times), Y: m.column(k, factor), Color: lines}
			if len(m.elements) > 1 || len(p.Of) > 1 {
				s.Name = m.of
				if len(m.elements) > 1 {
					s.Name = fmt.Sprintf("%s %d", m.of, e)
				}
			}
			f.Series = append(f.Series, s)
			lines++
		}
		if v, ok := p.Values["threshold"]; ok && t == p.Of[0] {
			if x, _, ok := b.constant(v, b.parse(v)); ok {
				f.Marks = append(f.Marks, figure.Mark{At: x * factor})
			}
		}
	}
	f.YLabel = strings.Join(labels, ", ")
	if v, ok := p.Values["spikes"]; ok {
		for _, t := range b.named(v, "spikes").times {
			if len(f.Marks) < mostMarks {
				f.Marks = append(f.Marks, figure.Mark{At: milli(t), Vertical: true})
			}
		}
	}
	f.Description = fmt.Sprintf("%s over %.6g ms, %s.", strings.Join(labels, ", "), 1e3*b.duration, spelling.Count(lines, "line"))
	if lo, hi, ok := extent(f.Series); ok {
		f.Description += fmt.Sprintf(" Values lie between %.4g and %.4g.", lo, hi)
	}
}
