package simulate

import (
	"context"
	"slices"

	"spikec/models/equation"
	"spikec/models/event"
	"spikec/models/plasticity"
	"spikec/runtime/simulate/describe"
	"spikec/runtime/simulate/figure"
)

// cells are the neurons that the engine of events knows: parameters of model lif, and the drive R·I.
type cells struct {
	name         string
	first, n     int
	times        []float64 // of a source's spikes, in s
	indices      []int
	source       bool
	v            [6]float64 // rest, threshold, reset, R, tau, refractory time
	spikes, line int
}

// lifParameters are the parameters of model lif in the order of cells.v.
var lifParameters = []string{"V_rest", "V_thresh", "V_reset", "R_m", "tau_m", "t_ref"}

// eventful is a network of the engine without steps. Times are in ms and potentials in mV there.
type eventful struct {
	net   *event.Network
	order []*cells
	wired []wiring
}

// eventNetwork builds one of a description.
func (b *builder) eventNetwork() *eventful {
	d := b.d
	net := &event.Network{Batch: d.Ties.Text == "batch"}
	groups := map[string]*cells{}
	var order []*cells
	for _, p := range d.Populations {
		if c := b.cells(p, net); c != nil {
			groups[p.Name] = c
			order = append(order, c)
		}
	}
	var wired []wiring
	for _, s := range d.Synapses {
		if w, ok := b.wire(s, groups, net); ok {
			wired = append(wired, w)
		}
	}
	b.stimuli(groups, net)
	b.eventMonitors(groups)
	if d.Sweep != nil {
		b.wrong(idEngine, at(d.Sweep.Line, d.Sweep.Where), "use engine: steps", "sweeps run in steps")
	}
	for _, p := range d.Plots {
		if p.Kind != "raster" {
			b.wrong(idEngine, at(p.Line, p.Where), "use engine: steps, or a raster", "the engine of events records spikes alone, and no plot of kind %s can be drawn", p.Kind)
			continue
		}
		for _, t := range p.Of {
			b.named(t, "spikes")
		}
	}
	return &eventful{net, order, wired}
}

// runEvents runs it.
func (b *builder) runEvents(ctx context.Context, r Request) (*Outcome, error) {
	task := r.Progress.Start("simulate", 1)
	defer task.Done()
	result, err := b.eventful.net.Run(ctx, 1e3*b.duration)
	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		b.wrong(idEngine, at(0, ""), "", "%v", err)
		return nil, b.found.Err()
	}
	task.Add(1)
	return b.eventOutcome(result, b.eventful.order, b.eventful.wired)
}

// wiring is a set of synapses on the engine of events.
type wiring struct {
	d           describe.Synapses
	first, size int
	source      bool
}

// cells reads a population.
func (b *builder) cells(p describe.Population, net *event.Network) *cells {
	here := at(p.Line, "populations."+p.Name)
	c := &cells{name: p.Name, first: len(net.Drive), n: p.N, line: p.Line}
	if p.Spikes != nil {
		g := &group{name: p.Name, n: p.N}
		c.source = true
		c.indices, c.times = b.given(g, p)
		return c
	}
	if p.Images != nil {
		g := &group{name: p.Name, n: p.N}
		c.source = true
		var ok bool
		if c.indices, c.times, ok = b.pictures(g, p.Images); !ok {
			return nil
		}
		c.n = g.n
		return c
	}
	if p.Poisson != nil {
		g := &group{name: p.Name, n: p.N}
		q := *p.Poisson
		if !q.Construction.Given() {
			q.Construction = describe.Text{Text: "intervals", Line: q.Line}
		}
		c.source = true
		var ok bool
		if c.indices, c.times, ok = b.trains(g, &q, here); !ok {
			return nil
		}
		return c
	}
	if p.Model.Text != "lif" {
		what := "equations of its own"
		if p.Model.Given() {
			what = "model " + p.Model.Text
		}
		b.wrong(idEngine, here, "use model: lif, or engine: steps", "population %s has %s, and the engine of events needs a neuron whose potential is known in closed form: model lif", p.Name, what)
		return nil
	}
	for _, t := range []describe.Text{p.Threshold, p.Crossing, p.Reset, p.Refractory, p.Method} {
		if t.Given() {
			b.wrong(idEngine, t, "set the parameters of model lif, or use engine: steps", "model lif has its own on the engine of events")
		}
	}
	if len(p.Init) > 0 || len(p.Every) > 0 || len(p.Events) > 0 || len(p.Linked) > 0 || p.Dt.Given() {
		b.wrong(idEngine, here, "use engine: steps", "init, every, events, linked and dt belong to the engine in steps")
	}
	merged, ok := b.merged(p)
	if !ok {
		return nil
	}
	for k, name := range lifParameters {
		i := slices.IndexFunc(merged.Parameters, func(x describe.Named) bool { return x.Name == name })
		t := merged.Parameters[i].Text
		e := b.parse(t)
		if e == nil {
			return nil
		}
		v, dim, ok := b.constant(t, e)
		want := []equation.Dimension{volts, volts, volts, volts.Per(amps), equation.Second, equation.Second}[k]
		if ok && dim != want && v != 0 {
			b.wrong(idUnit, t, fitting(want), "%s has %s, want %s", name, dim.Unit(), want.Unit())
			ok = false
		}
		if !ok {
			return nil
		}
		c.v[k] = v
	}
	current := 0.0
	for _, in := range p.Input {
		v, there := in.Values["value"]
		if in.Form != "constant" || !there || in.Variable != "I" {
			b.wrong(idEngine, at(in.Line, in.Where), "use input: {I: 2*nA}, or engine: steps", "the engine of events has constant currents I alone")
			continue
		}
		if x, ok := b.number(v, "I", amps); ok {
			current = x
		}
	}
	for range p.N {
		net.Drive = append(net.Drive, 1e3*c.v[3]*current)
		net.Cells = append(net.Cells, event.Cell{Rest: 1e3 * c.v[0], Threshold: 1e3 * c.v[1], Reset: 1e3 * c.v[2], Tau: 1e3 * c.v[4], Refractory: 1e3 * c.v[5]})
	}
	return c
}

// volts and amps are dimensions.
var (
	volts = dimensionOf("volt")
	amps  = dimensionOf("amp")
)

// dimensionOf is that of a unit.
func dimensionOf(unit string) equation.Dimension {
	u, err := equation.ParseUnit(unit)
	if err != nil {
		panic(err) // no such unit: a slip in this package
	}
	return u.Dimension
}

// wire adds synapses: those of a source become stimuli.
func (b *builder) wire(s describe.Synapses, groups map[string]*cells, net *event.Network) (wiring, bool) {
	here := at(s.Line, "synapses."+s.Name)
	w := wiring{d: s, first: len(net.Synapses)}
	from, to := groups[s.From.Text], groups[s.To.Text]
	if from == nil || to == nil {
		for _, t := range []describe.Text{s.From, s.To} {
			if groups[t.Text] == nil && !slices.ContainsFunc(b.d.Populations, func(p describe.Population) bool { return p.Name == t.Text }) {
				hint, remedy := meant(t.Text, groups)
				b.wrong(idReference, t, remedy, "there is no population %s%s", t.Text, hint)
			}
		}
		return w, false
	}
	if s.Kind.Given() && s.Kind.Text != "delta" || s.OnPre.Given() || s.OnPost.Given() || s.DelayPost.Given() || s.Equations.Given() || len(s.Init)+len(s.Every)+len(s.Summed)+len(s.ShortTerm)+len(s.Variables) > 0 || to.source {
		b.wrong(idEngine, here, "use weight, delay and plasticity alone, or engine: steps", "the engine of events has synapses that add to the potential of neurons alone")
		return w, false
	}
	source := &group{name: from.name, n: from.n}
	target := source
	if from != to {
		target = &group{name: to.name, n: to.n}
	}
	pairs, factors, ok := b.pairs(s.Connect, source, target)
	if !ok {
		return w, false
	}
	weights, ok := b.each(s.Weight, "weight", volts, len(pairs), func(k int) (int, int) { return pairs[k].I, pairs[k].J })
	if !ok {
		return w, false
	}
	delays, ok := b.each(s.Delay, "delay", equation.Second, len(pairs), func(k int) (int, int) { return pairs[k].I, pairs[k].J })
	if !ok {
		return w, false
	}
	trains := map[int][]float64{}
	for k, i := range from.indices {
		trains[i] = append(trains[i], from.times[k])
	}
	w.source, w.size = from.source, len(pairs)
	for k, q := range pairs {
		weight := 1e3 * weights[k]
		if factors != nil {
			weight *= factors[k]
		}
		if delays[k] < 0 {
			b.wrong(idRange, s.Delay, "delays are 0 or more", "the delay of synapse %d is %.6g ms", k, 1e3*delays[k])
			return w, false
		}
		if !from.source {
			net.Synapses = append(net.Synapses, event.Synapse{Source: from.first + q.I, Target: to.first + q.J, Weight: weight, Delay: 1e3 * delays[k]})
			continue
		}
		for _, t := range trains[q.I] {
			net.Stimuli = append(net.Stimuli, event.Stimulus{Time: 1e3 * (t + delays[k]), Target: to.first + q.J, Weight: weight})
		}
	}
	if s.Rule.Given() {
		b.eventRule(s, w, net)
	}
	return w, true
}

// eventRule lets synapses learn by pairs of spikes, the one rule of this engine.
func (b *builder) eventRule(s describe.Synapses, w wiring, net *event.Network) {
	if s.Rule.Text != "stdp" || w.source || net.Rule != nil || w.first != 0 {
		b.wrong(idEngine, s.Rule, "use rule: stdp for one set of synapses between neurons, the first one, or engine: steps", "the engine of events has the rule stdp alone, for the first set of synapses between neurons")
		return
	}
	v := map[string]float64{"A_plus": 0.01, "A_minus": 0.0105, "tau_plus": 20e-3, "tau_minus": 20e-3, "w_min": 0, "w_max": 1e-3}
	for _, x := range s.Plasticity {
		want := equation.Dimension{}
		switch x.Name {
		case "tau_plus", "tau_minus":
			want = equation.Second
		case "w_min", "w_max":
			want = volts
		}
		if _, ok := v[x.Name]; !ok {
			hint, remedy := meant(x.Name, v)
			b.wrong(idReference, x.Text, remedy, "rule stdp has no parameter %s%s", x.Name, hint)
			continue
		}
		if value, ok := b.number(x.Text, x.Name, want); ok {
			v[x.Name] = value
		}
	}
	if v["w_min"] != 0 {
		b.wrong(idEngine, s.Rule, "use w_min: 0*mV, or engine: steps", "weights of the engine of events go down to 0")
		return
	}
	most := 1e3 * v["w_max"]
	net.Rule = some{plasticity.NewTraces(w.size, 1e3*v["tau_plus"], 1e3*v["tau_minus"], v["A_plus"]*most, -v["A_minus"]*most, most), w.size}
}

// some is a rule for the first synapses of a network.
type some struct {
	rule event.Rule
	n    int
}

// Pre and Post are those of the rule, and leave other weights.
func (s some) Pre(synapse int, t, weight float64) float64 {
	if synapse >= s.n {
		return weight
	}
	return s.rule.Pre(synapse, t, weight)
}

// Post is Pre for a spike of the target.
func (s some) Post(synapse int, t, weight float64) float64 {
	if synapse >= s.n {
		return weight
	}
	return s.rule.Post(synapse, t, weight)
}

// each returns an expression of i and j for all pairs; 0 where it is not given.
func (b *builder) each(t describe.Text, what string, want equation.Dimension, n int, pair func(k int) (int, int)) ([]float64, bool) {
	out := make([]float64, n)
	if !t.Given() {
		return out, true
	}
	e := b.parse(t)
	if e == nil || !b.fits(t, e, b.dimensions(map[string]equation.Dimension{"i": {}, "j": {}}), what, want) {
		return nil, false
	}
	i, j := &equation.Value{Data: make([]float64, n)}, &equation.Value{Data: make([]float64, n)}
	for k := range n {
		s, t := pair(k)
		i.Data[k], j.Data[k] = float64(s), float64(t)
	}
	if n == 0 {
		return out, true
	}
	s := &equation.Scope{Values: map[string]*equation.Value{"i": i, "j": j}, Uniform: b.draws.Uniform, Normals: b.draws.Normals}
	for name, v := range b.values {
		s.Values[name] = &equation.Value{Data: []float64{v}}
	}
	p, err := e.Compile(s)
	if err != nil {
		b.wrong(idEquation, t, "", "%v", err)
		return nil, false
	}
	copy(out, p.Eval(n, nil))
	return out, true
}

// stimuli reads deliveries from outside: time, population, neuron, weight.
func (b *builder) stimuli(groups map[string]*cells, net *event.Network) {
	for k, row := range b.d.Stimuli {
		where := at(0, "stimuli")
		if len(row) > 0 {
			where = row[0]
		}
		if len(row) != 4 {
			b.wrong(idRange, where, "write [time, population, neuron, weight], such as [1*ms, A, 0, 15*mV]", "stimulus %d has %d parts", k, len(row))
			continue
		}
		c := groups[row[1].Text]
		if c == nil || c.source {
			hint, remedy := meant(row[1].Text, groups)
			b.wrong(idReference, row[1], remedy, "there is no population of neurons %s%s", row[1].Text, hint)
			continue
		}
		t, ok1 := b.number(row[0], "time", equation.Second)
		n, ok2 := b.number(row[2], "neuron", equation.Dimension{})
		w, ok3 := b.number(row[3], "weight", volts)
		if !ok1 || !ok2 || !ok3 {
			continue
		}
		if t < 0 || n < 0 || n >= float64(c.n) || n != float64(int(n)) {
			b.wrong(idRange, where, "times are 0 or more, neurons are numbered from 0", "stimulus %d goes to neuron %v of %d at %v s", k, n, c.n, t)
			continue
		}
		net.Stimuli = append(net.Stimuli, event.Stimulus{Time: 1e3 * t, Target: c.first + int(n), Weight: 1e3 * w})
	}
}

// eventMonitors checks monitors and makes them.
func (b *builder) eventMonitors(groups map[string]*cells) {
	for _, m := range b.d.Monitors {
		if m.Kind != "spikes" {
			b.wrong(idEngine, m.Of, "use engine: steps, or a monitor of spikes", "the engine of events records spikes alone")
			continue
		}
		c := groups[m.Of.Text]
		if c == nil {
			hint, remedy := meant(m.Of.Text, groups)
			b.wrong(idReference, m.Of, remedy, "there is no population %s%s", m.Of.Text, hint)
			continue
		}
		b.monitors = append(b.monitors, &monitor{name: m.Name, kind: "spikes", of: m.Of.Text, group: &group{name: c.name, n: c.n}})
	}
}

// eventOutcome sums up a run.
func (b *builder) eventOutcome(r *event.Result, order []*cells, wired []wiring) (*Outcome, error) {
	o := &Outcome{Result: b.result("events")}
	add := func(name string, t float64, neuron int) {
		for _, m := range b.monitors {
			if m.of == name {
				m.times, m.neurons = append(m.times, t), append(m.neurons, neuron)
			}
		}
	}
	for _, c := range order {
		for k, t := range c.times {
			if t < b.duration {
				c.spikes++
				add(c.name, t, c.indices[k])
			}
		}
	}
	for _, s := range r.Spikes {
		for _, c := range order {
			if !c.source && s.Neuron >= c.first && s.Neuron < c.first+c.n {
				c.spikes++
				add(c.name, s.Time/1e3, s.Neuron-c.first)
			}
		}
	}
	for _, c := range order {
		o.Result.Populations = append(o.Result.Populations, Population{c.name, c.n, c.spikes, float64(c.spikes) / float64(c.n) / b.duration})
	}
	for _, w := range wired {
		y := Synapses{Name: w.d.Name, From: w.d.From.Text, To: w.d.To.Text, Synapses: w.size}
		if !w.source {
			var v []float64
			for _, x := range r.Weights[w.first : w.first+w.size] {
				v = append(v, x/1e3)
			}
			y.Weights, y.Unit = spread(v), volts.String()
		}
		o.Result.Synapses = append(o.Result.Synapses, y)
	}
	for _, m := range b.monitors {
		o.record(m)
	}
	for _, p := range b.d.Plots {
		f := figure.Figure{Title: p.Title.Text, Width: p.Width, Height: p.Height}
		if f.Title == "" {
			f.Title = b.d.Title.Text
		}
		b.raster(p, o, &f)
		o.add(p, f)
	}
	return o, nil
}
