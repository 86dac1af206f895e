package simulate

import (
	"context"
	"math"

	"spikec/models/neuron"
)

func init() {
	register("izhikevich", izhikevich)
	register("izhikevich_patterns", patterns)
}

// rampStart is when the current of the single neuron begins to rise, in the units of its samples: the programs have it as a constant.
const rampStart = 30

// izhikevich compares one of two programs of a single neuron under a rising current: the first, by time, takes U with the new V, and
// every sample is after an update; the second, by number of samples, takes both from the old values, and sample 0 is the start.
func izhikevich(ctx context.Context, c *recording) {
	n := &neuron.Izhikevich{A: c.in.at("a").float(), B: c.in.at("b").float(), C: c.in.at("c").float(), D: c.in.at("d").float(), Peak: c.in.at("VT").float(), Above: true}
	h, i0, slope, v0 := c.in.at("h").positive(), c.in.at("I0").float(), c.in.at("I_slope").float(), c.in.at("V0").float()
	current := func(t float64) float64 { return i0 + float64(slope*math.Max(0, t-rampStart)) }
	r := neuron.Run{Dt: h, Start: []float64{v0, float64(n.B * v0)}, Every: 1}
	byTime := c.in.has("t_start")
	if byTime {
		from, step := c.in.at("t_start").float(), c.in.at("t_step").positive()
		r.Steps = c.steps(c.in.at("t_end").float()-from, step) + 1
		r.Stepper = n.Sequential(h, 1)
		r.Input = func(k int) float64 { return current(from + float64(step*float64(k))) }
	} else {
		r.Steps = c.in.at("samples").int(2, mostSteps) - 1
		r.Method = "euler"
		r.Input = func(k int) float64 { return current(float64(k)) }
	}
	t := run(ctx, c, n, r)
	v, u, spikes := t.Samples[0], t.Samples[1], t.Spikes
	for _, k := range spikes {
		v[k] = n.Peak
	}
	if byTime {
		v, u = after(v), after(u)
		for i := range spikes {
			spikes[i]--
		}
	}
	if c.done() {
		return
	}
	c.whole("samples with a spike", spikes, c.out.at("spike_samples"))
	c.numbers("V", every(v, c.out.at("VF_every").int(1, mostSteps)), c.out.at("VF"), tolerance{abs: 1e-7})
	c.numbers("U", every(u, c.out.at("U_every").int(1, mostSteps)), c.out.at("U"), tolerance{abs: 1e-7})
	c.numbers("end", t.Final, node{c, ".outputs", []any{c.out.at("V_last").v, c.out.at("U_last").v}}, tolerance{abs: 1e-7})
	if c.out.has("I_first_last") {
		c.numbers("first and last current", []float64{current(0), current(float64(r.Steps))}, c.out.at("I_first_last"), tolerance{abs: 1e-12})
	}
}

// patterns compares the regimes that a recording lists, each with its own parameters.
func patterns(ctx context.Context, c *recording) {
	dt := c.in.at("dt_ms").positive()
	in := c.quantities(c.in.at("input"), `^(NUMBER) from (NUMBER) ms, 0 before$`, 2)
	steps, v0 := c.steps(c.in.at("T_ms").positive(), dt), c.in.at("v0").float()
	for _, name := range c.out.keys() {
		if c.done() {
			return
		}
		out := c.out.at(name)
		n := &neuron.Izhikevich{A: out.at("a").float(), B: out.at("b").float(), C: out.at("c").float(), D: out.at("d").float(), Peak: 30}
		t := run(ctx, c, n, neuron.Run{Stepper: n.Sequential(dt, 2), Dt: dt, Steps: steps, Start: []float64{v0, n.B * v0}, Every: 1, Input: func(k int) float64 {
			if float64(k)*dt >= in[1] {
				return in[0]
			}
			return 0
		}})
		v := t.Samples[0]
		for i, k := range t.Spikes {
			v[k] = n.Peak
			t.Spikes[i]--
		}
		c.whole(name+", spikes", t.Spikes, out.at("spike_steps"))
		c.numbers(name+", V", every(after(v), 20), out.at("v_every_20"), tolerance{abs: 1e-6})
	}
}
