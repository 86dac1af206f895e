package simulate

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"spikec/models/equation"
	"spikec/models/network"
	"spikec/runtime/simulate/describe"
)

// monitor records something during a run.
type monitor struct {
	name, kind, of string
	group          *group
	synapses       *synapses
	unit           equation.Dimension
	elements       []int // neurons or synapses that are recorded
	every          int   // steps
	smooth         float64
	times          []float64 // s, of the rows or of the spikes
	neurons        []int     // of the spikes
	values         []float64 // row by row
}

// mostRecorded bounds how many numbers a monitor keeps.
const mostRecorded = 1 << 27

// usual is how many synapses a monitor of weights records where nothing else is said.
const usual = 100

// monitor makes one.
func (b *builder) monitor(d describe.Monitor) {
	if !d.Of.Given() {
		return // what is wrong with its form is said already
	}
	m := &monitor{name: d.Name, kind: d.Kind, of: d.Of.Text, every: 1}
	name, variable, dotted := strings.Cut(d.Of.Text, ".")
	every := b.orElse(d.Every, "every", equation.Second, 0)
	if d.Every.Given() {
		if m.every = int(math.Round(every / b.dt)); m.every < 1 {
			b.wrong(idRange, d.Every, "record every step, or more rarely", "every %v s, with steps of %v s", every, b.dt)
			return
		}
	}
	m.smooth = b.orElse(d.Smooth, "smooth", equation.Second, 0)
	if d.Kind == "weights" {
		b.watchSynapses(m, d, name, variable, dotted)
		return
	}
	if d.Kind == "state" && slices.ContainsFunc(b.d.Synapses, func(s describe.Synapses) bool { return s.Name == name }) {
		b.watchSynapses(m, d, name, variable, dotted)
		return
	}
	g := b.groups[name]
	if whole := b.groups[d.Of.Text]; whole != nil && d.Kind != "state" {
		g = whole
	}
	if g == nil {
		hint, remedy := meant(name, b.groups)
		b.wrong(idReference, d.Of, remedy, "there is no population %s%s", name, hint)
		return
	}
	if m.group = g; g.spiking == nil {
		return // what is wrong with it is said already
	}
	b.monitors = append(b.monitors, m)
	switch d.Kind {
	case "spikes":
		b.net.Observe(network.Thresholds, func(step int) {
			t := float64(step) * b.dt
			for _, k := range g.spiking.Now() {
				m.times, m.neurons = append(m.times, t), append(m.neurons, k)
			}
		})
	case "rate":
		m.unit = equation.Second.Inverse()
		b.net.Observe(network.Thresholds, func(step int) {
			m.times = append(m.times, float64(step)*b.dt)
			m.values = append(m.values, float64(len(g.spiking.Now()))/(float64(g.n)*b.dt))
		})
	case "state":
		b.watchState(m, d, g, variable)
	}
}

// watchState records a variable, or any expression of a population.
func (b *builder) watchState(m *monitor, d describe.Monitor, g *group, variable string) {
	t := d.Of
	t.Text = variable
	if g.p == nil || variable == "" {
		b.wrong(idReference, d.Of, "write POPULATION.VARIABLE of a population of neurons", "%s is no variable", d.Of.Text)
		return
	}
	e := b.parse(t)
	if e == nil {
		return
	}
	var ok bool
	if m.unit, ok = b.measure(t, e, b.dimensions(g.own)); !ok {
		return
	}
	read, err := g.p.Watch(variable)
	if err != nil {
		b.refused(t, err)
		return
	}
	if !b.elements(m, d, g.n, g.n) {
		return
	}
	b.net.Observe(network.Start, func(step int) {
		if step%m.every != 0 {
			return
		}
		m.times = append(m.times, float64(step)*b.dt)
		for v, k := read(), 0; k < len(m.elements); k++ {
			m.values = append(m.values, v[m.elements[k]])
		}
	})
}

// watchSynapses records a variable of synapses.
func (b *builder) watchSynapses(m *monitor, d describe.Monitor, name, variable string, dotted bool) {
	if !dotted {
		variable = "w"
	}
	k := slices.IndexFunc(b.synapses, func(y *synapses) bool { return y.name == name })
	if k < 0 {
		if slices.ContainsFunc(b.d.Synapses, func(s describe.Synapses) bool { return s.Name == name }) {
			return // what is wrong with them is said already
		}
		names := map[string]bool{}
		for _, s := range b.d.Synapses {
			names[s.Name] = true
		}
		hint, remedy := meant(name, names)
		b.wrong(idReference, d.Of, remedy, "there are no synapses %s%s", name, hint)
		return
	}
	m.synapses = b.synapses[k]
	values, err := m.synapses.s.Values(variable)
	if err != nil {
		b.wrong(idReference, d.Of, "write SYNAPSES.VARIABLE", "synapses %s: %v", name, err)
		return
	}
	m.unit = m.synapses.own[variable]
	if d.Kind == "weights" && !d.Every.Given() {
		m.every = max(1, b.steps/100)
	}
	if !b.elements(m, d, len(values), usual) {
		return
	}
	b.monitors = append(b.monitors, m)
	b.net.Observe(network.Start, func(step int) {
		if step%m.every == 0 {
			m.row(float64(step)*b.dt, values)
		}
	})
}

// row records one row.
func (m *monitor) row(t float64, values []float64) {
	m.times = append(m.times, t)
	for _, k := range m.elements {
		m.values = append(m.values, values[k])
	}
}

// elements reads which neurons or synapses are recorded: all, or the first ones where there are many.
func (b *builder) elements(m *monitor, d describe.Monitor, n, most int) bool {
	if len(d.Record) > 0 && !(len(d.Record) == 1 && d.Record[0].Text == "all") {
		list, ok := b.of(d.Record, "record", equation.Dimension{})
		if !ok {
			return false
		}
		for _, v := range list {
			if v != math.Trunc(v) || v < 0 || v >= float64(n) {
				b.wrong(idRange, d.Record[0], fmt.Sprintf("numbers go from 0 to %d", n-1), "there is no number %v to record", v)
				return false
			}
			m.elements = append(m.elements, int(v))
		}
	} else {
		if len(d.Record) == 1 {
			most = n
		}
		for k := range min(n, most) {
			m.elements = append(m.elements, k)
		}
	}
	if rows := float64(b.steps/m.every + 1); rows*float64(len(m.elements)) > mostRecorded {
		b.wrong(idSize, d.Of, "record fewer neurons, or more rarely (every)", "%.0f numbers would be recorded: at most %d", rows*float64(len(m.elements)), mostRecorded)
		return false
	}
	return true
}

// finish does what is left after a run: rates are smoothed, and weights get their last row.
func (m *monitor) finish(b *builder) {
	switch {
	case m.kind == "rate" && m.smooth > 0:
		m.values = smoothed(m.values, m.smooth/b.dt)
	case m.kind == "weights":
		_, variable, dotted := strings.Cut(m.of, ".")
		if !dotted {
			variable = "w"
		}
		if values, err := m.synapses.s.Values(variable); err == nil {
			m.row(float64(b.steps)*b.dt, values)
		}
	}
}

// smoothed returns the mean over a Gaussian window with a standard deviation of so many elements, cut off at three of them and, at the
// ends, to what there is.
func smoothed(v []float64, sigma float64) []float64 {
	reach := int(math.Ceil(3 * sigma))
	weights := make([]float64, reach+1)
	for d := range weights {
		weights[d] = math.Exp(-float64(d*d) / (2 * sigma * sigma))
	}
	out := make([]float64, len(v))
	for k := range v {
		sum, total := 0.0, 0.0
		for d := max(-reach, -k); d <= min(reach, len(v)-1-k); d++ {
			w := weights[max(d, -d)]
			sum += w * v[k+d]
			total += w
		}
		out[k] = sum / total
	}
	return out
}
