package simulate

import (
	"context"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"spikec/internal/mersenne"
	"spikec/models/network"
	"spikec/models/plasticity"
)

func init() {
	register("brian_slots", slots)
	register("brian_delays", delays)
	register("brian_gap_junctions", gapJunctions)
	register("brian_psc_shapes", currentShapes)
	register("brian_stdp_traces", traces)
	register("brian_connect", connect)
	register("brian_poisson_group", poissonGroup)
}

// source adds a source of spikes.
func (m *machine) source(size int, indices []int, times []float64) *network.Source {
	s, err := m.AddSource(size, indices, times)
	m.check(err)
	return s
}

// synapses connects; statements and delays are those for spikes of the source.
func (m *machine) synapses(from network.Spiking, to *network.Population, pairs []network.Pair, statements string, delays ...float64) *network.Synapses {
	if m.c.err != nil {
		return nil
	}
	s, err := m.AddSynapses(from, to, pairs, nil)
	m.check(err)
	if err == nil && statements != "" {
		m.check(s.OnPre(statements, delays...))
	}
	return s
}

// inside returns the numbers of a list "name=[1,2,3]" in a sentence.
func inside(c *recording, text node, name string) []float64 {
	found := regexp.MustCompile(regexp.QuoteMeta(name) + `=\[([-0-9.,e ]*)\]`).FindStringSubmatch(text.text())
	if found == nil {
		c.fail("%s has no list %s", text.name(), name)
		return nil
	}
	var out []float64
	for _, s := range strings.Split(found[1], ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil {
			c.fail("%s: %v", text.name(), err)
		}
		out = append(out, v)
	}
	return out
}

// pairsOf returns the pairs of two lists of indices.
func pairsOf(c *recording, i, j []float64) []network.Pair {
	if len(i) != len(j) {
		c.fail("%d sources for %d targets", len(i), len(j))
		return nil
	}
	var out []network.Pair
	for k := range i {
		out = append(out, network.Pair{I: int(i[k]), J: int(j[k])})
	}
	return out
}

// milliseconds converts to s.
func milliseconds(a []float64) []float64 {
	out := make([]float64, len(a))
	for i, v := range a {
		out[i] = v * 1e-3
	}
	return out
}

// slots compares the state of two neurons after every slot of every step, with synapses from a source and between the two.
func slots(ctx context.Context, c *recording) {
	m := newMachine(c, nil)
	lines := c.root.at("equations").exactly(4)
	d := description(c, 2, lines[0])
	if c.err != nil {
		return
	}
	d.Threshold = strings.TrimPrefix(lines[1].text(), "threshold ")
	d.Reset = strings.TrimPrefix(lines[2].text(), "reset ")
	on := regexp.MustCompile(`^on_pre: (.+) \(feed-forward\), (.+) \(recurrent, delay 0\)$`).FindStringSubmatch(lines[3].text())
	if on == nil {
		c.fail("%q does not name what feed-forward and recurrent spikes do", lines[3].v)
		return
	}
	p := m.population(d)
	s := m.source(2, c.in.at("generator_index").ints(0, 1), milliseconds(c.in.at("generator_times_ms").floats()))
	forward, back := c.in.at("feedforward"), c.in.at("recurrent")
	m.synapses(s, p, pairsOf(c, inside(c, forward, "i"), inside(c, forward, "j")), on[1], milliseconds(inside(c, forward, "delay_ms"))...)
	m.synapses(p, p, pairsOf(c, inside(c, back, "i"), inside(c, back, "j")), on[2])
	v := m.values(p, "v")
	if c.done() {
		return
	}
	names := []string{"start", "after_groups", "after_thresholds", "after_synapses", "after_resets", "end"}
	seen := make([][][]float64, len(names))
	for k := range names {
		seen[k] = make([][]float64, 2)
		m.Observe(network.Slot(k), func(int) {
			for i := range seen[k] {
				seen[k][i] = append(seen[k][i], v[i])
			}
		})
	}
	w := m.watch(p)
	m.run(ctx, c.steps(c.in.at("duration_ms").positive()*1e-3, m.dt))
	c.pairs("spikes", w.spikes, c.out.at("spikes_step_neuron"))
	for k, name := range names {
		c.table("v, "+name, seen[k], c.out.at("v_by_slot").at(name), wide)
	}
}

// delays compares in which step one spike arrives at each of many targets.
func delays(ctx context.Context, c *recording) {
	m := newMachine(c, nil)
	list := c.in.at("delays_ms").floats()
	if len(list) < 1 || len(list) > mostMany {
		c.fail("%d delays", len(list))
		return
	}
	p := m.population(network.Description{N: len(list), Equations: []string{"v : 1"}})
	s := m.source(1, []int{0}, []float64{c.in.at("source_spike_ms").float() * 1e-3})
	pairs, err := network.Connect(1, len(list), "", 1, nil)
	m.check(err)
	m.synapses(s, p, pairs, strings.TrimPrefix(c.root.at("equations").exactly(1)[0].text(), "on_pre: "), milliseconds(list)...)
	v := m.values(p, "v")
	if c.done() {
		return
	}
	arrival, source := make([]int, len(list)), c.out.at("source_step").int(0, mostSteps)
	m.Observe(network.Synaptic, func(step int) {
		for i := range v {
			if v[i] != 0 && arrival[i] == 0 {
				arrival[i] = step
			}
		}
	})
	steps := source + 2 + c.steps(slices.Max(list)*1e-3+m.dt, m.dt)
	c.work(len(list), steps)
	m.run(ctx, steps)
	at, late := c.out.at("arrival_step").exactly(len(list)), c.out.at("delay_steps").exactly(len(list))
	for i, k := range arrival {
		// Simulators round halves in two ways, and the recording allows both.
		var t tolerance
		if _, part := math.Modf(list[i] * 1e-3 / m.dt); math.Abs(part-0.5) < 1e-9 {
			t.abs = 1
		}
		what := "of a delay of " + strconv.FormatFloat(list[i], 'g', -1, 64) + " ms"
		c.number("step of arrival "+what, float64(k), at[i], t)
		c.number("steps "+what, float64(k-source), late[i], t)
	}
}

// gapJunctions compares neurons that are all coupled by their difference.
func gapJunctions(ctx context.Context, c *recording) {
	size := c.in.at("N").int(1, 256)
	m := newMachine(c, nil)
	lines := c.root.at("equations").exactly(2)
	d := description(c, size, lines[0])
	d.Equations = append(d.Equations, "I0 : 1", "Ig : 1")
	coupling := regexp.MustCompile(`^(\w+_post) = (.+) : 1 \(summed\)$`).FindStringSubmatch(lines[1].text())
	if coupling == nil {
		c.fail("%q is no summed variable", lines[1].v)
		return
	}
	p := m.population(d)
	m.check(p.Set("I0 = " + c.in.at("I0").text()))
	m.check(p.Set("v = " + c.in.at("v_initial").text()))
	pairs, err := network.Connect(size, size, "i != j", 1, nil)
	m.check(err)
	if s := m.synapses(p, p, pairs, ""); s != nil {
		m.check(s.Summed(coupling[1], coupling[2]))
	}
	steps := c.steps(c.in.at("duration_ms").positive()*1e-3, m.dt)
	c.work(size, size, steps)
	if c.done() {
		return
	}
	w := m.watch(p, 0, size-1)
	m.run(ctx, steps)
	c.pairs("spikes", w.spikes, c.out.at("spikes_step_neuron"))
	c.table("v", [][]float64{every(w.traces[0], 4), every(w.traces[1], 4)}, c.out.at("v_0_and_last_every_4"), wide)
}

// currentShapes compares a neuron that one synapse drives in several ways.
func currentShapes(ctx context.Context, c *recording) {
	times := milliseconds(c.in.at("input_ms").floats())
	for _, shape := range c.out.keys() {
		if c.done() {
			return
		}
		out := c.out.at(shape)
		m := newMachine(c, nil)
		d := description(c, 1, out.at("equations").list()...)
		d.Method = out.at("method").text()
		p := m.population(d)
		s := m.source(1, make([]int, len(times)), times)
		m.synapses(s, p, []network.Pair{{}}, out.at("on_pre").text(), c.in.at("delay_ms").float()*1e-3)
		steps := c.steps(c.in.at("duration_ms").positive()*1e-3, m.dt)
		if c.done() {
			return
		}
		w := m.watch(p, 0)
		m.run(ctx, steps)
		c.pairs(shape+", spikes", w.spikes, out.at("spikes_step_neuron"))
		c.numbers(shape+", v", every(w.traces[0], 2), out.at("v_every_2"), wide)
	}
}

// traces compares plasticity between given spikes of some sources and one target, all presynaptic spikes of a step first.
func traces(ctx context.Context, c *recording) {
	size, dt := c.in.at("N").int(1, mostMany), c.in.at("dt_ms").positive()
	steps := c.steps(c.in.at("duration_ms").positive(), dt)
	rule := plasticity.NewTraces(size, c.in.at("taupre_ms").positive(), c.in.at("taupost_ms").positive(), c.in.at("Apre").float(), c.in.at("Apost").float(),
		c.in.at("wmax").float())
	who, when := c.in.at("pre_neuron").ints(0, size-1), c.in.at("pre_step").ints(0, mostSteps)
	post := map[int]bool{}
	for _, k := range c.in.at("post_step").ints(0, mostSteps) {
		post[k] = true
	}
	late := int(math.RoundToEven(math.Min(c.in.at("pre_delay_ms").float()/dt, mostSteps)))
	arrivals := map[int][]int{}
	if len(who) != len(when) {
		c.fail("%d neurons for %d steps", len(who), len(when))
		return
	}
	for m, k := range when {
		arrivals[k+late] = append(arrivals[k+late], who[m])
	}
	every5 := c.steps(5, dt)
	c.work(size, steps)
	if c.done() {
		return
	}
	w := filled(size, c.in.at("w_initial").float())
	rows := make([][]float64, size)
	for k := range steps {
		if k%every5 == 0 {
			for i := range w {
				rows[i] = append(rows[i], w[i])
			}
		}
		t := float64(k) * dt
		for _, i := range arrivals[k] {
			w[i] = rule.Pre(i, t, w[i])
		}
		if post[k] {
			for i := range w {
				w[i] = rule.Post(i, t, w[i])
			}
		}
	}
	c.table("weights every 5 ms", rows, c.out.at("w_every_5ms"), wide)
	c.numbers("weights at the end", w, c.out.at("w_final"), wide)
}

// connect compares the pairs of rules of connection, in their order, and how many a probability makes. The names ring and range stand for
// the rules j = (i+1) % N_post and k from i−2 to i+2 without i.
func connect(_ context.Context, c *recording) {
	size := c.in.at("N").int(1, 256)
	m := newMachineWithoutStep(c)
	p := m.population(network.Description{N: size, Equations: []string{"x : 1"}})
	m.check(p.Set("x = i"))
	formula := strings.TrimSuffix(strings.TrimPrefix(c.root.at("equations").exactly(1)[0].text(), "w = "), ", x = i")
	for _, name := range c.out.keys() {
		if c.done() {
			return
		}
		var pairs []network.Pair
		var err error
		switch {
		case strings.HasPrefix(name, "p_condition"):
			continue
		case name == "ring":
			pairs, err = network.ConnectTo(size, size, "(i+1) % N_post")
		case name == "range":
			pairs, err = network.ConnectRange(size, size, "i-2", "i+3", "i != k")
		case name == "all":
			pairs, err = network.Connect(size, size, "", 1, nil)
		case strings.HasPrefix(name, "n="):
			copies, e := strconv.Atoi(name[2:])
			if e != nil || copies < 1 || copies > 64 {
				c.fail("%q names no number of copies", name)
				return
			}
			once, e := network.ConnectTo(size, size, "i")
			err = e
			for _, q := range once {
				pairs = append(pairs, slices.Repeat([]network.Pair{q}, copies)...)
			}
		case strings.HasPrefix(name, "j="):
			pairs, err = network.ConnectTo(size, size, name[2:])
		default:
			pairs, err = network.Connect(size, size, name, 1, nil)
		}
		m.check(err)
		s := m.synapses(p, p, pairs, "")
		if s == nil {
			return
		}
		var i, j []int
		for k := range s.Size() {
			i, j = append(i, s.Ends(k).I), append(j, s.Ends(k).J)
		}
		c.whole(name+", sources", i, c.out.at(name).at("i"))
		c.whole(name+", targets", j, c.out.at(name).at("j"))
		w, err := s.Evaluate(formula)
		m.check(err)
		c.numbers(name+", w", w, c.out.at(name).at("w"), tolerance{})
	}
	var counts []float64
	draws := mersenne.New(ownSeed)
	for range ownRuns {
		pairs, err := network.Connect(size, size, "i != j", c.in.at("p").float(), draws)
		m.check(err)
		counts = append(counts, float64(len(pairs)))
	}
	expected := c.out.at("p_condition_expected")
	se := expected.at("sd").float() / math.Sqrt(ownRuns)
	c.meanOf("pairs by a probability", counts, expected.at("mean").float(), se, ownRuns)
}

// newMachineWithoutStep is a network that is not run.
func newMachineWithoutStep(c *recording) *machine {
	n, err := network.New(1, nil)
	m := &machine{c: c, Network: n, dt: 1}
	m.check(err)
	return m
}

// poissonGroup compares independent trains of one rate draw by draw, their counts over seeds, and the potential that many inputs at
// random make.
func poissonGroup(ctx context.Context, c *recording) {
	size, rate, dt := c.in.at("N").int(1, mostMany), c.in.at("rate_Hz").positive(), 1e-4
	steps := c.steps(c.in.at("duration_ms").positive()*1e-3, dt)
	c.work(size, steps, ownRuns)
	q := c.quantities(c.in.at("poisson_input"), `^N=(NUMBER), weight (NUMBER), tau (NUMBER) ms, (NUMBER) targets, mean v after (NUMBER) ms$`, 5)
	inputs, targets, inputSteps := int(q[0]), int(q[3]), c.steps(q[4]*1e-3, dt)
	if inputs < 1 || targets < 1 || !(q[2] > 0) {
		c.fail("%d inputs onto %d targets with a time constant of %v ms", inputs, targets, q[2])
	}
	if c.err == nil {
		c.work(inputs, targets, inputSteps, 5)
	}
	if c.done() {
		return
	}
	fire := func(u *mersenne.Source, n, steps int) (out []spike) {
		for k := range steps {
			for i := range n {
				if u.Uniform() < rate*dt {
					out = append(out, spike{k, i})
				}
			}
		}
		return out
	}
	for _, key := range c.out.keys() {
		seed, n, ms, ok := fixedTrains(key)
		if ok {
			c.pairs(key, fire(mersenne.New(seed), n, int(math.Round(ms*1e-3/dt))), c.out.at(key))
		}
	}
	var totals, means []float64
	for run := range ownRuns {
		totals = append(totals, float64(len(fire(mersenne.New(uint32(ownSeed+run)), size, steps))))
	}
	c.sample("spikes of the group", totals, c.out.at("group_total_spikes"))
	p := rate * dt
	c.number("expected spikes", float64(size*steps)*p, c.out.at("group_expected").at("mean"), wide)
	c.number("their deviation", math.Sqrt(float64(size*steps)*p*(1-p)), c.out.at("group_expected").at("sd"), wide)
	for run := range 5 {
		if ctx.Err() != nil {
			return
		}
		u := mersenne.New(uint32(ownSeed + run))
		v, sum, keep := make([]float64, targets), 0.0, math.Exp(-dt/(q[2]*1e-3))
		for range inputSteps {
			for i := range v {
				v[i] = v[i]*keep + q[1]*float64(u.Binomial(inputs, p))
			}
		}
		for _, x := range v {
			sum += x / float64(targets)
		}
		means = append(means, sum)
	}
	c.sample("mean v", means, c.out.at("input_mean_v"))
}

// fixedTrains reads a key as seed5_six_neurons_200ms_step_neuron.
func fixedTrains(key string) (seed uint32, neurons int, ms float64, ok bool) {
	m := regexp.MustCompile(`^seed(\d+)_([a-z]+)_neurons_(\d+)ms_step_neuron$`).FindStringSubmatch(key)
	if m == nil {
		return 0, 0, 0, false
	}
	neurons = slices.Index([]string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}, m[2])
	s, err1 := strconv.ParseUint(m[1], 10, 32)
	ms, err2 := strconv.ParseFloat(m[3], 64)
	return uint32(s), neurons, ms, err1 == nil && err2 == nil && neurons > 0 && ms <= 10_000
}
