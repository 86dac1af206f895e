package simulate

import (
	"fmt"
	"strings"

	"spikec/models/equation"
	"spikec/runtime/simulate/describe"
	"spikec/runtime/simulate/figure"
)

// checkCurve checks what a curve is drawn against.
func (b *builder) checkCurve(p describe.Plot) {
	if x, ok := p.Values["x"]; ok {
		name, expression, _ := strings.Cut(x.Text, ".")
		g := b.groups[name]
		if g == nil || g.p == nil || expression == "" {
			b.wrong(idReference, x, "write POPULATION.PARAMETER", "%s is nothing that neurons have", x.Text)
			return
		}
		t := x
		t.Text = expression
		if e := b.parse(t); e != nil {
			b.measure(t, e, b.dimensions(g.own))
		}
	} else if b.d.Sweep == nil {
		b.wrong(idReference, at(p.Line, p.Where), "add x: POPULATION.PARAMETER, or a sweep", "a curve needs something to be drawn against")
	}
}

// curve shows rates against a parameter of the neurons, or against the parameter of a sweep.
func (b *builder) curve(p describe.Plot, o *Outcome, f *figure.Figure) {
	f.YLabel = "rate (Hz)"
	if s := o.Result.Sweep; s != nil {
		factor, unit := shown(b.names[s.Parameter])
		f.XLabel = withUnit(s.Parameter, unit)
		for k, t := range p.Of {
			m := b.named(t, "spikes")
			for _, r := range s.Rates {
				if r.Population != m.of {
					continue
				}
				line := figure.Series{Y: r.RateHz, Color: k}
				for _, v := range s.Values {
					line.X = append(line.X, v*factor)
				}
				if len(p.Of) > 1 {
					line.Name = m.of
				}
				f.Series = append(f.Series, line)
			}
		}
	} else {
		x := p.Values["x"]
		name, expression, _ := strings.Cut(x.Text, ".")
		g := b.groups[name]
		read, err := g.p.Watch(expression)
		if err != nil {
			return
		}
		e, _ := equation.Parse(expression)
		dim, _ := e.Dimension(b.dimensions(g.own))
		factor, unit := shown(dim)
		f.XLabel = withUnit(expression, unit)
		counts := make([]float64, g.n)
		for _, n := range b.named(p.Of[0], "spikes").neurons {
			if n < len(counts) {
				counts[n] += 1 / b.duration
			}
		}
		line := figure.Series{Y: counts}
		for _, v := range read() {
			line.X = append(line.X, v*factor)
		}
		f.Series = []figure.Series{line}
	}
	if _, hi, ok := extent(f.Series); ok {
		f.Description = fmt.Sprintf("Rate against %s: at most %.4g Hz.", f.XLabel, hi)
	}
}
