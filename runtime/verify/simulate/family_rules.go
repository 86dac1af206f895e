package simulate

import (
	"context"
	"fmt"
	"math"
	"slices"

	"spikec/models/neuron"
	"spikec/models/plasticity"
)

func init() {
	register("stdp_window", demonstrationWindow)
	register("stdp_windows", windows)
	register("spike_kernels", kernels)
	register("rstdp", rewarded)
	register("bcm_stdp", bcm)
	register("resume", func(ctx context.Context, c *recording) {
		r := plasticity.ReSuMe{Bias: c.in.at("a").float(), A: c.in.at("A").float(), Tau: c.in.at("tau_ms").positive()}
		trainTeacher(ctx, c, r.Change)
	})
	register("span", func(ctx context.Context, c *recording) {
		trainTeacher(ctx, c, plasticity.SPAN{Tau: c.in.at("tau_ms").positive()}.Change)
	})
	register("supervised_hebb", hebb)
}

// demonstrationWindow compares a window over a grid; its argument is t_pre − t_post, −Δ.
func demonstrationWindow(_ context.Context, c *recording) {
	w := plasticity.Coincident{A: c.in.at("A").float(), Tau: c.in.at("tau_s").positive()}
	lo, hi, points := c.in.at("lo_s").float(), c.in.at("hi_s").float(), c.in.at("points").int(2, mostSteps)
	var ds, dw []float64
	for k := range points {
		d := lo + float64(float64(k)*((hi-lo)/float64(points-1)))
		if k == points-1 {
			d = hi
		}
		ds, dw = append(ds, d), append(dw, w.Change(-d))
	}
	c.numbers("distances", ds, c.out.at("dt_s"), tolerance{abs: 1e-14})
	c.numbers("changes", dw, c.out.at("dw"), tolerance{abs: 1e-14})
}

// windows compares two windows over a grid, and their sums over two spike trains.
func windows(_ context.Context, c *recording) {
	two := plasticity.TwoPhase{APlus: c.in.at("A_plus").float(), AMinus: c.in.at("A_minus").float(), TauPlus: c.in.at("tau_plus_ms").positive(),
		TauMinus: c.in.at("tau_minus_ms").positive()}
	three := plasticity.ThreePhase{APlus: c.in.at("three_A_plus").float(), AMinus: c.in.at("three_A_minus").float()}
	pre, post := c.in.at("pre_ms").floats(), c.in.at("post_ms").floats()
	if !slices.IsSorted(pre) || !slices.IsSorted(post) {
		c.fail("the spike trains are not in order")
	}
	c.work(len(pre), len(post))
	if c.done() {
		return
	}
	close := tolerance{abs: 1e-12}
	for name, w := range map[string]plasticity.Window{"two": two, "three": three} {
		var got []float64
		for _, d := range c.out.at("d_ms").floats() {
			got = append(got, w.Change(d))
		}
		c.numbers(name+"-phase window", got, c.out.at(name+"_phase"), close)
		c.number(name+"-phase window, all pairs", plasticity.All(w, pre, post), c.out.at("all_"+name), close)
		c.number(name+"-phase window, nearest pairs", plasticity.Nearest(w, pre, post), c.out.at("nearest_"+name), close)
	}
}

// kernels compares inner products and distances of two spike trains.
func kernels(_ context.Context, c *recording) {
	a, b := c.in.at("a_ms").floats(), c.in.at("b_ms").floats()
	tau, sigma := c.in.at("tau_ms").positive(), c.in.at("sigma_ms").positive()
	c.work(max(len(a), len(b)), max(len(a), len(b)))
	if c.done() {
		return
	}
	for name, m := range map[string]plasticity.Measure{"exponential": plasticity.Exponential(tau), "alpha": plasticity.Alpha(tau), "gaussian": plasticity.Gaussian(sigma)} {
		out := c.out.at(name)
		for key, got := range map[string]float64{"inner_aa": m.Inner(a, a), "inner_bb": m.Inner(b, b), "inner_ab": m.Inner(a, b),
			"distance_squared": m.Squared(a, b), "correlation": m.Correlation(a, b)} {
			c.number(name+", "+key, got, out.at(key), tolerance{rel: 1e-12})
		}
	}
}

// mostListed bounds the entries of the lists of the step-wise rules.
const mostListed = 1 << 20

// trains reads n input trains and one output train as marks in steps.
func trains(c *recording) (x [][]float64, y []float64) {
	n, steps := c.in.at("n").int(1, mostNeurons), c.in.at("steps").int(1, mostListed)
	c.work(n, steps, 16)
	if c.err != nil {
		return nil, nil
	}
	mark := func(list node) []float64 {
		m := make([]float64, steps)
		for _, k := range list.ints(0, steps-1) {
			m[k] = 1
		}
		return m
	}
	for _, list := range c.in.at("x_steps").exactly(n) {
		x = append(x, mark(list))
	}
	return x, mark(c.in.at("y_steps"))
}

// column returns the spikes of all inputs in a step.
func column(to []float64, x [][]float64, k int) []float64 {
	for i := range x {
		to[i] = x[i][k]
	}
	return to
}

// filled returns n times v.
func filled(n int, v float64) []float64 { return slices.Repeat([]float64{v}, n) }

// rewarded compares plasticity with a reward.
func rewarded(ctx context.Context, c *recording) {
	x, y := trains(c)
	rule := &plasticity.Reward{APlus: c.in.at("A_plus").float(), AMinus: c.in.at("A_minus").float(), TauPlus: c.in.at("tau_plus").positive(),
		TauMinus: c.in.at("tau_minus").positive(), TauE: c.in.at("tau_e").positive(), Rate: c.in.at("eta").float(), Eligible: make([]float64, len(x))}
	steps := c.in.at("reward_steps").ints(0, max(len(y)-1, 0))
	values := c.in.at("reward_values").floatsOf(len(steps))
	if c.err != nil {
		return
	}
	reward := make([]float64, len(y))
	for i, k := range steps {
		reward[k] = values[i]
	}
	w, s := filled(len(x), c.in.at("w_initial").float()), make([]float64, len(x))
	var es, ws [][]float64
	for k := range y {
		rule.Step(w, column(s, x, k), y[k], reward[k])
		if k%20 == 0 {
			es, ws = append(es, slices.Clone(rule.Eligible)), append(ws, slices.Clone(w))
		}
	}
	close := tolerance{abs: 1e-10}
	c.table("eligibilities", es, c.out.at("e_every_20"), close)
	c.table("weights", ws, c.out.at("w_every_20"), close)
	c.numbers("weights at the end", w, c.out.at("w_final"), close)
}

// bcm compares the rule with a sliding threshold, and plasticity whose heights follow it.
func bcm(ctx context.Context, c *recording) {
	x, y := trains(c)
	rule := &plasticity.BCM{Rate: c.in.at("eta").float(), TauTheta: c.in.at("tau_theta").positive()}
	swat := &plasticity.SWAT{A: c.in.at("A").float(), TauPlus: c.in.at("tau_plus").positive(), TauMinus: c.in.at("tau_minus").positive(),
		Activity: plasticity.BCM{TauTheta: rule.TauTheta}}
	w0 := c.in.at("w_initial").float()
	w, v, s := filled(len(x), w0), filled(len(x), w0), make([]float64, len(x))
	var theta []float64
	var ws, vs [][]float64
	for k := range y {
		column(s, x, k)
		rule.Step(w, s, y[k])
		swat.Step(v, s, y[k])
		if k%20 == 0 {
			theta, ws, vs = append(theta, rule.Theta), append(ws, slices.Clone(w)), append(vs, slices.Clone(v))
		}
	}
	close := tolerance{abs: 1e-9}
	c.numbers("threshold", theta, c.out.at("theta_every_20"), close)
	c.table("weights of BCM", ws, c.out.at("w_bcm_every_20"), close)
	c.table("weights of STDP", vs, c.out.at("w_stdp_every_20"), close)
}

// trainTeacher compares the training of one neuron to spike at given times, with a rule that gives the change of a synapse for unit rate.
// In a step the neuron's input current decays and takes the arriving weights, then the potential follows it.
func trainTeacher(ctx context.Context, c *recording, change func(input, output, wanted []float64) float64) {
	size, steps, epochs := c.in.at("inputs").int(1, mostNeurons), c.in.at("steps").int(1, mostListed), c.in.at("epochs").int(1, mostListed)
	dt, tauM, tauS, eta := c.in.at("dt_ms").positive(), c.in.at("tau_m_ms").positive(), c.in.at("tau_s_ms").positive(), c.in.at("eta").float()
	w, wanted := slices.Clone(c.in.at("w_initial").floatsOf(size)), c.in.at("desired_ms").floats()
	c.work(steps, epochs)
	arrivals := make([][]int, steps)
	inputs := make([][]float64, size)
	spikes := 0
	for i, list := range c.in.at("input_steps").exactly(size) {
		if c.err != nil {
			return
		}
		for _, k := range list.ints(0, steps-1) {
			arrivals[k] = append(arrivals[k], i)
			inputs[i] = append(inputs[i], float64(k)*dt)
			spikes++
		}
	}
	c.work(spikes, epochs, steps/16+1)
	present := func() (ks []int, times []float64) {
		s, v, keep, gain := 0.0, 0.0, math.Exp(-dt/tauS), dt/tauM
		for k := range steps {
			sum := 0.0
			for _, i := range arrivals[k] {
				sum += w[i]
			}
			s = float64(s*keep) + sum
			v += float64(gain * (s - v))
			if v >= 1 {
				ks, times, v = append(ks, k), append(times, float64(k)*dt), 0
			}
		}
		return ks, times
	}
	snapshots := c.out.at("weights_at_epoch").list()
	listed := c.out.at("output_steps_by_epoch").exactly(epochs)
	close := tolerance{abs: 1e-7}
	for epoch := range epochs {
		if c.done() || ctx.Err() != nil {
			return
		}
		if len(snapshots) > 0 {
			if row := snapshots[0].floatsOf(size + 1); row[0] == float64(epoch) {
				c.numbers(fmt.Sprintf("weights before epoch %d", epoch), slices.Concat(row[:1], w), snapshots[0], close)
				snapshots = snapshots[1:]
			}
		}
		ks, output := present()
		c.whole(fmt.Sprintf("epoch %d, spikes", epoch), ks, listed[epoch])
		changes := make([]float64, size)
		for i := range w {
			changes[i] = change(inputs[i], output, wanted)
			w[i] += eta * changes[i]
		}
		if epoch == 0 {
			c.numbers("first change", changes, c.out.at("first_update"), close)
		}
	}
	c.numbers("weights at the end", w, c.out.at("weights_final"), close)
	ks, _ := present()
	c.whole("spikes at the end", ks, c.out.at("output_steps_final"))
}

// longest is how long a neuron that spikes once may take, in ms, after which it counts as silent.
const longest = 100

// hebb compares the training of one neuron to spike once at a given time.
func hebb(ctx context.Context, c *recording) {
	cell := &neuron.SpikeResponse{Tau: c.in.at("tau_ms").positive(), Theta: c.in.at("theta").positive()}
	rule, wanted, delay := plasticity.Hebb{Rate: c.in.at("eta").float()}, c.in.at("desired_ms").float(), c.in.at("delay_ms").float()
	arrivals := c.in.at("input_ms").floats()
	for i := range arrivals {
		arrivals[i] += delay
	}
	w, epochs := c.in.at("w_initial").floatsOf(len(arrivals)), c.in.at("epochs").int(1, mostListed)
	c.work(epochs, len(w), longest*20)
	in := make([]neuron.Arrival, len(w))
	var times []float64
	for range epochs {
		if c.done() || ctx.Err() != nil {
			return
		}
		for i := range in {
			in[i] = neuron.Arrival{Time: arrivals[i], Weight: w[i]}
		}
		t, ok := cell.FirstSpike(in, longest)
		times = append(times, t)
		rule.Change(w, arrivals, t, ok, wanted)
	}
	c.numbers("spike of each epoch", times, c.out.at("output_ms_by_epoch"), tolerance{abs: 1e-7})
	c.numbers("weights at the end", w, c.out.at("weights_final"), tolerance{abs: 1e-7})
}
