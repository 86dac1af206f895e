package simulate

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"spikec/models/equation"
	"spikec/runtime/simulate/describe"
)

// input lets something drive a parameter of a population. What does not change is set once, all else at the start of every step.
// It is only checked where something was wrong with the population before.
func (b *builder) input(g *group, in describe.Input, d *equation.Dimensions, before int) {
	here := at(in.Line, in.Where)
	target := in.Variable
	if _, summed := g.own[target+"_in"]; summed {
		target += "_in"
	}
	want, ok := g.targets()[target]
	if !ok {
		if b.excused(in.Variable) {
			return
		}
		hint, remedy := meant(in.Variable, g.targets())
		b.wrong(idReference, here, remedy, "population %s has no parameter %s%s", g.name, in.Variable, hint)
		return
	}
	expression, ok := b.form(in, want, d)
	if !ok {
		return
	}
	e, err := equation.Parse(expression)
	if err != nil {
		b.wrong(idEquation, here, "", "%v", err)
		return
	}
	if b.found.Len() > before {
		return
	}
	statement := target + " = " + expression
	changes := e.Calls("rand", "randn", "poisson") || slices.Contains(e.Names(), "t")
	for _, name := range e.Names() {
		_, own := g.own[name]
		changes = changes || own && name != "i" && name != "N"
	}
	b.refused(here, g.p.Set(statement))
	if changes {
		b.refused(here, g.p.Regularly(statement, b.dt))
	}
}

// form returns an input as an expression.
func (b *builder) form(in describe.Input, want equation.Dimension, d *equation.Dimensions) (string, bool) {
	fine := true
	// part checks a value and returns it in parentheses.
	part := func(name string, dim equation.Dimension, otherwise string) string {
		t := in.Values[name]
		if !t.Given() {
			return otherwise
		}
		e := b.parse(t)
		if e == nil || !b.fits(t, e, d, name, dim) {
			fine = false
		}
		return "(" + t.Text + ")"
	}
	window := func() string {
		from, until := part("from", equation.Second, "0"), part("until", equation.Second, "")
		if until == "" {
			return fmt.Sprintf("int(t + dt/1000 >= %s)", from)
		}
		return fmt.Sprintf("int(t + dt/1000 >= %s and t + dt/1000 < %s)", from, until)
	}
	var out string
	switch in.Form {
	case "constant":
		out = part("value", want, "0")
	case "step":
		base := part("base", want, "")
		amplitude := part("amplitude", want, "0")
		if base == "" {
			out = fmt.Sprintf("%s*%s", amplitude, window())
		} else {
			out = fmt.Sprintf("%s + (%s - %s)*%s", base, amplitude, base, window())
		}
	case "ramp":
		out = fmt.Sprintf("%s*(t - %s)*%s", part("slope", want.Per(equation.Second), "0"), part("from", equation.Second, "0"), window())
		if base := part("base", want, ""); base != "" {
			out = base + " + " + out
		}
	case "noise":
		out = part("sd", want, "0") + "*randn()"
		if mean := part("mean", want, ""); mean != "" {
			out = mean + " + " + out
		}
	case "pulses":
		return b.pulses(in, part, want, &fine)
	}
	return out, fine
}

// pulses is an input of pulses at given times.
func (b *builder) pulses(in describe.Input, part func(string, equation.Dimension, string) string, want equation.Dimension, fine *bool) (string, bool) {
	times, ok := b.of(in.Times, "times", equation.Second)
	length := part("length", equation.Second, "0")
	var during []string
	for _, t := range times {
		if t < 0 || math.IsNaN(t) {
			b.wrong(idRange, at(in.Line, in.Where), "give times of 0 and more", "a pulse at %v s", t)
			return "", false
		}
		during = append(during, fmt.Sprintf("t + dt/1000 >= %v*second and t + dt/1000 < %v*second + %s", t, t, length))
	}
	if len(times) == 0 || len(times) > mostPulses {
		b.wrong(idSize, at(in.Line, in.Where), "use a function of time (timed) for more", "%d pulses: want 1 to %d", len(times), mostPulses)
		return "", false
	}
	out := fmt.Sprintf("%s*int(%s)", part("amplitude", want, "0"), strings.Join(during, " or "))
	if base := part("base", want, ""); base != "" {
		out = base + " + " + out
	}
	return out, ok && *fine
}

// mostPulses bounds the pulses of an input, which is one expression.
const mostPulses = 100
