package network

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"math/bits"
	"slices"
	"strings"

	"spikec/internal/elementwise"
	"spikec/internal/ode"
	"spikec/models/equation"
)

// Description is what defines a population.
type Description struct {
	N int
	// Equations are lines as equation.ParseLine reads them. The flag "unless refractory" holds a variable while the neuron is refractory,
	// "shared" makes a parameter one number for all neurons. Other flags mean nothing here.
	Equations []string
	Threshold string // a condition; "": nobody spikes
	Rising    bool   // a spike is where the condition becomes true, not where it is
	Reset     string // statements
	// Refractory is a time, or a condition under which a neuron that has spiked stays refractory; "": there is no such time.
	Refractory string
	// Method is a method of package ode; "" stands for exact where the equations are linear and have no noise, for heun where a factor of
	// noise depends on the state, else for euler.
	Method string
	// Every is of how many steps of the network a step of the population is made; 0: one. Its state is updated and its thresholds are
	// tested in steps whose number Every divides, and dt in its expressions is its own.
	Every int
	// Linked are names for values of other populations.
	Linked map[string]Link
}

// Population is a group of neurons with the same equations.
type Population struct {
	N      int
	Spikes []int // who spiked in this step, ascending

	net        *Network
	dt         float64 // s
	every      int     // steps of the network
	readOnly   map[string]bool
	events     []*Event
	values     map[string]*equation.Value
	inner      map[string]*equation.Expression // sub-expressions, with those that they use written out
	variables  []variable
	state      []float64 // variable by variable
	threshold  *equation.Program
	rising     bool
	above      []bool // the condition was true in the step before; nil: there was none
	which      []int32
	words      []uint64 // memory for a bit a neuron
	reset      []*action
	refractory *equation.Program
	condition  bool // refractory is a condition
	ready      []bool
	resting    []int32         // who is refractory
	rested     float64         // the refractory time of all in the step before
	last       *equation.Value // time of the last spike
	frozen     map[string]bool
	stepper    ode.Stepper
	named      string   // the method
	noises     []string // the symbols of noise, in the order of their draws
	dw, drawn  []float64
	// multiplicative: the factor of a noise depends on the state.
	multiplicative bool
}

// variable is a state variable: dx/dt = drift + diffusion·ξ; and drift = Σ factors·variables + rest where that form exists.
type variable struct {
	name      string
	value     *equation.Value
	drift     *equation.Program
	diffusion *equation.Program // nil: without noise
	noise     int               // which symbol
	factors   []*equation.Program
	rest      *equation.Program
	own       *equation.Program // drift = own·x + others
	others    *equation.Program
	frozen    bool
}

// action is a prepared statement.
type action struct {
	equation.Statement
	target  *equation.Value
	program *equation.Program
}

// Bounds of a network.
const (
	MostNeurons   = 1 << 20 // of a population
	MostVariables = 32      // of an equation set
)

// never is the time of the last spike of a neuron that has not spiked.
const never = -1e4

// AddPopulation adds a population.
func (n *Network) AddPopulation(d Description) (*Population, error) {
	if d.N < 1 || d.N > MostNeurons || len(d.Equations) > MostVariables {
		return nil, fmt.Errorf("%d neurons with %d equations: at most %d and %d", d.N, len(d.Equations), MostNeurons, MostVariables)
	}
	p := n.system(d.N, map[string]*equation.Value{}, max(1, d.Every))
	p.last = &equation.Value{Data: slices.Repeat([]float64{never}, d.N)}
	index := make([]float64, d.N)
	for i := range index {
		index[i] = float64(i)
	}
	p.values["i"] = &equation.Value{Data: index}
	p.values["N"] = &equation.Value{Data: []float64{float64(d.N)}}
	p.values["lastspike"] = p.last
	if p.every > 1 {
		p.values["dt"] = &equation.Value{Data: []float64{p.dt}}
	}
	for name := range p.values {
		p.readOnly[name] = true
	}
	for name, l := range d.Linked {
		v, err := p.link(name, l)
		if err != nil {
			return nil, err
		}
		p.values[name], p.readOnly[name] = v, true
	}
	if err := p.equations(d.Equations); err != nil {
		return nil, err
	}
	p.rising = d.Rising && d.Threshold != ""
	if err := p.conditions(d, n.scope(p.values)); err != nil {
		return nil, err
	}
	if err := p.method(d.Method); err != nil {
		return nil, err
	}
	n.population = append(n.population, p)
	return p, nil
}

// system returns a population of so many elements without equations, whose expressions use some values.
func (n *Network) system(size int, values map[string]*equation.Value, every int) *Population {
	p := &Population{N: size, net: n, dt: float64(every) * n.Dt, every: every, values: values, ready: make([]bool, size), words: make([]uint64, (size+63)/64), frozen: map[string]bool{}, readOnly: map[string]bool{}}
	for k := range p.ready {
		p.ready[k] = true
	}
	return p
}

// due reports whether the population takes a step in this step of the network.
func (p *Population) due() bool { return p.every == 1 || p.net.step%p.every == 0 }

// equations reads equations and makes the memory of their variables.
func (p *Population) equations(texts []string) error {
	lines, inner, err := p.read(texts)
	if err != nil {
		return err
	}
	var names []string
	for _, l := range lines {
		names = append(names, l.Name)
	}
	p.state = make([]float64, len(names)*p.N)
	for i, name := range names {
		p.values[name].Data = p.state[i*p.N : (i+1)*p.N]
	}
	p.inner = inner
	scope := p.net.scope(p.values)
	for _, l := range lines {
		if l.Expression, err = l.Expression.Inline(inner); err != nil {
			return err
		}
		v, err := p.prepare(l, names, scope)
		if err != nil {
			return err
		}
		p.variables = append(p.variables, v)
	}
	return nil
}

// read reads equations. It makes the values that they declare, without memory for variables, and returns the lines of variables and
// the sub-expressions, in which those that stand before them are written out.
func (p *Population) read(texts []string) (lines []*equation.Line, inner map[string]*equation.Expression, err error) {
	inner = map[string]*equation.Expression{}
	maps.Copy(inner, p.inner)
	for _, text := range texts {
		l, err := equation.ParseLine(text)
		if err != nil {
			return nil, nil, err
		}
		if p.values[l.Name] != nil || inner[l.Name] != nil {
			return nil, nil, fmt.Errorf("%s is defined twice", l.Name)
		}
		switch l.Kind {
		case equation.Subexpression:
			if inner[l.Name], err = l.Expression.Inline(inner); err != nil {
				return nil, nil, err
			}
		case equation.Parameter:
			size := p.N
			if l.Has("shared") {
				size = 1
			}
			p.values[l.Name] = &equation.Value{Data: make([]float64, size)}
		case equation.Differential:
			lines = append(lines, l)
			p.values[l.Name] = &equation.Value{}
			p.frozen[l.Name] = l.Has("unless refractory")
		}
	}
	return lines, inner, nil
}

// compiled parses and compiles an expression.
func compiled(text string, s *equation.Scope, inner map[string]*equation.Expression) (*equation.Program, error) {
	e, err := equation.Parse(text)
	if err == nil {
		e, err = e.Inline(inner)
	}
	if err != nil {
		return nil, err
	}
	return e.Compile(s)
}

// noiseOf returns the symbols of noise in an expression: xi, and names that begin with xi_.
func noiseOf(e *equation.Expression) []string {
	return slices.DeleteFunc(e.Names(), func(s string) bool { return s != "xi" && !strings.HasPrefix(s, "xi_") })
}

// prepare compiles the forms of an equation that methods need.
func (p *Population) prepare(l *equation.Line, names []string, s *equation.Scope) (variable, error) {
	v := variable{name: l.Name, value: p.values[l.Name], frozen: p.frozen[l.Name]}
	symbols := noiseOf(l.Expression)
	if len(symbols) > 1 {
		return v, fmt.Errorf("d%s/dt has the noises %v: one at most", l.Name, symbols)
	}
	noise, drift, ok := l.Expression.Linear(symbols)
	if !ok {
		return v, fmt.Errorf("d%s/dt: %s must be multiplied with what does not use it", l.Name, symbols[0])
	}
	var err error
	compile := func(e *equation.Expression) *equation.Program {
		if err != nil {
			return nil
		}
		var c *equation.Program
		c, err = e.Compile(s)
		return c
	}
	v.drift = compile(drift)
	if len(symbols) > 0 && !noise[0].IsZero() {
		v.diffusion = compile(noise[0])
		p.multiplicative = p.multiplicative || slices.ContainsFunc(noise[0].Names(), func(n string) bool { return slices.Contains(names, n) })
		if v.noise = slices.Index(p.noises, symbols[0]); v.noise < 0 {
			v.noise = len(p.noises)
			p.noises = append(p.noises, symbols[0])
		}
	}
	if f, rest, ok := drift.Linear(names); ok {
		for _, e := range f {
			v.factors = append(v.factors, compile(e))
		}
		v.rest = compile(rest)
	}
	if f, rest, ok := drift.Linear([]string{l.Name}); ok {
		v.own, v.others = compile(f[0]), compile(rest)
	}
	return v, err
}

// conditions compiles threshold, reset and refractory.
func (p *Population) conditions(d Description, s *equation.Scope) (err error) {
	if d.Threshold != "" {
		if p.threshold, err = compiled(d.Threshold, s, p.inner); err != nil {
			return err
		}
	}
	if p.reset, err = p.actions(d.Reset); err != nil {
		return err
	}
	if d.Refractory != "" {
		p.condition = strings.ContainsAny(d.Refractory, "<>=") || strings.Contains(d.Refractory, "not ")
		if p.refractory, err = compiled(d.Refractory, s, p.inner); err != nil {
			return err
		}
	}
	return nil
}

// actions compiles statements of the population.
func (p *Population) actions(text string) ([]*action, error) {
	targets := maps.Clone(p.values)
	maps.DeleteFunc(targets, func(name string, _ *equation.Value) bool { return p.readOnly[name] })
	return actions(text, p.net.scope(p.values), targets, p.inner)
}

// actions compiles statements whose targets are among some values. What is shared can only be set to what is shared.
func actions(text string, s *equation.Scope, targets map[string]*equation.Value, inner map[string]*equation.Expression) ([]*action, error) {
	list, err := equation.ParseStatements(text)
	if err != nil {
		return nil, err
	}
	var out []*action
	for _, st := range list {
		target := targets[st.Target]
		if target == nil {
			return nil, fmt.Errorf("%s cannot be set", st.Target)
		}
		if st.Expression, err = st.Expression.Inline(inner); err != nil {
			return nil, err
		}
		c, err := st.Expression.Compile(s)
		if err != nil {
			return nil, err
		}
		if target.Shared() && !c.Single() && !c.Draws() {
			return nil, fmt.Errorf("%s is shared by all neurons and cannot be set to what each has for itself", st.Target)
		}
		out = append(out, &action{st, target, c})
	}
	return out, nil
}

// system is a population as a system of equations: its state is that of package ode, variable by variable.
type system struct{ p *Population }

// method prepares steps.
func (p *Population) method(name string) error {
	linear := !slices.ContainsFunc(p.variables, func(v variable) bool { return v.rest == nil })
	affine := !slices.ContainsFunc(p.variables, func(v variable) bool { return v.own == nil })
	noisy := len(p.noises) > 0
	if noisy && p.net.draws == nil {
		return errors.New("equations with noise need random numbers")
	}
	if name == "" {
		switch {
		case linear && !noisy:
			name = "exact"
		case p.multiplicative:
			name = "heun"
		default:
			name = "euler"
		}
	}
	p.named = name
	var s ode.System = system{p}
	switch {
	case name == "exact":
		if !linear || noisy {
			return errors.New("method exact needs linear equations without noise")
		}
		p.stepper = newExact(p)
		return nil
	case noisy:
		s = noisySystem{system{p}}
		p.dw, p.drawn = make([]float64, len(p.state)), make([]float64, p.N)
	case affine:
		s = affineSystem{system{p}}
	}
	var err error
	p.stepper, err = ode.New(name, s, p.dt)
	return err
}

// Dim is the number of all variables of all neurons.
func (s system) Dim() int { return len(s.p.state) }

// at lets the variables stand for another state while f runs.
func (p *Population) at(y []float64, f func()) {
	for i := range p.variables {
		p.variables[i].value.Data = y[i*p.N : (i+1)*p.N]
	}
	f()
	for i := range p.variables {
		p.variables[i].value.Data = p.state[i*p.N : (i+1)*p.N]
	}
}

// fill computes one program a variable; what is frozen does not change, and a program that is not there gives 0.
func (p *Population) fill(out []float64, program func(*variable) *equation.Program) {
	for i := range p.variables {
		v, part := &p.variables[i], out[i*p.N:(i+1)*p.N]
		c := program(v)
		if c == nil {
			clear(part)
			continue
		}
		spread(part, c.At(equation.All(p.N)))
		if v.frozen {
			for _, k := range p.resting {
				part[k] = 0
			}
		}
	}
}

// Derivative is that of the equations.
func (s system) Derivative(dy, y []float64) {
	s.p.at(y, func() { s.p.fill(dy, func(v *variable) *equation.Program { return v.drift }) })
}

// affineSystem is a system each of whose equations is linear in its own variable.
type affineSystem struct{ system }

// Coefficients are those of the equations.
func (s affineSystem) Coefficients(a, b, y []float64) {
	s.p.at(y, func() {
		s.p.fill(a, func(v *variable) *equation.Program { return v.own })
		s.p.fill(b, func(v *variable) *equation.Program { return v.others })
	})
}

// noisySystem is a system with noise.
type noisySystem struct{ system }

// Diffusion is the factor of ξ.
func (s noisySystem) Diffusion(g, y []float64) {
	s.p.at(y, func() { s.p.fill(g, func(v *variable) *equation.Program { return v.diffusion }) })
}

// Values returns the values of a variable or parameter, one a neuron. They are the population's own: what is written to them counts.
func (p *Population) Values(name string) ([]float64, error) {
	v := p.values[name]
	if v == nil {
		return nil, fmt.Errorf("nothing is named %s", name)
	}
	return v.Data, nil
}

// Set executes statements for all neurons at once.
func (p *Population) Set(statements string) error {
	list, err := p.actions(statements)
	if err == nil {
		p.execute(list, equation.All(p.N))
	}
	return err
}

// Regularly executes statements in the slot Start every so many s.
func (p *Population) Regularly(statements string, every float64) error {
	list, err := p.actions(statements)
	if err != nil {
		return err
	}
	steps := p.net.delaySteps(every)
	if steps < 1 {
		return fmt.Errorf("statements every %v s, with steps of %v s", every, p.net.Dt)
	}
	p.net.regular = append(p.net.regular, regular{func() { p.execute(list, equation.All(p.N)) }, steps})
	return nil
}

// execute executes statements for some neurons.
func (p *Population) execute(list []*action, s equation.Selection) {
	for _, a := range list {
		if a.target.Shared() {
			a.target.Data[0] = a.Apply(a.target.Data[0], a.program.At(equation.All(1))[0])
			continue
		}
		a.assign(s, nil)
	}
}

// assign executes a statement for some elements; those of held targets, if there are such, are left as they are.
func (a *action) assign(s equation.Selection, ready []bool) {
	values, step := a.program.At(s), 1
	if len(values) < s.Count {
		step = 0
	}
	data, index := a.target.Data, a.target.Index
	switch {
	case s.Count == 0:
		return
	case ready == nil && s.Which == nil && index == nil:
		a.direct(data[s.First:s.First+s.Count], values)
		return
	case s.Which == nil && index != nil && step == 1 && a.Operator == "+":
		scatter(data, index[s.First:s.First+s.Count], values, ready)
		return
	}
	for m := range s.Count {
		at := s.First + m
		if s.Which != nil {
			at = int(s.Which[m])
		}
		if index != nil {
			at = int(index[at])
		}
		if ready != nil && !ready[at] {
			continue
		}
		data[at] = a.Apply(data[at], values[m*step])
	}
}

// direct is assign for elements that follow each other: one value for each, or one for all.
func (a *action) direct(to, values []float64) {
	switch a.Operator {
	case "+":
		elementwise.Add(to, to, values)
	case "-":
		elementwise.Sub(to, to, values)
	case "*":
		elementwise.Mul(to, to, values)
	case "/":
		elementwise.Div(to, to, values)
	default:
		spread(to, values)
	}
}

// scatter adds each value to the element that its index names, unless that is held.
func scatter(to []float64, index []int32, values []float64, ready []bool) {
	values = values[:len(index)]
	if ready == nil {
		for m, at := range index {
			to[at] += values[m]
		}
		return
	}
	for m, at := range index {
		if ready[at] {
			to[at] += values[m]
		}
	}
}

// spread copies values, or one value to all places.
func spread(to, values []float64) {
	if len(values) == len(to) {
		copy(to, values)
		return
	}
	if values[0] == 0 && !math.Signbit(values[0]) {
		clear(to)
		return
	}
	for i := range to {
		to[i] = values[0]
	}
}

// update finds who is refractory and takes the state a step further. For each symbol of noise it draws one normal number a neuron,
// refractory or not; variables with the same symbol have the same noise.
func (p *Population) update() {
	if !p.due() {
		return
	}
	if p.rising && p.above == nil {
		p.above = make([]bool, p.N)
		p.crossed()
	}
	p.recover()
	for s := range p.noises {
		root := []float64{math.Sqrt(p.dt)}
		p.net.draws.Normals(p.drawn)
		elementwise.Mul(p.drawn, p.drawn, root)
		for i := range p.variables {
			if p.variables[i].noise == s {
				copy(p.dw[i*p.N:(i+1)*p.N], p.drawn)
			}
		}
	}
	if len(p.variables) > 0 {
		p.stepper.Step(p.state, p.dw)
	}
}

// crossed fills which with the neurons whose condition is true or, where that is asked for, has become true.
func (p *Population) crossed() {
	p.which = p.which[:0]
	values := p.threshold.At(equation.All(p.N))
	if len(values) == p.N && !p.rising {
		p.which = nonzero(p.which, values, p.words)
		return
	}
	for k := range p.N {
		above := values[min(k, len(values)-1)] != 0
		if above && (!p.rising || !p.above[k]) {
			p.which = append(p.which, int32(k))
		}
		if p.rising {
			p.above[k] = above
		}
	}
}

// nonzero appends the numbers of the values that are not 0. It uses memory for a bit a value.
func nonzero(to []int32, values []float64, words []uint64) []int32 {
	elementwise.NonZero(words, values)
	for w, word := range words[:(len(values)+63)/64] {
		for ; word != 0; word &= word - 1 {
			to = append(to, int32(64*w+bits.TrailingZeros64(word)))
		}
	}
	return to
}

// cross finds who spikes.
func (p *Population) cross() {
	p.Spikes, p.which = p.Spikes[:0], p.which[:0]
	if p.threshold == nil || !p.due() {
		return
	}
	p.crossed()
	p.which = slices.DeleteFunc(p.which, func(k int32) bool { return !p.ready[k] })
	for _, k := range p.which {
		p.Spikes = append(p.Spikes, int(k))
		p.last.Data[k] = p.net.time.Data[0]
	}
	p.rest()
}

// Finite reports whether all variables are numbers, or the first that is not and its neuron.
func (p *Population) Finite() (name string, neuron int, ok bool) {
	for i := range p.variables {
		for k, v := range p.state[i*p.N : (i+1)*p.N] {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return p.variables[i].name, k, false
			}
		}
	}
	return "", 0, true
}

func (p *Population) size() int { return p.N }

// Watch returns a function that computes an expression of the population's names for all neurons. Its result holds until the next call.
func (p *Population) Watch(expression string) (func() []float64, error) {
	c, err := compiled(expression, p.net.scope(p.values), p.inner)
	if err != nil {
		return nil, err
	}
	out := make([]float64, p.N)
	return func() []float64 {
		spread(out, c.At(equation.All(p.N)))
		return out
	}, nil
}

// Fastest returns the variable that decays fastest by itself as things are now, in 1/s, and its rate; 0: none decays. Variables whose
// equation is not linear in themselves do not count.
func (p *Population) Fastest() (name string, rate float64) {
	for _, v := range p.variables {
		if v.own == nil {
			continue
		}
		for _, a := range v.own.At(equation.All(p.N)) {
			if -a > rate {
				name, rate = v.name, -a
			}
		}
	}
	return name, rate
}

// Step is the step of the population, in s.
func (p *Population) Step() float64 { return p.dt }

// Method is the name of the method that takes the steps.
func (p *Population) Method() string { return p.named }

// Now is who spikes in this step, ascending.
func (p *Population) Now() []int { return p.Spikes }
