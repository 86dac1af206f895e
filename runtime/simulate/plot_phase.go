package simulate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"spikec/models/equation"
	"spikec/runtime/simulate/describe"
	"spikec/runtime/simulate/figure"
)

// checkPhase checks the two monitors of a phase plane.
func (b *builder) checkPhase(p describe.Plot) {
	if len(p.Of) != 2 {
		b.wrong(idReference, at(p.Line, p.Where), "write phase: [MONITOR, MONITOR]", "a phase plane is of two monitors of states, not %d", len(p.Of))
	}
	for _, t := range p.Of {
		if slices.ContainsFunc(b.monitors, func(m *monitor) bool { return m.name == t.Text && m.kind == "state" && m.group == nil }) {
			b.wrong(idReference, t, "name monitors of a population", "%s is of synapses, and a phase plane of the variables of neurons", t.Text)
		}
	}
	for _, t := range []describe.Text{p.Values["x_range"], p.Values["y_range"]} {
		if t.Given() {
			if _, _, ok := b.ends2(t); !ok {
				b.wrong(idRange, t, "write FIRST, LAST, such as -80*mV, 40*mV", "%q is no range", t.Text)
			}
		}
	}
}

// ends2 reads "first, last".
func (b *builder) ends2(t describe.Text) (lo, hi float64, ok bool) {
	parts := splitArguments(t.Text)
	if len(parts) != 2 {
		return 0, 0, false
	}
	var v [2]float64
	for k, s := range parts {
		e := b.parse(describe.Text{Text: s, Line: t.Line, Where: t.Where})
		if e == nil {
			return 0, 0, false
		}
		if v[k], _, ok = b.constant(t, e); !ok {
			return 0, 0, false
		}
	}
	return v[0], v[1], v[0] < v[1]
}

// phase shows one variable against another, and where the derivatives of the two are 0.
func (b *builder) phase(p describe.Plot, o *Outcome, f *figure.Figure) {
	mx, my := b.named(p.Of[0], "state"), b.named(p.Of[1], "state")
	fx, ux := shown(mx.unit)
	fy, uy := shown(my.unit)
	_, nx, _ := strings.Cut(mx.of, ".")
	_, ny, _ := strings.Cut(my.of, ".")
	f.XLabel, f.YLabel = withUnit(nx, ux), withUnit(ny, uy)
	n := min(len(mx.times), len(my.times))
	x, y := mx.column(0, fx)[:n], my.column(0, fy)[:n]
	f.Series = []figure.Series{{Name: "trajectory", X: x, Y: y}}
	f.Description = fmt.Sprintf("%s against %s, %d points.", ny, nx, n)
	if t := p.Values["nullclines"]; t.Text != "true" || n == 0 || mx.group != my.group {
		return
	}
	box := [4]float64{slices.Min(x) / fx, slices.Max(x) / fx, slices.Min(y) / fy, slices.Max(y) / fy}
	for k, name := range []string{"x_range", "y_range"} {
		if t, ok := p.Values[name]; ok {
			if lo, hi, ok := b.ends2(t); ok {
				box[2*k], box[2*k+1] = lo, hi
			}
		}
	}
	f.XRange, f.YRange = [2]float64{box[0] * fx, box[1] * fx}, [2]float64{box[2] * fy, box[3] * fy}
	for k, name := range []string{nx, ny} {
		zx, zy := b.nullcline(mx.group, name, nx, ny, box)
		s := figure.Series{Name: "d" + name + "/dt = 0", Style: figure.Dots, Color: k + 1}
		for i := range zx {
			s.X, s.Y = append(s.X, zx[i]*fx), append(s.Y, zy[i]*fy)
		}
		f.Series = append(f.Series, s)
	}
	f.Description += " Dots show where the derivative of one of the two is 0."
}

// nullcline returns points at which the derivative of a variable changes its sign, on a grid, with the parameters of neuron 0 as they
// are at the end.
func (b *builder) nullcline(g *group, variable, nx, ny string, box [4]float64) (x, y []float64) {
	inner := map[string]*equation.Expression{}
	var derivative *equation.Expression
	for _, l := range g.lines {
		if l.Kind == equation.Subexpression {
			if e, err := l.Expression.Inline(inner); err == nil {
				inner[l.Name] = e
			}
		}
	}
	for _, l := range g.lines {
		if l.Kind == equation.Differential && l.Name == variable {
			derivative, _ = l.Expression.Inline(inner)
		}
	}
	if derivative == nil {
		return nil, nil
	}
	s := &equation.Scope{Values: map[string]*equation.Value{}, Functions: b.net.Functions(), Uniform: b.draws.Uniform, Normals: b.draws.Normals}
	for name, v := range b.values {
		s.Values[name] = &equation.Value{Data: []float64{v}}
	}
	s.Values["t"] = &equation.Value{Data: []float64{b.duration}}
	for name := range maps.Keys(g.own) {
		if v, err := g.p.Values(name); err == nil {
			s.Values[name] = &equation.Value{Data: []float64{v[0]}}
		}
	}
	for _, name := range derivative.Names() {
		if name == "xi" || strings.HasPrefix(name, "xi_") {
			s.Values[name] = &equation.Value{Data: []float64{0}}
		}
	}
	const grid = 240
	across := func(k int) float64 { return box[0] + (box[1]-box[0])*float64(k)/grid }
	up := func(k int) float64 { return box[2] + (box[3]-box[2])*float64(k)/grid }
	var ys []float64
	for k := range grid + 1 {
		ys = append(ys, up(k))
	}
	here := &equation.Value{Data: []float64{0}}
	s.Values[nx], s.Values[ny] = here, &equation.Value{Data: ys}
	p, err := derivative.Compile(s)
	if err != nil {
		return nil, nil
	}
	var before []float64
	for i := range grid + 1 {
		here.Data[0] = across(i)
		now := slices.Clone(p.Eval(len(ys), nil))
		for j := range now {
			if j > 0 && now[j-1]*now[j] <= 0 && now[j] != now[j-1] {
				x, y = append(x, across(i)), append(y, up(j-1)+(up(j)-up(j-1))*now[j-1]/(now[j-1]-now[j]))
			}
			if before != nil && before[j]*now[j] <= 0 && now[j] != before[j] {
				x, y = append(x, across(i-1)+(across(i)-across(i-1))*before[j]/(before[j]-now[j])), append(y, up(j))
			}
		}
		before = now
	}
	return x, y
}
