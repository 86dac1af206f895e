package simulate

import (
	"fmt"

	"spikec/models/equation"
	"spikec/runtime/simulate/describe"
)

// additions returns what synapses that end in a population add to its equations, and the statement of a spike that arrives.
func (b *builder) additions(p describe.Population) []addition {
	var out []addition
	for _, s := range b.d.Synapses {
		if s.To.Text != p.Name || s.Kind.Wrong || s.Kind.Text != "exponential" && s.Kind.Text != "alpha" {
			continue
		}
		here := at(s.Line, "synapses."+s.Name)
		if !s.Tau.Given() || !s.Weight.Given() {
			b.wrong(idReference, here, "add tau, such as 5*ms, and weight", "kind %s needs a weight and a time constant", s.Kind.Text)
			continue
		}
		tau, ok := b.number(s.Tau, "tau", equation.Second)
		if !ok || !(tau > 0) {
			if ok {
				b.wrong(idRange, s.Tau, "write a time above 0", "a time constant of %v s", tau)
			}
			continue
		}
		merged, ok := b.merged(p)
		if !ok {
			continue
		}
		onto, first, dim := s.Onto.Text, "", equation.Dimension{}
		if onto == "" {
			onto = "I"
		}
		declared := false
		for _, t := range merged.Equations.Lines() {
			l, err := equation.ParseLine(t.Text)
			if err != nil {
				continue
			}
			if l.Kind == equation.Differential && first == "" {
				first = l.Name
			}
			if l.Name == onto && l.Kind == equation.Parameter {
				u, _ := equation.ParseUnit(l.Unit)
				declared, dim = true, u.Dimension
			}
		}
		if !declared {
			b.wrong(idReference, here, "name in onto a parameter of its equations, declared as x : unit", "population %s has no parameter %s for the current of synapses", p.Name, onto)
			continue
		}
		trace := s.Name + "_s"
		term, unit := trace, dim
		if s.Reversal.Given() {
			reversal, ok := b.number(s.Reversal, "reversal", b.unitOf(merged, first))
			if !ok {
				continue
			}
			unit = dim.Per(b.unitOf(merged, first))
			term = fmt.Sprintf("%s*(%v*%s - %s)", trace, reversal, b.unitOf(merged, first).Expression(), first)
		}
		a := addition{onto: onto, term: term, multiplies: s.Reversal.Given(), lines: []string{fmt.Sprintf("d%s/dt = -%s/(%v*second) : %v", trace, trace, tau, unit.Expression())}}
		if s.Kind.Text == "alpha" {
			a.lines = []string{fmt.Sprintf("d%s/dt = (%s_x - %s)/(%v*second) : %v", trace, s.Name, trace, tau, unit.Expression()),
				fmt.Sprintf("d%s_x/dt = -%s_x/(%v*second) : %v", s.Name, s.Name, tau, unit.Expression())}
		}
		out = append(out, a)
	}
	return out
}

// unitOf is the dimension of a variable that a population's equations declare.
func (b *builder) unitOf(p describe.Population, name string) equation.Dimension {
	for _, t := range p.Equations.Lines() {
		if l, err := equation.ParseLine(t.Text); err == nil && l.Name == name {
			if u, err := equation.ParseUnit(l.Unit); err == nil {
				return u.Dimension
			}
		}
	}
	return equation.Dimension{}
}
