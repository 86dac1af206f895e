// Package simulate runs descriptions of networks of spiking neurons: it checks what their expressions mean, builds the network on one of
// the two engines (package network in steps, package event without), records what monitors ask for, and draws plots.
package simulate

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"

	"spikec/internal/mersenne"
	"spikec/internal/spelling"
	"spikec/internal/ziggurat"
	"spikec/models/equation"
	"spikec/models/network"
	"spikec/runtime/simulate/describe"
)

// Diagnostics of what descriptions mean. The numbers are stable.
const (
	idEquation   = "SPK-SIM-010" // an expression, a name or a statement is wrong
	idUnit       = "SPK-SIM-011" // a unit does not fit
	idMethod     = "SPK-SIM-012" // the method does not suit the equations
	idRange      = "SPK-SIM-013" // a number out of its range, such as a negative delay
	idUnstable   = "SPK-SIM-014" // the step is too large for the method
	idDiverged   = "SPK-SIM-015" // a variable is not finite
	idReference  = "SPK-SIM-016" // something that is named is not there
	idConnection = "SPK-SIM-017" // connections that cannot be made
	idEngine     = "SPK-SIM-018" // the engine cannot do what is described
	idSize       = "SPK-SIM-019" // more than is simulated or recorded
)

// builder makes a network of a description, and collects what is wrong with it.
type builder struct {
	d     *describe.Description
	found *describe.Findings
	draws network.Draws
	net   *network.Network

	failed       map[string]bool // names whose definition is wrong
	dt, duration float64
	unsure       bool // the step of the description is wrong
	steps        int
	names        map[string]equation.Dimension // units, constants and parameters of the description
	values       map[string]float64
	timed        map[string]equation.Dimension
	groups       map[string]*group
	order        []*group
	synapses     []*synapses
	monitors     []*monitor
	eventful     *eventful // the network of the engine without steps
	task         *task     // of a training
	taskValues   map[string]float64
	swept        *Sweep // nil: there was no sweep
	sweptTable   table
}

// wrong adds an error about a piece of the description.
func (b *builder) wrong(id string, t describe.Text, remedy, format string, args ...any) {
	b.found.Wrong(id, t.Line, t.Where, remedy, format, args...)
}

// fails notes that what a name stands for could not be found out. What is wrong with the name elsewhere follows from that.
func (b *builder) fails(name string) { b.failed[name] = true }

// excused reports, and counts, a mistake about a name that follows from one that is listed already.
func (b *builder) excused(name string) bool {
	if b.failed[name] || b.failed[strings.TrimSuffix(strings.TrimSuffix(name, "_pre"), "_post")] {
		b.found.Follows()
		return true
	}
	return false
}

// stream returns the stream that a description asks for.
func stream(d *describe.Description) network.Draws {
	if d.Generator.Text == "numpy" {
		return mersenne.New(uint32(d.Seed))
	}
	return ziggurat.New(uint64(d.Seed))
}

// at is a piece for messages about what has no text of its own.
func at(line int, where string) describe.Text { return describe.Text{Line: line, Where: where} }

// reserved are the names that the engines give a meaning.
var reserved = map[string]equation.Dimension{"t": equation.Second, "dt": equation.Second, "pi": {}, "True": {}, "False": {}}

// newBuilder prepares names, the step and the duration. Override replaces the value of a parameter, for sweeps.
func newBuilder(d *describe.Description, override map[string]float64) *builder {
	b := &builder{d: d, found: d.Wrong.Clone(), failed: map[string]bool{}, draws: stream(d), names: map[string]equation.Dimension{}, values: map[string]float64{},
		timed: map[string]equation.Dimension{}, groups: map[string]*group{}}
	for name, u := range equation.Units() {
		b.names[name], b.values[name] = u.Dimension, u.Scale
	}
	for name, v := range map[string]float64{"pi": math.Pi, "True": 1, "False": 0} {
		b.names[name], b.values[name] = equation.Dimension{}, v
	}
	b.dt = 1e-4
	if d.Dt.Given() {
		before := b.found.Len()
		if v, ok := b.number(d.Dt, "dt", equation.Second); ok {
			if !(v > 0) || v > 1e6 {
				b.wrong(idRange, d.Dt, "write a time above 0, such as 0.1*ms", "a step of %v s", v)
			} else {
				b.dt = v
			}
		}
		b.unsure = b.found.Len() > before
	}
	for _, p := range d.Parameters {
		if b.taken(p.Name, p.Text) {
			continue
		}
		e := b.parse(p.Text)
		if e == nil {
			b.fails(p.Name)
			continue
		}
		v, dim, ok := b.constant(p.Text, e)
		if !ok {
			b.fails(p.Name)
		}
		if o, there := override[p.Name]; there {
			v = o
		}
		if ok {
			b.names[p.Name], b.values[p.Name] = dim, v
		}
	}
	b.names["dt"], b.values["dt"] = equation.Second, b.dt
	b.duration, b.steps = b.dt, 1 // so that all else can be checked where the duration is wrong
	if d.Duration.Given() {
		if v, ok := b.number(d.Duration, "duration", equation.Second); ok {
			switch {
			case !(v > 0):
				b.wrong(idRange, d.Duration, "write a time above 0, such as 100*ms", "a duration of %v s", v)
			case v/b.dt > mostSteps:
				b.wrong(idSize, d.Duration, "simulate a shorter time, or in larger steps", "%.3g steps: at most %d", v/b.dt, mostSteps)
			default:
				b.duration, b.steps = v, int(math.Round(v/b.dt))
			}
		}
	}
	net, err := network.New(b.dt, b.draws)
	if err != nil {
		b.wrong(idRange, d.Dt, "", "%v", err)
		net, _ = network.New(1, b.draws)
	}
	b.net = net
	for name, v := range b.values {
		b.net.Constant(name, v)
	}
	b.names["t"] = equation.Second
	b.functions()
	return b
}

// mostSteps bounds the length of a run.
const mostSteps = 1 << 31

// taken reports, with an error, that a name means something already.
func (b *builder) taken(name string, t describe.Text) bool {
	_, unit := equation.Units()[name]
	_, word := reserved[name]
	switch _, there := b.names[name]; {
	case unit:
		b.wrong(idEquation, t, "choose another name", "%s is the name of a unit", name)
	case word || name == "i" || name == "j" || name == "N" || name == "lastspike" || strings.HasPrefix(name, "xi"):
		b.wrong(idEquation, t, "choose another name", "%s has a meaning of its own", name)
	case there:
		b.wrong(idEquation, t, "choose another name", "%s is defined twice", name)
	default:
		return false
	}
	return true
}

// parse reads an expression, or reports what is wrong with it.
func (b *builder) parse(t describe.Text) *equation.Expression {
	e, err := equation.Parse(t.Text)
	if err != nil {
		remedy := "write expressions as in Python, such as 2*(v - 1*mV)/tau"
		if numberWithUnit.MatchString(t.Text) {
			remedy = "write * between a number and its unit, such as 10*ms"
		}
		b.wrong(idEquation, t, remedy, "%v", err)
		return nil
	}
	return e
}

// numberWithUnit finds a number with a unit behind it.
var numberWithUnit = regexp.MustCompile(`\d\.?\s*[A-Za-z]+\d*\b`)

// dimensions are what the names of constants measure, and some more.
func (b *builder) dimensions(more map[string]equation.Dimension) *equation.Dimensions {
	all := maps.Clone(b.names)
	maps.Copy(all, more)
	return &equation.Dimensions{Names: all, Functions: b.timed}
}

// measure returns the dimension of an expression, or reports what is wrong with it.
func (b *builder) measure(t describe.Text, e *equation.Expression, d *equation.Dimensions) (equation.Dimension, bool) {
	dim, err := e.Dimension(d)
	if err != nil {
		b.mistake(t, err, "")
		b.others(t, e, d, err)
	}
	return dim, err == nil
}

// mistake reports an error of a check of units or names, with a remedy where the kind of mistake does not say another one.
func (b *builder) mistake(t describe.Text, err error, remedy string) {
	var s *equation.Syntax
	if !errors.As(err, &s) {
		b.wrong(idUnit, t, remedy, "%v", err)
		return
	}
	for _, what := range []string{"nothing is named ", "there is no function "} {
		rest, ok := strings.CutPrefix(s.Message, what)
		if !ok {
			continue
		}
		if name, _, _ := strings.Cut(rest, ";"); !b.excused(name) {
			b.wrong(idEquation, t, define, "%v", err)
		}
		return
	}
	if strings.Contains(s.Message, "another unit") || !strings.Contains(s.Message, "argument") {
		b.wrong(idUnit, t, "give numbers units that fit, such as 5*mV in place of 5", "%v", err)
		return
	}
	b.wrong(idEquation, t, "docs/simulate.md has the functions that there are", "%v", err)
}

// fits reports an expression that does not measure what it should.
func (b *builder) fits(t describe.Text, e *equation.Expression, d *equation.Dimensions, what string, want equation.Dimension) bool {
	err := e.Fits(d, what, want)
	if err != nil {
		remedy := fitting(want)
		if got, failed := e.Dimension(d); failed == nil && got.Per(equation.Second) == want {
			remedy = "divide by a time constant, such as 10*ms"
		}
		b.mistake(t, err, remedy)
		b.others(t, e, d, err)
	}
	return err == nil
}

// fitting says how a value with the unit that is wanted is written.
func fitting(want equation.Dimension) string {
	example := map[string]string{"s": "5*ms", "1/s": "20*Hz", "V": "5*mV", "A": "2*nA"}[want.String()]
	switch {
	case want == equation.Dimension{}:
		return "leave the unit out, or divide by one"
	case example != "":
		return "give numbers this unit, such as " + example
	}
	return "give numbers this unit"
}

// others reports the names of an expression that nothing has, but for the first one, which an error is about.
func (b *builder) others(t describe.Text, e *equation.Expression, d *equation.Dimensions, err error) {
	var s *equation.Syntax
	if !errors.As(err, &s) {
		return
	}
	first, isName := strings.CutPrefix(s.Message, "nothing is named ")
	first, _, _ = strings.Cut(first, ";")
	for _, name := range e.Names() {
		if _, there := d.Names[name]; there || isName && name == first || b.excused(name) {
			continue
		}
		hint := ""
		if near := spelling.Nearest(name, slices.Sorted(maps.Keys(d.Names))); near != "" {
			hint = "; did you mean " + near + "?"
		}
		b.wrong(idEquation, t, define, "%q: nothing is named %s%s", e, name, hint)
	}
}

// define is the remedy for names that nothing has.
const define = "define it in parameters or equations; docs/simulate.md has the functions that there are"

// constant returns the value of an expression of constants.
func (b *builder) constant(t describe.Text, e *equation.Expression) (float64, equation.Dimension, bool) {
	dim, ok := b.measure(t, e, &equation.Dimensions{Names: b.names})
	if !ok {
		return 0, dim, false
	}
	s := &equation.Scope{Values: map[string]*equation.Value{}}
	for name, v := range b.values {
		s.Values[name] = &equation.Value{Data: []float64{v}}
	}
	p, err := e.Compile(s)
	if err != nil {
		b.wrong(idEquation, t, "write an expression of numbers, units and parameters", "%v", err)
		return 0, dim, false
	}
	v := p.Eval(1, nil)[0]
	if math.IsNaN(v) || math.IsInf(v, 0) {
		b.wrong(idRange, t, "", "%s is %v", t.Text, v)
		return 0, dim, false
	}
	return v, dim, true
}

// number returns the value of an expression of constants with a dimension, in units of the SI.
func (b *builder) number(t describe.Text, what string, want equation.Dimension) (float64, bool) {
	e := b.parse(t)
	if e == nil || !b.fits(t, e, &equation.Dimensions{Names: b.names}, what, want) {
		return 0, false
	}
	v, _, ok := b.constant(t, e)
	return v, ok
}

// orElse is number, or a default where the piece is not given.
func (b *builder) orElse(t describe.Text, what string, want equation.Dimension, value float64) float64 {
	if t.Given() {
		if v, ok := b.number(t, what, want); ok {
			return v
		}
	}
	return value
}

// statements checks statements, which change targets, and reports whether they can be used.
func (b *builder) statements(t describe.Text, d *equation.Dimensions, targets map[string]equation.Dimension) bool {
	fine := true
	for _, line := range t.Lines() {
		list, err := equation.ParseStatements(line.Text)
		if err != nil {
			b.wrong(idEquation, line, "write statements such as v = 0 or v += w, one a line", "%v", err)
			fine = false
			continue
		}
		for _, s := range list {
			want, ok := targets[s.Target]
			if !ok {
				fine = false
				if b.excused(s.Target) {
					continue
				}
				hint := ""
				if _, there := targets[s.Target+"_post"]; there {
					hint = "; did you mean " + s.Target + "_post?"
				} else if near := spelling.Nearest(s.Target, slices.Sorted(maps.Keys(targets))); near != "" {
					hint = "; did you mean " + near + "?"
				}
				b.wrong(idEquation, line, "variables here are "+strings.Join(slices.Sorted(maps.Keys(targets)), ", "), "%s cannot be set%s", s.Target, hint)
				continue
			}
			if s.Operator == "*" || s.Operator == "/" {
				want = equation.Dimension{}
			}
			fine = b.fits(line, s.Expression, d, "what "+s.Target+" is set to", want) && fine
		}
	}
	return fine
}

// text is statements as the engine takes them, without comments.
func text(t describe.Text) string {
	var lines []string
	for _, l := range t.Lines() {
		lines = append(lines, l.Text)
	}
	return strings.Join(lines, "\n")
}

// refused reports an error of the engine about a piece. Where something else is wrong the engine does not have what is described, and the
// error follows from that.
func (b *builder) refused(t describe.Text, err error) {
	switch {
	case err == nil:
	case b.found.Len() > 0:
		b.found.Follows()
	default:
		b.wrong(idEquation, t, "", "%v", err)
	}
}

// meant is the part of a message that names what was meant, and remedy lists what there is.
func meant[V any](name string, all map[string]V) (hint, remedy string) {
	names := slices.Sorted(maps.Keys(all))
	if near := spelling.Nearest(name, names); near != "" {
		hint = "; did you mean " + near + "?"
	}
	if len(names) == 0 {
		return hint, "there are none"
	}
	return hint, fmt.Sprintf("there are %s", strings.Join(names, ", "))
}
