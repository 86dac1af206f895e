package simulate

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"spikec/models/equation"
	"spikec/runtime/simulate/describe"
	"spikec/runtime/simulate/figure"
)

// plotOf says how a kind of plot is made: which monitors it takes, and what it draws after the run.
type plotOf struct {
	monitors string // the kind of monitor that it is of; "" for none
	check    func(b *builder, p describe.Plot)
	draw     func(b *builder, p describe.Plot, o *Outcome, f *figure.Figure)
}

// drawings are the kinds of plots.
var drawings map[string]plotOf

func init() {
	drawings = map[string]plotOf{
		"raster":    {"spikes", nil, (*builder).raster},
		"trace":     {"state", (*builder).checkTrace, (*builder).trace},
		"rate":      {"rate", nil, (*builder).rate},
		"weights":   {"weights", nil, (*builder).weights},
		"histogram": {"weights", nil, (*builder).histogram},
		"intervals": {"spikes", nil, (*builder).intervals},
		"fI":        {"spikes", (*builder).checkCurve, (*builder).curve},
		"phase":     {"state", (*builder).checkPhase, (*builder).phase},
		"window":    {"", (*builder).checkSynapses, (*builder).window},
		"graph":     {"", (*builder).checkSynapses, (*builder).graph},
	}
}

// plots checks what the plots name.
func (b *builder) plots() {
	files := map[string]bool{}
	for _, p := range b.d.Plots {
		here := at(p.Line, p.Where)
		kind, ok := drawings[p.Kind]
		if !ok {
			b.wrong(idEngine, here, "use it with train", "a plot of kind %s shows a training, and there is none", p.Kind)
			continue
		}
		if len(p.Of) == 0 {
			b.wrong(idReference, here, "name what it shows", "shows nothing")
			continue
		}
		if kind.monitors != "" {
			for _, t := range p.Of {
				b.named(t, kind.monitors)
			}
		}
		if kind.check != nil {
			kind.check(b, p)
		}
		if name := fileName(p); files[name] {
			b.wrong(idReference, here, "add file, a name for it", "two plots have the file %s", name)
		} else {
			files[name] = true
		}
		if strings.ContainsAny(p.File.Text, "/\\.") || p.File.Text == "result" {
			b.wrong(idRange, p.File, "write a plain name without ending", "%q is no name of a file", p.File.Text)
		}
	}
}

// fileName is the name of a plot's files, without ending.
func fileName(p describe.Plot) string {
	if p.File.Given() {
		return p.File.Text
	}
	name := p.Kind
	for _, t := range p.Of {
		name += "_" + strings.NewReplacer(".", "_").Replace(t.Text)
	}
	return name
}

// named returns a monitor of a kind, or reports that it is not there.
func (b *builder) named(t describe.Text, kind string) *monitor {
	for _, m := range b.monitors {
		if m.name == t.Text && m.kind == kind {
			return m
		}
	}
	names := map[string]bool{}
	for _, m := range b.d.Monitors {
		if m.Kind == kind {
			names[m.Name] = true
		}
		if m.Name == t.Text && m.Kind == kind {
			return nil // what is wrong with it is said already
		}
	}
	hint, remedy := meant(t.Text, names)
	b.wrong(idReference, t, remedy, "there is no monitor of kind %s named %s%s", kind, t.Text, hint)
	return nil
}

// draw draws all plots.
func (b *builder) draw(o *Outcome) error {
	for _, p := range b.d.Plots {
		f := figure.Figure{Title: p.Title.Text, Width: p.Width, Height: p.Height}
		if f.Title == "" {
			f.Title = b.d.Title.Text
		}
		drawings[p.Kind].draw(b, p, o, &f)
		if p.XLabel.Given() {
			f.XLabel = p.XLabel.Text
		}
		if p.YLabel.Given() {
			f.YLabel = p.YLabel.Text
		}
		o.add(p, f)
	}
	return nil
}

// add adds a figure and says in the result where it is.
func (o *Outcome) add(p describe.Plot, f figure.Figure) {
	name := fileName(p)
	o.figures, o.names = append(o.figures, f), append(o.names, name)
	o.Result.Plots = append(o.Result.Plots, Plot{p.Kind, f.Title, f.Description, name + ".svg", name + ".png"})
}

// times returns times in ms.
func inMS(list []float64) []float64 {
	out := make([]float64, len(list))
	for k, t := range list {
		out[k] = milli(t)
	}
	return out
}

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
	f.Description = fmt.Sprintf("Raster of %d spikes of %d neurons in %.6g ms: a mark a spike, time to the right, the number of the neuron upwards.", total, base, 1e3*b.duration)
}

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

// mostMarks bounds the upright lines at spikes.
const mostMarks = 200

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
	f.Description = fmt.Sprintf("%s over %.6g ms, %d lines.", strings.Join(labels, ", "), 1e3*b.duration, lines)
	if lo, hi, ok := extent(f.Series); ok {
		f.Description += fmt.Sprintf(" Values lie between %.4g and %.4g.", lo, hi)
	}
}

// withUnit is a label with its unit.
func withUnit(name, unit string) string {
	if unit == "" {
		return name
	}
	return fmt.Sprintf("%s (%s)", name, unit)
}

// extent is the least and the largest value of some series.
func extent(list []figure.Series) (lo, hi float64, ok bool) {
	for _, s := range list {
		for _, y := range s.Y {
			if !math.IsNaN(y) && (!ok || y < lo) {
				lo = y
			}
			if !math.IsNaN(y) && (!ok || y > hi) {
				hi = y
			}
			ok = ok || !math.IsNaN(y)
		}
	}
	return lo, hi, ok
}

// column returns one recorded element over time.
func (m *monitor) column(k int, factor float64) []float64 {
	out := make([]float64, len(m.times))
	for r := range out {
		out[r] = m.values[r*len(m.elements)+k] * factor
	}
	return out
}

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

// checkSynapses checks the name of synapses.
func (b *builder) checkSynapses(p describe.Plot) {
	y := b.connected(p.Of[0])
	if p.Kind == "window" && y != nil && y.rule == "" {
		b.wrong(idReference, p.Of[0], "add plasticity to them", "synapses %s do not learn", y.name)
	}
}

// connected returns synapses by their name.
func (b *builder) connected(t describe.Text) *synapses {
	names := map[string]bool{}
	for _, s := range b.d.Synapses {
		names[s.Name] = true
	}
	for _, y := range b.synapses {
		if y.name == t.Text {
			return y
		}
	}
	if !names[t.Text] {
		hint, remedy := meant(t.Text, names)
		b.wrong(idReference, t, remedy, "there are no synapses %s%s", t.Text, hint)
	}
	return nil
}

// mostEdges bounds the lines of a graph.
const mostEdges = 3000

// graph shows neurons on a circle, those of another population on an outer one, and their connections.
func (b *builder) graph(p describe.Plot, o *Outcome, f *figure.Figure) {
	y := b.connected(p.Of[0])
	place := func(k, n int, r float64) (float64, float64) {
		a := 2 * math.Pi * float64(k) / float64(n)
		return r * math.Sin(a), r * math.Cos(a)
	}
	outer := 1.0
	if y.from != y.to {
		outer = 1.6
	}
	every := max(1, (y.s.Size()+mostEdges-1)/mostEdges)
	lines := figure.Series{Color: 6, Wide: 0.3}
	for k := 0; k < y.s.Size(); k += every {
		q := y.s.Ends(k)
		x1, y1 := place(q.I, y.from.n, outer)
		x2, y2 := place(q.J, y.to.n, 1)
		lines.X, lines.Y = append(lines.X, x1, x2, math.NaN()), append(lines.Y, y1, y2, math.NaN())
	}
	f.Series = append(f.Series, lines)
	for k, g := range []*group{y.to, y.from} {
		if k == 1 && y.from == y.to {
			break
		}
		dots := figure.Series{Name: g.name, Style: figure.Dots, Color: 2 * k}
		for n := range g.n {
			x, z := place(n, g.n, []float64{1, outer}[k])
			dots.X, dots.Y = append(dots.X, x), append(dots.Y, z)
		}
		f.Series = append(f.Series, dots)
	}
	f.Bare = true
	f.Height = f.Width
	f.Description = fmt.Sprintf("%d connections from %d neurons of %s to %d neurons of %s, neurons on circles.", y.s.Size(), y.from.n, y.from.name, y.to.n, y.to.name)
	if every > 1 {
		f.Description += fmt.Sprintf(" Every %dth is drawn.", every)
	}
}

// checkPhase checks the two monitors of a phase plane.
func (b *builder) checkPhase(p describe.Plot) {
	if len(p.Of) != 2 {
		b.wrong(idReference, at(p.Line, p.Where), "write phase: [MONITOR, MONITOR]", "a phase plane is of two monitors of states, not %d", len(p.Of))
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
	s := &equation.Scope{Values: map[string]*equation.Value{}, Functions: b.net.Functions(), Uniform: b.draws.Uniform, Normal: b.draws.Normal}
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
