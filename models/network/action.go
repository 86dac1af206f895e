package network

import (
	"fmt"
	"maps"
	"math"

	"spikec/internal/elementwise"
	"spikec/models/equation"
)

// action is a prepared statement.
type action struct {
	equation.Statement
	target  *equation.Value
	program *equation.Program
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
