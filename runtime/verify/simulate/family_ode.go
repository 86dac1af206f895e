package simulate

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"strconv"

	"spikec/models/neuron"
)

func init() {
	for name, model := range map[string]string{"hodgkin_huxley": "hh", "morris_lecar": "morris_lecar", "fitzhugh_nagumo": "fitzhugh_nagumo",
		"hindmarsh_rose": "hindmarsh_rose"} {
		register(name, func(ctx context.Context, c *recording) { smooth(ctx, c, model) })
	}
}

// fixedStep is the tolerance of samples that the same method gives with the same step.
var fixedStep = tolerance{1e-9, 1e-9}

// smooth runs a neuron without reset: with fixed steps of some methods, as errors that fall with the step, as an f-I curve, or as
// rate functions.
func smooth(ctx context.Context, c *recording, model string) {
	n, err := neuron.New(model)
	if err != nil {
		c.fail("%v", err)
		return
	}
	switch {
	case c.out.has("f_I"):
		set(c, n)
		curve(ctx, c, n)
	case c.out.has("methods"):
		set(c, n)
		methods(ctx, c, n)
	default:
		rates(c, n)
	}
}

// set takes all parameters that the recording gives, and refuses a recording that leaves one out.
func set(c *recording, n neuron.Neuron) {
	for _, p := range n.Parameters() {
		if p.Name != "level" {
			*p.Value = c.in.at(p.Name).float()
		}
	}
}

// start reads the initial state.
func start(c *recording, n neuron.Neuron) []float64 {
	y := make([]float64, n.Dim())
	initial := c.in.at("initial")
	for i, name := range n.Variables() {
		y[i] = initial.at(name).float()
	}
	return y
}

// level takes the potential of a spike from a text that ends in "V = number" or "V=number in T".
func level(c *recording, n neuron.Neuron, text string) {
	m := regexp.MustCompile(`upward crossings? of V ?= ?([-0-9.e+]+)`).FindStringSubmatch(text)
	if m == nil {
		c.fail("%q names no level that V crosses upwards", text)
		return
	}
	v, err := strconv.ParseFloat(m[1], 64)
	if err == nil {
		err = neuron.Set(n, "level", v)
	}
	if err != nil {
		c.fail("level of a spike: %v", err)
	}
}

// input reads the current as a function of time.
func input(c *recording, in node) func(t float64) float64 {
	i := in.at("I").float()
	switch kind := in.at("kind").text(); kind {
	case "constant":
		return func(float64) float64 { return i }
	case "pulse":
		on, off := in.at("on").float(), in.at("off").float()
		return func(t float64) float64 {
			if on <= t && t < off {
				return i
			}
			return 0
		}
	default:
		c.fail("input of kind %q: constant and pulse are known", kind)
	}
	return nil
}

// methods compares every fixed-step run, its spikes with those of the reference where the method is of order four, and the errors for
// falling steps.
func methods(ctx context.Context, c *recording, n neuron.Neuron) {
	current, y, duration := input(c, c.in.at("input")), start(c, n), c.in.at("T").positive()
	reference := c.out.at("reference")
	level(c, n, reference.at("spike_definition").text())
	for _, m := range c.out.at("methods").list() {
		dt, name, sampled := m.at("dt").positive(), m.at("method").text(), m.at("sample_every").int(1, mostSteps)
		r := neuron.Run{Method: name, Dt: dt, Steps: c.steps(duration, dt), Start: y, Every: sampled,
			Input: func(k int) float64 { return current((float64(k) + 0.5) * dt) }}
		if c.done() {
			return
		}
		what := fmt.Sprintf("%s with dt %v", name, dt)
		t, err := neuron.Simulate(ctx, n, r)
		if err != nil {
			c.fail("%v", err)
			return
		}
		c.whole(what+", spikes", t.Spikes, m.at("spike_steps"))
		for i, v := range n.Variables() {
			c.numbers(what+", "+v, t.Samples[i], m.at("samples").at(v), fixedStep)
		}
		c.numbers(what+", end", t.Final, m.at("final"), fixedStep)
		if name == "rk4" {
			times := make([]float64, len(t.Spikes))
			for i, k := range t.Spikes {
				times[i] = float64(k) * dt
			}
			c.numbers(what+", times of the spikes against the reference", times, reference.at("spike_times"), tolerance{abs: dt})
		}
	}
	if c.out.has("convergence") {
		convergence(ctx, c, n, current, y)
	}
}

// convergence compares the errors at the end of runs with falling steps, within 5 % where they are above 1e-9, and the order that two of
// them show.
func convergence(ctx context.Context, c *recording, n neuron.Neuron, current func(float64) float64, y []float64) {
	v := c.out.at("convergence")
	duration, dts, want := v.at("T").positive(), v.at("dts").list(), v.at("reference_final").floatsOf(n.Dim())
	for _, m := range v.at("results").list() {
		name, listed := m.at("method").text(), m.at("max_error_at_end").floatsOf(len(dts))
		errors := make([]float64, len(dts))
		for i, d := range dts {
			dt := d.positive()
			r := neuron.Run{Method: name, Dt: dt, Steps: c.steps(duration, dt), Start: y, Input: func(k int) float64 { return current((float64(k) + 0.5) * dt) }}
			if c.done() {
				return
			}
			t, err := neuron.Simulate(ctx, n, r)
			if err != nil {
				c.fail("%v", err)
				return
			}
			for k := range want {
				errors[i] = math.Max(errors[i], math.Abs(t.Final[k]-want[k]))
			}
			c.compared++
			if listed[i] > 1e-9 && math.Abs(errors[i]-listed[i]) > 0.05*listed[i] {
				c.differ("%s with dt %v: error %v at the end, recorded %v", name, dt, errors[i], listed[i])
			}
		}
		for i, o := range m.at("observed_order").list() {
			if i+1 < len(errors) && listed[i+1] > 1e-9 {
				c.number(fmt.Sprintf("%s, order between steps %d and %d", name, i, i+1), math.Log2(errors[i]/errors[i+1]), o, tolerance{abs: 0.1})
			}
		}
	}
}

// curve compares the number of spikes for each of some currents.
func curve(ctx context.Context, c *recording, n neuron.Neuron) {
	m := regexp.MustCompile(`^(\w+), dt = ([0-9.e+-]+)$`).FindStringSubmatch(c.root.at("method").text())
	if m == nil {
		c.fail("the method is not of the form \"name, dt = number\"")
		return
	}
	dt, err := strconv.ParseFloat(m[2], 64)
	if err != nil || !(dt > 0) {
		c.fail("the method has a step of %s", m[2])
		return
	}
	level(c, n, c.out.at("columns").text())
	r := neuron.Run{Method: m[1], Dt: dt, Steps: c.steps(c.in.at("T").positive(), dt), Start: start(c, n)}
	for _, point := range c.out.at("f_I").list() {
		p := point.exactly(2)
		if c.done() {
			return
		}
		i := p[0].float()
		r.Input = func(int) float64 { return i }
		t, err := neuron.Simulate(ctx, n, r)
		if err != nil {
			c.fail("%v", err)
			return
		}
		c.count(fmt.Sprintf("spikes at a current of %v", i), len(t.Spikes), p[1])
	}
}

// rates compares rate functions of gates.
func rates(c *recording, n neuron.Neuron) {
	hh, ok := n.(*neuron.HodgkinHuxley)
	if !ok {
		c.fail("holds neither methods nor an f-I curve")
		return
	}
	var columns [6][]float64
	for _, v := range c.in.at("V").floats() {
		alpha, beta := hh.Rates(v)
		for i := range alpha {
			columns[2*i] = append(columns[2*i], alpha[i])
			columns[2*i+1] = append(columns[2*i+1], beta[i])
		}
	}
	for i, name := range []string{"alpha_m", "beta_m", "alpha_h", "beta_h", "alpha_n", "beta_n"} {
		c.numbers(name, columns[i], c.out.at(name), tolerance{rel: 1e-8})
	}
}
