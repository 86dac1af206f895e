package simulate

import (
	"maps"
	"slices"
	"strings"

	"spikec/internal/ode"
	"spikec/models/equation"
	"spikec/runtime/simulate/describe"
)

// synapticFlags are the flags that equations of synapses may have.
var synapticFlags = []string{"event-driven", "clock-driven", "constant", "constant over dt"}

// methods is the remedy for equations that a method does not take.
var methods = "methods are " + strings.Join(ode.Names(), ", ") + "; see docs/simulate.md for what each of them takes"

// synapticEquations checks the equations of synapses, and gives their variables the values that they start with.
func (b *builder) synapticEquations(y *synapses, d describe.Synapses, dims *equation.Dimensions) {
	before := b.found.Len()
	var lines []string
	var parsed []*equation.Line
	var places []describe.Text
	for _, t := range d.Equations.Lines() {
		l, err := equation.ParseLine(t.Text)
		if err != nil {
			b.wrong(idEquation, t, "write dx/dt = … : unit, x = … : unit, or x : unit", "%v", err)
			continue
		}
		u, err := equation.ParseUnit(l.Unit)
		if err != nil {
			b.wrong(idUnit, t, "give it a unit of this kind", "%v", err)
			continue
		}
		if _, own := y.own[l.Name]; own {
			b.wrong(idEquation, t, "choose another name", "%s is defined twice", l.Name)
			continue
		}
		if b.shadows(l.Name, t) {
			continue
		}
		for _, f := range l.Flags {
			if !slices.Contains(synapticFlags, f) {
				b.wrong(idEquation, t, "flags here are "+strings.Join(synapticFlags, ", "), "the flag %q has no meaning here", f)
			}
		}
		dims.Names[l.Name] = u.Dimension
		if l.Kind != equation.Subexpression {
			y.own[l.Name] = u.Dimension
		}
		lines, parsed, places = append(lines, t.Text), append(parsed, l), append(places, t)
	}
	for k, l := range parsed {
		switch l.Kind {
		case equation.Subexpression:
			b.fits(places[k], l.Expression, dims, l.Name, dims.Names[l.Name])
		case equation.Differential:
			with := &equation.Dimensions{Names: maps.Clone(dims.Names), Functions: dims.Functions}
			for _, n := range l.Expression.Names() {
				if n == "xi" || strings.HasPrefix(n, "xi_") {
					with.Names[n] = equation.Noise
				}
			}
			b.fits(places[k], l.Expression, with, "d"+l.Name+"/dt", dims.Names[l.Name].Per(equation.Second))
		}
	}
	if len(lines) > 0 && b.found.Len() == before {
		if err := y.s.Equations(lines, d.Method.Text); err != nil {
			remedy := methods
			if strings.Contains(err.Error(), "event-driven") {
				remedy = "leave (event-driven) away, and it is integrated in every step"
			}
			b.wrong(idMethod, d.Equations, remedy, "%v", err)
		}
	}
	for _, x := range d.Init {
		s := x.Text
		s.Text = x.Name + " = " + x.Text.Text
		if b.statements(s, dims, y.own) && b.found.Len() == before {
			b.refused(x.Text, y.s.Set(s.Text))
		}
	}
}
