package network

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"spikec/internal/elementwise"
	"spikec/internal/ode"
	"spikec/models/equation"
)

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
