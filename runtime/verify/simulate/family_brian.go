package simulate

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"spikec/internal/mersenne"
	"spikec/models/network"
)

func init() {
	for _, name := range []string{"brian_exact", "brian_threshold_reset", "brian_method"} {
		register(name, single)
	}
	register("brian_refractory", func(ctx context.Context, c *recording) {
		if c.in.has("modes") {
			refractoryModes(ctx, c)
		} else {
			single(ctx, c)
		}
	})
	for _, name := range []string{"brian_raster_rand", "brian_fI_curve", "brian_fI_noise"} {
		register(name, many)
	}
	register("brian_fI_noise_stats", noiseStatistics)
	register("brian_sde_methods", stochasticMethods)
	register("brian_timed_array", timedArray)
}

// machine is a network of a recording: what fails while it is built and run fails the recording.
type machine struct {
	c *recording
	*network.Network
	dt float64 // s
}

// newMachine returns a network with the recording's step. Numbers among the parameters become constants; those whose name ends in _ms are
// times, known without the ending.
func newMachine(c *recording, draws network.Draws) *machine {
	m := &machine{c: c, dt: c.in.at("dt_ms").positive() * 1e-3}
	n, err := network.New(m.dt, draws)
	m.check(err)
	if err != nil {
		n, _ = network.New(1, draws)
	}
	m.Network = n
	for _, key := range c.in.keys() {
		v, ok := c.in.maybe(key).v.(float64)
		if !ok || key == "N" || key == "dt_ms" {
			continue
		}
		if name, isTime := strings.CutSuffix(key, "_ms"); isTime {
			n.Constant(name, v*1e-3)
		} else {
			n.Constant(key, v)
		}
	}
	return m
}

// maybe is at for values that may be null.
func (n node) maybe(key string) node {
	v, _ := n.lookup(key)
	return v
}

// check fails the recording for an error.
func (m *machine) check(err error) {
	if err != nil {
		m.c.fail("%v", err)
	}
}

// run takes steps unless something is wrong.
func (m *machine) run(ctx context.Context, steps int) {
	if m.c.err == nil {
		m.check(m.Run(ctx, steps))
	}
}

// population adds one; where that fails it is an empty stand-in.
func (m *machine) population(d network.Description) *network.Population {
	if m.c.err == nil {
		p, err := m.AddPopulation(d)
		if err == nil {
			return p
		}
		m.check(err)
	}
	n, _ := network.New(1, nil)
	p, _ := n.AddPopulation(network.Description{N: 1, Equations: []string{"v : 1"}})
	return p
}

// values returns a variable of a population.
func (m *machine) values(p *network.Population, name string) []float64 {
	v, err := p.Values(name)
	m.check(err)
	return v
}

// watch keeps the values of a variable for some neurons at the start of every step, and all spikes.
type watch struct {
	traces [][]float64
	spikes []spike
}

// watch observes a population.
func (m *machine) watch(p *network.Population, neurons ...int) *watch {
	w := &watch{traces: make([][]float64, len(neurons))}
	v := m.values(p, "v")
	m.Observe(network.Start, func(int) {
		for i, k := range neurons {
			w.traces[i] = append(w.traces[i], v[k])
		}
	})
	m.Observe(network.Thresholds, func(step int) {
		for _, i := range p.Spikes {
			w.spikes = append(w.spikes, spike{step, i})
		}
	})
	return w
}

// steps of the spikes.
func (w *watch) steps() []int {
	var out []int
	for _, s := range w.spikes {
		out = append(out, s.step)
	}
	return out
}

// optional is the text at a key, "" where there is none.
func (n node) optional(key string) string {
	if n.has(key) {
		return n.at(key).text()
	}
	return ""
}

// description reads a population.
func description(c *recording, size int, equations ...node) network.Description {
	d := network.Description{N: size, Threshold: c.in.optional("threshold"), Reset: c.in.optional("reset")}
	for _, e := range equations {
		d.Equations = append(d.Equations, e.text())
	}
	if c.in.has("refractory_ms") {
		d.Refractory = fmt.Sprint(c.in.at("refractory_ms").float(), "*ms")
	}
	method, _, _ := strings.Cut(c.root.at("method").text(), ";")
	d.Method = method
	if c.kind == "statistical" {
		d.Method = "euler"
	}
	return d
}

// state is the tolerance of states of the programs, wide that of the simulator's semantics.
var (
	state = tolerance{abs: 1e-10}
	wide  = tolerance{abs: 1e-9}
)

// single compares one neuron: its trace, its spikes and its end.
func single(ctx context.Context, c *recording) {
	m := newMachine(c, nil)
	p := m.population(description(c, 1, c.root.at("equations").list()...))
	v := m.values(p, "v")
	if c.done() {
		return
	}
	v[0] = c.in.at("v_initial").float()
	w := m.watch(p, 0)
	m.run(ctx, c.steps(c.in.at("duration_ms").positive()*1e-3, m.dt))
	if c.out.has("spike_steps") {
		c.whole("spikes", w.steps(), c.out.at("spike_steps"))
		var times []float64
		for _, k := range w.steps() {
			times = append(times, float64(k)*m.dt*1e3)
		}
		c.numbers("times of the spikes", times, c.out.at("spike_times_ms"), wide)
		c.count("spikes", len(times), c.out.at("count"))
	}
	each := c.out.at("trace_every").int(1, mostSteps)
	c.numbers("v", every(w.traces[0], each), c.out.at("trace_v"), state)
	var times []float64
	for k := 0; k < len(w.traces[0]); k += each {
		times = append(times, float64(k)*m.dt*1e3)
	}
	c.numbers("times of v", times, c.out.at("trace_t_ms"), wide)
	c.number("v at the end", v[0], c.out.at("v_after_run"), state)
	if c.out.has("analytic_1_minus_exp") {
		for i, t := range times {
			times[i] = -math.Expm1(-t / c.in.at("tau_ms").positive())
		}
		c.numbers("closed form", times, c.out.at("analytic_1_minus_exp"), state)
	}
}

// mostMany bounds the neurons of a population of these recordings.
const mostMany = 4096

// initialise executes the initial values that a recording gives as expressions.
func initialise(m *machine, p *network.Population) {
	if m.c.in.has("init") {
		for _, name := range m.c.in.at("init").keys() {
			m.check(p.Set(name + " = " + m.c.in.at("init").at(name).text()))
		}
	}
}

// many compares a population.
func many(ctx context.Context, c *recording) {
	size := c.in.at("N").int(1, mostMany)
	var draws network.Draws
	if c.in.has("seed") {
		draws = mersenne.New(c.in.at("seed").seed())
	}
	m := newMachine(c, draws)
	steps := c.steps(c.in.at("duration_ms").positive()*1e-3, m.dt)
	c.work(size, steps, 8)
	p := m.population(description(c, size, c.root.at("equations").list()...))
	initialise(m, p)
	traced := c.out.at("trace_neurons").ints(0, size-1)
	v := m.values(p, "v")
	if c.done() {
		return
	}
	for _, name := range c.out.at("initial").keys() {
		c.numbers("initial "+name, m.values(p, name), c.out.at("initial").at(name), tolerance{abs: 1e-15})
	}
	var v0 []float64
	if c.out.has("f_I") {
		v0 = slices.Clone(m.values(p, "v0"))
	}
	w := m.watch(p, traced...)
	m.run(ctx, steps)
	c.count("spikes", len(w.spikes), c.out.at("total_spikes"))
	c.raster(w.spikes, c.out.at("spike_steps"), c.out.at("spike_neurons"))
	c.words("SHA-256 of the raster", hash(w.spikes), c.out.at("raster_sha256"))
	counts := make([]int, size)
	for _, s := range w.spikes {
		counts[s.neuron]++
	}
	c.whole("counts", counts, c.out.at("count_per_neuron"))
	each := c.out.at("trace_every").int(1, mostSteps)
	for i, want := range c.out.at("trace_v").exactly(len(traced)) {
		c.numbers(fmt.Sprintf("v of neuron %d", traced[i]), every(w.traces[i], each), want, state)
	}
	c.numbers("v at the end", v, c.out.at("v_after_run"), state)
	if v0 == nil {
		return
	}
	seconds := float64(steps) * m.dt
	var points [][]float64
	for i := range counts {
		points = append(points, []float64{v0[i], float64(counts[i]) / seconds})
	}
	c.table("f-I curve", points, c.out.at("f_I"), wide)
	if c.out.has("analytic_rate_per_s") {
		tau, ref := c.in.at("tau_ms").positive()*1e-3, c.in.at("refractory_ms").float()*1e-3
		rates := make([]float64, size)
		for i, x := range v0 {
			if x > 1 {
				rates[i] = 1 / (ref + tau*math.Log(x/(x-1)))
			}
		}
		c.numbers("rates in closed form", rates, c.out.at("analytic_rate_per_s"), wide)
	}
}

// noiseRuns is how many runs of its own the noisy f-I curve is compared with.
const noiseRuns = 3

// noiseStatistics compares rates of a noisy population over seeds; the program is that of the recordings of brian_fI_noise.
func noiseStatistics(ctx context.Context, c *recording) {
	size := c.in.at("N").int(2, mostMany)
	rates, totals := make([][]float64, size), []float64{}
	for run := range noiseRuns {
		m := newMachine(c, mersenne.New(uint32(ownSeed+run)))
		steps := c.steps(c.in.at("duration_ms").positive()*1e-3, m.dt)
		c.work(size, steps, 8, noiseRuns)
		d := description(c, size, c.root.at("equations").list()...)
		d.Equations, d.Threshold, d.Reset = append(d.Equations, "v0 : 1"), "v > 1", "v = 0"
		p := m.population(d)
		m.check(p.Set("v0 = i*v0_max/(N-1)"))
		if c.done() || ctx.Err() != nil {
			return
		}
		w := m.watch(p)
		m.run(ctx, steps)
		counts := make([]float64, size)
		for _, s := range w.spikes {
			counts[s.neuron]++
		}
		for i := range counts {
			rates[i] = append(rates[i], counts[i]/(float64(steps)*m.dt))
		}
		totals = append(totals, float64(len(w.spikes)))
	}
	n := c.out.at("n").int(1, 1<<20)
	means, errors := c.out.at("mean_rate_per_s").floatsOf(size), c.out.at("se_rate_per_s").floatsOf(size)
	for i := range rates {
		c.meanOf(fmt.Sprintf("rate of neuron %d", i), rates[i], means[i], errors[i], n)
	}
	c.sample("spikes", totals, c.out.at("total"))
}

// stochasticMethods compares methods for noise, each from the same seed.
func stochasticMethods(ctx context.Context, c *recording) {
	for _, method := range c.out.keys() {
		if c.done() {
			return
		}
		out := c.out.at(method)
		final := out.at("v_final")
		size := len(final.list())
		if size > mostMany {
			c.fail("%d neurons: at most %d", size, mostMany)
		}
		m := newMachine(c, mersenne.New(c.in.at("seed").seed()))
		steps := c.steps(c.in.at("duration_ms").positive()*1e-3, m.dt)
		c.work(size, steps, 8)
		p := m.population(network.Description{N: size, Equations: []string{out.at("equation").text()}, Method: method})
		m.check(p.Set(fmt.Sprint("v = ", c.in.at("v_initial").float())))
		var neurons []int
		for i := range size {
			neurons = append(neurons, i)
		}
		if c.done() {
			return
		}
		w := m.watch(p, neurons...)
		m.run(ctx, steps)
		for i, want := range out.at("v_every_5").exactly(size) {
			c.numbers(fmt.Sprintf("%s, v of neuron %d", method, i), every(w.traces[i], 5), want, wide)
		}
		c.numbers(method+", v at the end", m.values(p, "v"), final, wide)
	}
}

// refractoryModes compares refractoriness as a time, as a time a neuron, and as a condition.
func refractoryModes(ctx context.Context, c *recording) {
	refs := c.in.at("refs_ms").floats()
	if len(refs) < 1 || len(refs) > mostMany {
		c.fail("%d refractory times", len(refs))
		return
	}
	for mode, refractory := range map[string]string{"time": fmt.Sprint(refs[0], "*ms"), "per_neuron": "ref", "condition": "(t - lastspike) < 2*ref"} {
		m := newMachine(c, nil)
		steps := c.steps(c.in.at("duration_ms").positive()*1e-3, m.dt)
		c.work(len(refs), steps, 8)
		d := description(c, len(refs), c.root.at("equations").list()...)
		d.Equations, d.Refractory = append(d.Equations, "ref : second"), refractory
		p := m.population(d)
		if c.done() {
			return
		}
		for i, r := range refs {
			m.values(p, "ref")[i] = r * 1e-3
		}
		w := m.watch(p)
		m.run(ctx, steps)
		c.pairs(mode+", spikes", w.spikes, c.out.at(mode).at("spikes_step_neuron"))
	}
}

// timedArray compares neurons with an input that is a function of time, and statements every so often.
func timedArray(ctx context.Context, c *recording) {
	g := c.in.at("g").floats()
	if len(g) < 1 || len(g) > mostMany {
		c.fail("%d neurons", len(g))
		return
	}
	m := newMachine(c, nil)
	m.check(m.Timed("I", c.in.at("values").floats(), 1, c.in.at("value_dt_ms").positive()*1e-3))
	p := m.population(description(c, len(g), c.root.at("equations").list()...))
	statement, rest, _ := strings.Cut(c.in.at("run_regularly").text(), " every ")
	each := c.quantity(node{c, ".parameters.run_regularly", rest}, `^(NUMBER) ms`)
	if c.done() {
		return
	}
	m.check(p.Regularly(statement, each*1e-3))
	copy(m.values(p, "g"), g)
	var neurons []int
	for i := range g {
		neurons = append(neurons, i)
	}
	w := m.watch(p, neurons...)
	rates := c.out.at("population_rate_Hz")
	steps := len(rates.list())
	c.work(len(g), steps, 8)
	m.run(ctx, steps)
	c.pairs("spikes", w.spikes, c.out.at("spikes_step_neuron"))
	c.table("v", w.traces, c.out.at("v"), wide)
	got := make([]float64, steps)
	for _, s := range w.spikes {
		got[s.step] += 1 / (float64(len(g)) * m.dt)
	}
	c.numbers("rate of the population", got, rates, wide)
}
