package network

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"spikec/internal/ode"
	"spikec/models/equation"
)

// Description is what defines a population.
type Description struct {
	N         int
	Equations []string // see equation.ParseLine; the flag "unless refractory" holds a variable while the neuron is refractory
	Threshold string   // a condition; "": nobody spikes
	Reset     string   // statements
	// Refractory is a time, or a condition under which a neuron that has spiked stays refractory; "": there is no such time.
	Refractory string
	// Method is a method of package ode; "" stands for exact where the equations are linear and have no noise, else euler.
	Method string
}

// Population is a group of neurons with the same equations.
type Population struct {
	N      int
	Spikes []int // who spiked in this step, ascending

	net        *Network
	values     map[string]*equation.Value
	variables  []variable
	state      []float64 // variable by variable
	threshold  *equation.Program
	reset      []*action
	refractory *equation.Program
	condition  bool // refractory is a condition
	ready      []bool
	last       *equation.Value // time of the last spike
	frozen     map[string]bool
	stepper    ode.Stepper
	noisy      bool
	dw         []float64
}

// variable is a state variable: dx/dt = drift + diffusion·ξ; and drift = Σ factors·variables + rest where that form exists.
type variable struct {
	name      string
	value     *equation.Value
	drift     *equation.Program
	diffusion *equation.Program // nil: without noise
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
	p := &Population{N: d.N, net: n, values: map[string]*equation.Value{}, ready: make([]bool, d.N), last: &equation.Value{Data: slices.Repeat([]float64{never}, d.N)},
		frozen: map[string]bool{}}
	for i := range p.ready {
		p.ready[i] = true
	}
	index := make([]float64, d.N)
	for i := range index {
		index[i] = float64(i)
	}
	p.values["i"] = &equation.Value{Data: index}
	p.values["N"] = &equation.Value{Data: []float64{float64(d.N)}}
	p.values["lastspike"] = p.last
	var lines []*equation.Line
	var names []string
	for _, text := range d.Equations {
		l, err := equation.ParseLine(text)
		if err != nil {
			return nil, err
		}
		if p.values[l.Name] != nil {
			return nil, fmt.Errorf("%s is defined twice", l.Name)
		}
		switch l.Kind {
		case equation.Subexpression:
			return nil, fmt.Errorf("%s: sub-expressions are not supported", l.Name)
		case equation.Parameter:
			p.values[l.Name] = &equation.Value{Data: make([]float64, d.N)}
		case equation.Differential:
			names = append(names, l.Name)
			lines = append(lines, l)
			p.values[l.Name] = &equation.Value{}
			p.frozen[l.Name] = l.Has("unless refractory")
		}
	}
	p.state = make([]float64, len(names)*d.N)
	for i, name := range names {
		p.values[name].Data = p.state[i*d.N : (i+1)*d.N]
	}
	scope := n.scope(p.values)
	for _, l := range lines {
		v, err := p.prepare(l, names, scope)
		if err != nil {
			return nil, err
		}
		p.variables = append(p.variables, v)
	}
	if err := p.conditions(d, scope); err != nil {
		return nil, err
	}
	if err := p.method(d.Method); err != nil {
		return nil, err
	}
	n.population = append(n.population, p)
	return p, nil
}

// compiled parses and compiles an expression.
func compiled(text string, s *equation.Scope) (*equation.Program, error) {
	e, err := equation.Parse(text)
	if err != nil {
		return nil, err
	}
	return e.Compile(s)
}

// prepare compiles the forms of an equation that methods need.
func (p *Population) prepare(l *equation.Line, names []string, s *equation.Scope) (variable, error) {
	v := variable{name: l.Name, value: p.values[l.Name], frozen: p.frozen[l.Name]}
	noise, drift, ok := l.Expression.Linear([]string{"xi"})
	if !ok {
		return v, fmt.Errorf("d%s/dt: xi must be multiplied with what does not use it", l.Name)
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
	if !noise[0].IsZero() {
		v.diffusion = compile(noise[0])
		p.noisy = true
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
		if p.threshold, err = compiled(d.Threshold, s); err != nil {
			return err
		}
	}
	if p.reset, err = actions(d.Reset, s, p.values); err != nil {
		return err
	}
	if d.Refractory != "" {
		p.condition = strings.ContainsAny(d.Refractory, "<>=") || strings.Contains(d.Refractory, "not ")
		if p.refractory, err = compiled(d.Refractory, s); err != nil {
			return err
		}
	}
	return nil
}

// actions compiles statements whose targets are among some values.
func actions(text string, s *equation.Scope, targets map[string]*equation.Value) ([]*action, error) {
	list, err := equation.ParseStatements(text)
	if err != nil {
		return nil, err
	}
	var out []*action
	for _, st := range list {
		target := targets[st.Target]
		if target == nil || st.Target == "i" || st.Target == "N" || st.Target == "lastspike" {
			return nil, fmt.Errorf("%s cannot be set", st.Target)
		}
		c, err := st.Expression.Compile(s)
		if err != nil {
			return nil, err
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
	if p.noisy && p.net.draws == nil {
		return errors.New("equations with noise need random numbers")
	}
	if name == "" {
		name = "euler"
		if linear && !p.noisy {
			name = "exact"
		}
	}
	var s ode.System = system{p}
	switch {
	case name == "exact":
		if !linear || p.noisy {
			return errors.New("method exact needs linear equations without noise")
		}
		p.stepper = &exact{p: p}
		return nil
	case p.noisy:
		s = noisySystem{system{p}}
		p.dw = make([]float64, len(p.state))
	case affine:
		s = affineSystem{system{p}}
	}
	var err error
	p.stepper, err = ode.New(name, s, p.net.Dt)
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
		copy(part, c.Eval(p.N, nil))
		if v.frozen {
			for k, ready := range p.ready {
				if !ready {
					part[k] = 0
				}
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

// exact takes exact steps of linear equations, neuron by neuron; neurons with the same coefficients share what is computed from them.
type exact struct {
	p     *Population
	known map[string][2][][]float64
	keys  []byte
}

// mostKnown bounds how many sets of coefficients are remembered.
const mostKnown = 4096

// Step is y = P·y + Q·b of ode.Propagate.
func (e *exact) Step(y, _ []float64) {
	p, size := e.p, len(e.p.variables)
	a := make([][][]float64, size) // [row][column][neuron]
	b := make([][]float64, size)
	for i := range p.variables {
		v := &p.variables[i]
		for _, f := range v.factors {
			a[i] = append(a[i], slices.Clone(f.Eval(p.N, nil)))
		}
		b[i] = slices.Clone(v.rest.Eval(p.N, nil))
	}
	matrix, old := make([][]float64, size), make([]float64, size)
	for i := range matrix {
		matrix[i] = make([]float64, size)
	}
	for k := range p.N {
		for i := range size {
			for j := range size {
				matrix[i][j] = a[i][j][k]
			}
			if p.variables[i].frozen && !p.ready[k] {
				clear(matrix[i])
				b[i][k] = 0
			}
			old[i] = y[i*p.N+k]
		}
		m, ok := e.propagator(matrix)
		for i := range size {
			sum := math.NaN()
			if ok {
				sum = 0
				for j := range size {
					sum += float64(m[0][i][j]*old[j]) + float64(m[1][i][j]*b[j][k])
				}
			}
			y[i*p.N+k] = sum
		}
	}
}

// propagator returns P and Q; ok is false where the matrix is not finite.
func (e *exact) propagator(matrix [][]float64) (m [2][][]float64, ok bool) {
	e.keys = e.keys[:0]
	for _, row := range matrix {
		for _, v := range row {
			bits := math.Float64bits(v)
			for s := 0; s < 64; s += 8 {
				e.keys = append(e.keys, byte(bits>>s))
			}
		}
	}
	if m, ok := e.known[string(e.keys)]; ok {
		return m, true
	}
	p, q, err := ode.Propagate(matrix, e.p.net.Dt)
	if err != nil {
		return m, false
	}
	if len(e.known) >= mostKnown || e.known == nil {
		e.known = map[string][2][][]float64{}
	}
	m = [2][][]float64{p, q}
	e.known[string(e.keys)] = m
	return m, true
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
	list, err := actions(statements, p.net.scope(p.values), p.values)
	if err == nil {
		p.execute(list, nil, p.N)
	}
	return err
}

// Regularly executes statements in the slot Start every so many s.
func (p *Population) Regularly(statements string, every float64) error {
	list, err := actions(statements, p.net.scope(p.values), p.values)
	if err != nil {
		return err
	}
	steps := p.net.delaySteps(every)
	if steps < 1 {
		return fmt.Errorf("statements every %v s, with steps of %v s", every, p.net.Dt)
	}
	p.net.regular = append(p.net.regular, regular{p, steps, list})
	return nil
}

// execute executes statements for some neurons, for all where which is nil.
func (p *Population) execute(list []*action, which []int, count int) {
	for _, a := range list {
		for m, v := range a.program.Eval(count, which) {
			k := m
			if which != nil {
				k = which[m]
			}
			a.target.Data[k] = a.Apply(a.target.Data[k], v)
		}
	}
}

// update finds who is refractory and takes the state a step further. With noise it draws one normal number a neuron, refractory or not,
// and all variables of the neuron have the same noise.
func (p *Population) update() {
	if p.refractory != nil {
		t := p.net.time.Data[0]
		for k, r := range p.refractory.Eval(p.N, nil) {
			if p.condition {
				p.ready[k] = p.ready[k] || r == 0
			} else {
				p.ready[k] = p.net.steps(t-p.last.Data[k]) >= p.net.steps(r)
			}
		}
	}
	if p.noisy {
		root := math.Sqrt(p.net.Dt)
		for k := range p.N {
			dw := root * p.net.draws.Normal()
			for i := range p.variables {
				p.dw[i*p.N+k] = dw
			}
		}
	}
	if len(p.variables) > 0 {
		p.stepper.Step(p.state, p.dw)
	}
}

// cross finds who spikes.
func (p *Population) cross(step int) {
	p.Spikes = p.Spikes[:0]
	if p.threshold == nil {
		return
	}
	for k, v := range p.threshold.Eval(p.N, nil) {
		if v != 0 && p.ready[k] {
			p.Spikes = append(p.Spikes, k)
		}
	}
	for _, k := range p.Spikes {
		p.last.Data[k] = p.net.time.Data[0]
		if p.refractory != nil {
			p.ready[k] = false
		}
	}
}

func (p *Population) size() int      { return p.N }
func (p *Population) spiking() []int { return p.Spikes }
