package simulate

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"spikec/models/equation"
	"spikec/models/network"
	"spikec/runtime/simulate/describe"
)

// group is a population, or a source of spikes.
type group struct {
	name    string
	n       int
	spiking network.Spiking
	p       *network.Population // nil: a source
	own     map[string]equation.Dimension
	first   string          // the first variable
	inner   map[string]bool // sub-expressions
	shared  map[string]bool // parameters that are one number for all neurons
	method  describe.Text
	lines   []*equation.Line
	spikes  int // so far
	event   bool
}

// addition is what a set of synapses adds to the equations of its target: variables, and a term of the sum that a parameter becomes.
type addition struct {
	onto, term string
	lines      []string
	multiplies bool // the term has a factor that is a variable
}

// merged returns a population with the bundled model that it names written out, and what the population says in its place.
func (b *builder) merged(p describe.Population) (describe.Population, bool) {
	if !p.Model.Given() {
		return p, true
	}
	m, err := describe.ModelOf(p.Model.Text)
	if err != nil {
		b.wrong(idEquation, p.Model, "", "%v", err)
		return p, false
	}
	m.Place(p.Model)
	out := m.Population
	out.Name, out.Line, out.N, out.Input, out.Dt, out.Linked, out.Events = p.Name, p.Line, p.N, p.Input, p.Dt, p.Linked, p.Events
	ok := true
	override := func(list []describe.Named) {
		for _, x := range list {
			k := slices.IndexFunc(out.Parameters, func(o describe.Named) bool { return o.Name == x.Name })
			if k < 0 && usedBy(list, x.Name) {
				out.Parameters = slices.Insert(slices.Clone(out.Parameters), 0, x)
				continue
			}
			if k < 0 {
				names := map[string]bool{}
				for _, o := range out.Parameters {
					names[o.Name] = true
				}
				hint, remedy := meant(x.Name, names)
				b.wrong(idReference, x.Text, remedy, "model %s has no parameter %s%s", p.Model.Text, x.Name, hint)
				ok = false
				continue
			}
			out.Parameters[k] = x
		}
	}
	if p.Regime.Given() {
		regime, there := m.Regime(p.Regime.Text)
		if !there {
			b.wrong(idReference, p.Regime, "regimes are "+strings.Join(m.Regimes, ", "), "model %s has no regime %s", p.Model.Text, p.Regime.Text)
			ok = false
		}
		override(regime)
	}
	override(p.Parameters)
	for _, x := range []struct{ from, to *describe.Text }{{&p.Reset, &out.Reset}, {&p.Refractory, &out.Refractory}, {&p.Method, &out.Method}} {
		if x.from.Given() {
			*x.to = *x.from
		}
	}
	if p.Threshold.Given() || p.Crossing.Given() {
		out.Threshold, out.Crossing = p.Threshold, p.Crossing
	}
	for _, x := range p.Init {
		out.Init = slices.DeleteFunc(out.Init, func(o describe.Named) bool { return o.Name == x.Name })
	}
	out.Init = append(slices.Clone(out.Init), p.Init...)
	out.Every = append(slices.Clone(out.Every), p.Every...)
	return out, ok
}

// usedBy reports whether one of some parameters uses a name: such a name helps to say what the others are.
func usedBy(list []describe.Named, name string) bool {
	return slices.ContainsFunc(list, func(x describe.Named) bool {
		e, err := equation.Parse(x.Text.Text)
		return err == nil && slices.Contains(e.Names(), name)
	})
}

// population builds one.
func (b *builder) population(raw describe.Population, additions []addition) {
	p, ok := raw, false
	if !raw.Wrong {
		p, ok = b.merged(raw)
	}
	g := &group{name: p.Name, n: p.N, own: map[string]equation.Dimension{}, inner: map[string]bool{}, shared: map[string]bool{}, method: p.Method}
	here := at(raw.Line, "populations."+raw.Name)
	if b.groups[g.name] = g; !ok {
		return
	}
	if !raw.Method.Given() && p.Method.Text == "exact" && slices.ContainsFunc(additions, func(a addition) bool { return a.multiplies }) {
		p.Method.Text = "exponential_euler" // conductances that change make the equation of a model one that method exact cannot take
		g.method = p.Method
	}
	b.order = append(b.order, g)
	before := b.found.Len()
	if p.Spikes != nil || p.Poisson != nil || p.Images != nil {
		if b.source(g, p); g.spiking == nil {
			b.standIn(g)
		}
		return
	}
	linked, every := b.links(g, p), b.ownStep(p)
	equations, places := b.equations(g, p)
	declared := map[string]string{} // parameters with their line
	for _, x := range p.Parameters {
		if line, ok := b.parameter(g, x); ok {
			equations, places = append(equations, line), append(places, x.Text)
		}
	}
	for i, line := range equations {
		if l, err := equation.ParseLine(line); err == nil && l.Kind == equation.Parameter {
			declared[l.Name] = equations[i]
		}
	}
	equations = b.withAdditions(g, equations, additions, declared, here)
	d := b.dimensions(g.own)
	b.lines(g, equations, places, d)
	desc := network.Description{N: p.N, Equations: equations, Threshold: p.Threshold.Text, Reset: text(p.Reset), Refractory: p.Refractory.Text, Method: p.Method.Text,
		Linked: linked, Every: every}
	if p.Crossing.Given() {
		desc.Threshold, desc.Rising = p.Crossing.Text, true
	}
	b.conditions(g, p, d)
	if b.found.Len() == before {
		b.made(g, p, raw, desc, here)
	}
	if g.p == nil {
		b.standIn(g)
	}
	if g.p != nil {
		b.events(g, p, d)
		b.start(g, p, d, here, before)
	}
}

// made makes the population of a group.
func (b *builder) made(g *group, p, raw describe.Population, desc network.Description, here describe.Text) {
	made, err := b.net.AddPopulation(desc)
	if err != nil {
		place, id := here, idEquation
		if strings.Contains(err.Error(), "method") {
			id = idMethod
			if p.Method.Given() && !raw.Model.Given() || raw.Method.Given() {
				place = p.Method
			}
		}
		remedy := ""
		if id == idMethod {
			remedy = methods
		}
		b.wrong(id, place, remedy, "%v", err)
		return
	}
	g.p, g.spiking = made, made
}

// standIn makes a population with the names of one that is wrong, or a source, so that what uses it can be checked. It is never run.
func (b *builder) standIn(g *group) {
	d := network.Description{N: g.n}
	for name := range g.targets() {
		d.Equations = append(d.Equations, name+" : 1")
	}
	made, err := b.net.AddPopulation(d)
	if err != nil {
		return
	}
	if g.spiking = made; len(g.lines) > 0 || len(g.own) > 0 {
		g.p = made
	}
}

// equations returns the lines of a population, and notes what they declare.
func (b *builder) equations(g *group, p describe.Population) (lines []string, places []describe.Text) {
	for _, t := range p.Equations.Lines() {
		l, err := equation.ParseLine(t.Text)
		if err != nil {
			b.wrong(idEquation, t, "write dx/dt = … : unit, x = … : unit, or x : unit", "%v", err)
			b.fails(nameOf(t.Text))
			continue
		}
		u, err := equation.ParseUnit(l.Unit)
		switch {
		case err != nil:
			b.wrong(idUnit, t, "give it a unit of this kind", "%v", err)
			b.fails(l.Name)
			continue
		case b.shadows(l.Name, t) || g.taken(b, l.Name, t):
			continue
		}
		for _, f := range l.Flags {
			if !slices.Contains([]string{"unless refractory", "shared", "constant", "constant over dt"}, f) {
				b.wrong(idEquation, t, "flags here are unless refractory, shared, constant", "the flag %q has no meaning here", f)
			}
		}
		g.own[l.Name] = u.Dimension
		g.lines = append(g.lines, l)
		if l.Kind == equation.Differential && g.first == "" {
			g.first = l.Name
		}
		if l.Kind == equation.Subexpression {
			g.inner[l.Name] = true
		}
		lines, places = append(lines, t.Text), append(places, t)
	}
	if g.first == "" && len(g.lines) > 0 {
		g.first = g.lines[0].Name
	}
	for name, d := range map[string]equation.Dimension{"i": {}, "N": {}, "lastspike": equation.Second} {
		g.own[name] = d
	}
	return lines, places
}

// nameOf is the name that a line which cannot be read seems to be about.
func nameOf(line string) string {
	if m := aboutName.FindStringSubmatch(line); m != nil {
		return m[1] + m[2]
	}
	return ""
}

var aboutName = regexp.MustCompile(`^\s*(?:d(\w+)\s*/|(\w+))`)

// shadows reports names that mean something in all populations; a parameter of the description may be hidden by a population's own name.
func (b *builder) shadows(name string, t describe.Text) bool {
	_, unit := equation.Units()[name]
	_, word := reserved[name]
	if unit || word || name == "i" || name == "j" || name == "N" || name == "lastspike" || strings.HasPrefix(name, "xi") {
		return b.taken(name, t)
	}
	return false
}

// taken reports, with an error, that a name of the population is defined already.
func (g *group) taken(b *builder, name string, t describe.Text) bool {
	if _, there := g.own[name]; there {
		b.wrong(idEquation, t, "choose another name", "%s is defined twice", name)
		b.fails(name)
		return true
	}
	return false
}

// parameter returns the line that declares a parameter of a population: one number for all, unless its value depends on the neuron.
func (b *builder) parameter(g *group, x describe.Named) (string, bool) {
	if b.shadows(x.Name, x.Text) || g.taken(b, x.Name, x.Text) {
		return "", false
	}
	e := b.parse(x.Text)
	if e == nil {
		b.fails(x.Name)
		return "", false
	}
	dim, ok := b.measure(x.Text, e, b.dimensions(g.own))
	if !ok {
		b.fails(x.Name)
		return "", false
	}
	g.own[x.Name] = dim
	flag := " (shared)"
	for _, name := range e.Names() { // what uses a number of each neuron is one itself
		if _, own := g.own[name]; own && name != "N" && !g.shared[name] {
			flag = ""
		}
	}
	if e.Calls("rand", "randn", "poisson") {
		flag = ""
	}
	g.shared[x.Name] = flag != ""
	return fmt.Sprintf("%s : %s%s", x.Name, dim.Expression(), flag), true
}

// withAdditions puts what synapses add into the equations: each parameter that they lead onto becomes a sum.
func (b *builder) withAdditions(g *group, equations []string, additions []addition, declared map[string]string, here describe.Text) []string {
	terms := map[string][]string{}
	for _, a := range additions {
		terms[a.onto] = append(terms[a.onto], a.term)
	}
	for _, name := range slices.Sorted(maps.Keys(terms)) {
		line, ok := declared[name]
		if !ok {
			continue // reported with the synapses
		}
		k := slices.Index(equations, line)
		dim := g.own[name]
		equations[k] = fmt.Sprintf("%s = %s_in + %s : %s", name, name, strings.Join(terms[name], " + "), dim.Expression())
		g.inner[name] = true
		equations = append(equations, fmt.Sprintf("%s_in : %s", name, dim.Expression()))
		g.own[name+"_in"] = dim
	}
	for _, a := range additions {
		for _, l := range a.lines {
			if parsed, err := equation.ParseLine(l); err == nil {
				u, _ := equation.ParseUnit(parsed.Unit)
				g.own[parsed.Name] = u.Dimension
			}
			equations = append(equations, l)
		}
	}
	// a sub-expression is read before what uses it
	slices.SortStableFunc(equations, func(x, y string) int { return rank(x) - rank(y) })
	return equations
}

// rank puts parameters and variables first and sub-expressions behind them; those keep their order among themselves.
func rank(line string) int {
	if l, err := equation.ParseLine(line); err == nil && l.Kind == equation.Subexpression {
		return 1
	}
	return 0
}

// lines checks the equations.
func (b *builder) lines(g *group, equations []string, places []describe.Text, d *equation.Dimensions) {
	noise := maps.Clone(d.Names)
	inner := map[string]*equation.Expression{}
	var variables []string
	for _, l := range g.lines {
		if l.Kind == equation.Differential {
			variables = append(variables, l.Name)
		}
		if l.Expression != nil {
			for _, n := range l.Expression.Names() {
				if n == "xi" || strings.HasPrefix(n, "xi_") {
					noise[n] = equation.Noise
				}
			}
		}
	}
	with := &equation.Dimensions{Names: noise, Functions: d.Functions}
	for k, l := range g.lines {
		switch l.Kind {
		case equation.Subexpression:
			if b.fits(places[k], l.Expression, d, l.Name, g.own[l.Name]) {
				if e, err := l.Expression.Inline(inner); err == nil {
					inner[l.Name] = e
				}
			}
		case equation.Differential:
			if !b.fits(places[k], l.Expression, with, "d"+l.Name+"/dt", g.own[l.Name].Per(equation.Second)) {
				continue
			}
			if g.method.Text != "exact" {
				continue
			}
			e, err := l.Expression.Inline(inner)
			if err != nil {
				continue
			}
			for _, n := range e.Names() {
				if n == "xi" || strings.HasPrefix(n, "xi_") {
					b.wrong(idMethod, places[k], "use method: euler, heun or milstein", "d%s/dt has noise, which method exact does not have", l.Name)
				}
			}
			if _, _, linear := e.Linear(variables); !linear {
				b.wrong(idMethod, places[k], "use method: rk4, euler or exponential_euler", "d%s/dt is not linear in %s, and method exact takes linear equations alone", l.Name, strings.Join(variables, ", "))
			}
		}
	}
}

// conditions checks threshold, reset and the refractory time.
func (b *builder) conditions(g *group, p describe.Population, d *equation.Dimensions) {
	for _, t := range []describe.Text{p.Threshold, p.Crossing} {
		if t.Given() {
			if e := b.parse(t); e != nil {
				b.fits(t, e, d, "a condition", equation.Dimension{})
			}
		}
	}
	b.statements(p.Reset, d, g.targets())
	if p.Refractory.Given() {
		if e := b.parse(p.Refractory); e != nil {
			if dim, ok := b.measure(p.Refractory, e, d); ok && dim != equation.Second && dim != (equation.Dimension{}) {
				b.wrong(idUnit, p.Refractory, "write a time such as 5*ms, or a condition", "the refractory time has %s, want the unit s", dim.Unit())
			} else if ok && dim != equation.Second && !strings.ContainsAny(p.Refractory.Text, "<>=") && !strings.Contains(p.Refractory.Text, "not ") && p.Refractory.Text != "0" {
				b.wrong(idUnit, p.Refractory, "write a time such as 5*ms, or a condition", "the refractory time has no unit, want s")
			}
		}
	}
}

// targets are the names that statements may set.
func (g *group) targets() map[string]equation.Dimension {
	out := map[string]equation.Dimension{}
	for name, dim := range g.own {
		if name != "i" && name != "N" && name != "lastspike" && !g.inner[name] {
			out[name] = dim
		}
	}
	return out
}

// start sets the values at the start, and what is done from step to step.
func (b *builder) start(g *group, p describe.Population, d *equation.Dimensions, here describe.Text, before int) {
	for _, list := range [][]describe.Named{p.Parameters, p.Init} {
		for _, x := range list {
			s := x.Text
			s.Text = x.Name + " = " + x.Text.Text
			if b.statements(s, d, g.targets()) && b.found.Len() == before {
				b.refused(x.Text, g.p.Set(s.Text))
			}
		}
	}
	for _, in := range p.Input {
		b.input(g, in, d, before)
	}
	for _, x := range p.Every {
		every, ok := b.number(describe.Text{Text: x.Name, Line: x.Line, Where: x.Where}, "the time", equation.Second)
		if ok && b.statements(x.Text, d, g.targets()) && b.found.Len() == before {
			b.refused(x.Text, g.p.Regularly(text(x.Text), every))
		}
	}
	if b.found.Len() > before || b.unsure {
		return
	}
	b.stable(g, here)
}

// largest is how much a variable may decay in a step, in its own time constants, before a method swings and grows.
var largest = map[string]float64{"euler": 2, "rk2": 2, "heun2": 2, "heun": 2, "milstein": 2, "rk4": 2.785}

// stable refuses steps with which the method grows where the equation decays.
func (b *builder) stable(g *group, here describe.Text) {
	limit, ok := largest[g.p.Method()]
	if !ok {
		return
	}
	name, rate := g.p.Fastest()
	dt := g.p.Step()
	if x := rate * dt; x > limit {
		place := here
		if b.d.Dt.Given() && dt == b.dt {
			place = b.d.Dt
		}
		b.wrong(idUnstable, place, fmt.Sprintf("use a step below %.3g ms, or method: exponential_euler or exact", 1e3*limit/rate),
			"a step of %.4g ms is unstable: %s of population %s decays with a time constant of %.3g ms, and method %s needs steps below %g of that",
			1e3*dt, name, g.name, 1e3/rate, g.p.Method(), limit)
	}
}
