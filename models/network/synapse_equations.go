package network

import (
	"errors"
	"fmt"
	"strings"

	"spikec/models/equation"
)

// touched is the variable that holds when the variables of a synapse that change between spikes were brought up to date.
const touched = "lastupdate"

// Equations gives the synapses equations, in lines as equation.ParseLine reads them; it is called once, before statements are set.
//
//	x : unit                           a variable of each synapse
//	x = expression : unit              a name for an expression
//	dx/dt = expression : unit          integrated in every step, after the populations, by a method of package ode
//	dx/dt = a*x + b : unit (event-driven)
//
// An event-driven variable is brought up to date when a spike of either side arrives, before its statements: with T since the spike before,
//
//	x = (x + b/a)·e^(a·T) − b/a
//
// which is exact where a, which may not be 0, and b do not change in between. They may not use variables of the two neurons, nor
// variables that equations change.
func (s *Synapses) Equations(texts []string, method string) error {
	if s.forward.do != nil || s.backward.do != nil || s.dynamics != nil || s.lazy != "" {
		return errors.New("equations of synapses come once, and before statements")
	}
	var continuous []string
	var events []*equation.Line
	for _, text := range texts {
		l, err := equation.ParseLine(text)
		if err != nil {
			return err
		}
		switch {
		case s.own[l.Name] || s.inner[l.Name] != nil:
			return fmt.Errorf("%s is defined twice", l.Name)
		case l.Kind == equation.Parameter:
			err = s.Declare(l.Name)
		case l.Kind == equation.Subexpression:
			if l.Expression, err = l.Expression.Inline(s.inner); err == nil {
				s.inner[l.Name] = l.Expression
			}
		case l.Has("event-driven"):
			events = append(events, l)
			err = s.Declare(l.Name)
		default:
			continuous = append(continuous, text)
			s.own[l.Name] = true
		}
		if err != nil {
			return err
		}
	}
	if err := s.integrate(continuous, method); err != nil {
		return err
	}
	return s.closed(events)
}

// integrate makes a system of equations of all synapses.
func (s *Synapses) integrate(texts []string, method string) error {
	if len(texts) == 0 || s.size == 0 {
		for _, text := range texts {
			if l, err := equation.ParseLine(text); err == nil {
				if err := s.Declare(l.Name); err != nil {
					return err
				}
			}
		}
		return nil
	}
	p := s.net.blank(s.size, s.values, 1)
	p.inner = s.inner
	for _, text := range texts { // makes the values of the ends that the equations use
		if l, err := equation.ParseLine(text); err == nil {
			e, err := l.Expression.Inline(s.inner)
			if err != nil {
				return err
			}
			s.scope(e.Names())
		}
	}
	if err := p.equations(texts); err != nil {
		return err
	}
	if s.size == 1 { // as in declare
		for i := range p.variables {
			p.variables[i].value.Index = []int32{0}
		}
	}
	s.dynamics = p
	return p.method(method)
}

// closed makes the statements of event-driven variables.
func (s *Synapses) closed(lines []*equation.Line) error {
	if len(lines) == 0 {
		return nil
	}
	changes := map[string]bool{}
	for _, l := range lines {
		changes[l.Name] = true
	}
	if s.dynamics != nil {
		for _, v := range s.dynamics.variables {
			changes[v.name] = true
		}
	}
	for _, l := range lines {
		e, err := l.Expression.Inline(s.inner)
		if err != nil {
			return err
		}
		factors, rest, ok := e.Linear([]string{l.Name})
		if !ok || factors[0].IsZero() {
			return fmt.Errorf("d%s/dt is event-driven, and has to be of the form a*%s + b", l.Name, l.Name)
		}
		for _, name := range append(factors[0].Names(), rest.Names()...) {
			if changes[name] || name == "t" || s.ofEnd(name) {
				return fmt.Errorf("d%s/dt is event-driven, and uses %s, which changes between spikes", l.Name, name)
			}
		}
		a := factors[0].Written()
		if rest.IsZero() {
			s.lazy += fmt.Sprintf("%s *= exp(%s*(t - %s))\n", l.Name, a, touched)
			continue
		}
		b := fmt.Sprintf("(%s)/(%s)", rest.Written(), a)
		s.lazy += fmt.Sprintf("%s = (%s + %s)*exp(%s*(t - %s)) - %s\n", l.Name, l.Name, b, a, touched, b)
	}
	s.lazy += touched + " = t"
	return s.Declare(touched)
}

// ofEnd reports whether a name is a variable of one of the two neurons.
func (s *Synapses) ofEnd(name string) bool {
	p, base, ok := s.target, "", false
	if base, ok = strings.CutSuffix(name, "_post"); !ok {
		p = population(s.source)
		if base, ok = strings.CutSuffix(name, "_pre"); !ok || p == nil {
			return false
		}
	}
	_, variable := p.frozen[base]
	return variable
}
