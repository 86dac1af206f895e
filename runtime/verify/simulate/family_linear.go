package simulate

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"spikec/internal/ode"
	"spikec/models/neuron"
)

func init() {
	register("if", integrator)
	register("lif", leaky)
	register("pulse_response", pulseResponse)
	register("resonate_and_fire", resonator)
	register("passive_chain", chain)
	register("hodgkin_huxley_soma_dendrite", somaDendrite)
}

// run simulates a neuron, and fails the recording where that cannot be done.
func run(ctx context.Context, c *recording, n neuron.Neuron, r neuron.Run) *neuron.Trace {
	if c.err == nil {
		t, err := neuron.Simulate(ctx, n, r)
		if err == nil {
			return t
		}
		c.fail("%v", err)
	}
	return &neuron.Trace{Samples: make([][]float64, n.Dim()), Final: make([]float64, n.Dim())}
}

// integrator compares both resets of a neuron without leak.
func integrator(ctx context.Context, c *recording) {
	n := &neuron.IF{C: c.in.at("C").positive(), Threshold: c.in.at("theta").positive()}
	dt, i := c.in.at("dt").positive(), c.in.at("I").float()
	r := neuron.Run{Method: "euler", Dt: dt, Steps: c.steps(c.in.at("T").positive(), dt), Every: 1, Input: func(int) float64 { return i }}
	c.whole("hard reset, spikes", run(ctx, c, n, r).Spikes, c.out.at("hard_spike_steps"))
	n.Soft = true
	t := run(ctx, c, n, r)
	c.whole("soft reset, spikes", t.Spikes, c.out.at("soft_spike_steps"))
	c.numbers("soft reset, V", every(after(t.Samples[0]), 10), c.out.at("soft_V_every_10"), tolerance{abs: 1e-12})
}

// after leaves out the initial state.
func after(samples []float64) []float64 {
	if len(samples) == 0 {
		return nil
	}
	return samples[1:]
}

// leaky compares two methods under the constant current that the title names, the closed form of its spike times, and the f-I curve.
func leaky(ctx context.Context, c *recording) {
	n := &neuron.LIF{}
	for _, p := range n.Parameters() {
		*p.Value = c.in.at(p.Name).float()
	}
	n.Tau = c.in.at("tau_m").positive()
	i := c.quantity(c.root.at("title"), `constant (NUMBER) nA`)
	dt, duration := c.in.at("dt").positive(), c.in.at("T").positive()
	for _, method := range []string{"exact", "euler"} {
		out := c.out.at(method)
		r := neuron.Run{Method: method, Dt: dt, Steps: c.steps(duration, dt), Every: out.at("V_every").int(1, mostSteps), Input: func(int) float64 { return i }}
		t := run(ctx, c, n, r)
		c.whole(method+", spikes", t.Spikes, out.at("spike_steps"))
		c.numbers(method+", V", t.Samples[0], out.at("V"), tolerance{abs: 1e-9})
	}
	var closed []float64
	if period := 1 / n.Rate(i); duration/period < mostSteps {
		closed = n.SpikeTimes(i, duration)
	}
	c.numbers("spike times in closed form", closed, c.out.at("analytic_spike_times"), tolerance{abs: 1e-9})
	for _, point := range c.out.at("f_I").at("points").list() {
		p := point.exactly(2)
		if c.done() {
			return
		}
		c.number(fmt.Sprintf("rate at %v nA", p[0].v), 1000*n.Rate(p[0].float()), p[1], tolerance{abs: 1e-9})
	}
}

// pulseResponse compares a leaky neuron without refractory time that pulses push.
func pulseResponse(ctx context.Context, c *recording) {
	n := &neuron.LIF{Rest: c.in.at("V_rest").float(), Threshold: c.in.at("V_thresh").float(), ResetTo: c.in.at("V_reset").float(), Tau: c.in.at("tau_m").positive()}
	dt, jump := c.in.at("dt_ms").positive(), c.in.at("jump_mV").float()
	jumps := map[int][]neuron.Jump{}
	var at []int
	for _, t := range c.in.at("pulse_times_ms").floats() {
		k := int(math.RoundToEven(math.Max(0, math.Min(t/dt, mostSteps))))
		jumps[k] = append(jumps[k], neuron.Jump{Amount: jump})
		at = append(at, k)
	}
	r := neuron.Run{Method: "exact", Dt: dt, Steps: c.steps(c.in.at("T_ms").positive(), dt), Jumps: jumps, Every: 1}
	t := run(ctx, c, n, r)
	c.whole("spikes", t.Spikes, c.out.at("spike_steps"))
	c.numbers("V", every(t.Samples[0], c.out.at("V_every").int(1, mostSteps)), c.out.at("V"), tolerance{abs: 1e-9})
	var pushed []float64
	for _, k := range at {
		if k < len(t.Samples[0]) {
			pushed = append(pushed, t.Samples[0][k])
		}
	}
	c.numbers("V after each pulse", pushed, c.out.at("V_after_each_pulse"), tolerance{abs: 1e-9})
}

// resonator compares a resonate-and-fire neuron with pulses.
func resonator(ctx context.Context, c *recording) {
	reset, from := c.in.at("Z_reset").floatsOf(2), c.in.at("Z0").floatsOf(2)
	n := &neuron.ResonateAndFire{B: c.in.at("b").float(), W: c.in.at("w").float(), Threshold: c.in.at("V_thresh").float(), ResetX: reset[0], ResetY: reset[1]}
	dt, i := c.in.at("dt").positive(), c.in.at("I").float()
	jumps := map[int][]neuron.Jump{}
	for _, p := range c.in.at("pulses").rows() {
		if len(p) != 2 {
			c.fail("a pulse has %d entries, want its time and its amount", len(p))
			return
		}
		k := int(math.RoundToEven(math.Max(0, math.Min(p[0]/dt, mostSteps))))
		jumps[k] = append(jumps[k], neuron.Jump{Amount: p[1]})
	}
	r := neuron.Run{Method: "exact", Dt: dt, Steps: c.steps(c.in.at("T").positive(), dt), Start: from, Jumps: jumps, Every: c.out.at("every").int(1, mostSteps),
		Input: func(int) float64 { return i }}
	t := run(ctx, c, n, r)
	c.whole("spikes", t.Spikes, c.out.at("spike_steps"))
	c.numbers("x", t.Samples[0], c.out.at("x"), tolerance{abs: 1e-9})
	c.numbers("y", t.Samples[1], c.out.at("y"), tolerance{abs: 1e-9})
}

// mostCompartments bounds a cable, whose matrix is dense.
const mostCompartments = 256

// chain compares a passive cable: three methods, its steady state and its eigenvalues.
func chain(ctx context.Context, c *recording) {
	size := c.in.at("n").int(1, mostCompartments)
	k := &neuron.Cable{C: c.in.at("C").floatsOf(size), GL: c.in.at("gL").floatsOf(size), EL: c.in.at("EL").float(), R: c.in.at("R").floatsOf(size - 1),
		I: c.in.at("I").floatsOf(size)}
	if err := k.Check(); err != nil {
		c.fail("%v", err)
	}
	dt, close := c.in.at("dt").positive(), tolerance{abs: 1e-9}
	steps, times := c.steps(c.in.at("T").positive(), dt), c.out.at("sample_t").floats()
	c.work(steps, size, size)
	for _, m := range []string{"exact", "euler", "crank_nicolson"} {
		if c.done() || ctx.Err() != nil {
			return
		}
		c.table(m, sampled(c, m, k, dt, steps, times), c.out.at(m), close)
	}
	rows, b := k.Matrix()
	flat, right := []float64{}, make([]float64, size)
	for i, row := range rows {
		flat = append(flat, row...)
		right[i] = -b[i]
	}
	a := mat.NewDense(size, size, flat)
	var rest mat.VecDense
	if err := rest.SolveVec(a, mat.NewVecDense(size, right)); err != nil {
		c.fail("steady state: %v", err)
		return
	}
	c.numbers("steady state", rest.RawVector().Data, c.out.at("steady_state"), close)
	var eigen mat.Eigen
	if !eigen.Factorize(a, mat.EigenNone) {
		c.fail("the matrix of the chain has no eigenvalues that can be found")
		return
	}
	values := make([]float64, size)
	for i, v := range eigen.Values(nil) {
		values[i] = real(v)
	}
	c.numbers("eigenvalues", sorted(values), c.out.at("eigenvalues_per_ms"), close)
}

// sampled returns the potentials of a cable at some of its steps.
func sampled(c *recording, method string, k *neuron.Cable, dt float64, steps int, times []float64) [][]float64 {
	s, err := ode.New(method, k, dt)
	if err != nil {
		c.fail("%v", err)
		return nil
	}
	y := make([]float64, k.Dim())
	for i := range y {
		y[i] = k.EL
	}
	var out [][]float64
	next := 0
	for step := 0; step <= steps && next < len(times); step++ {
		if step == int(math.Round(times[next]/dt)) {
			out = append(out, append([]float64{}, y...))
			next++
		}
		s.Step(y, nil)
	}
	return out
}

// somaDendrite compares a Hodgkin-Huxley soma with a passive dendrite.
func somaDendrite(ctx context.Context, c *recording) {
	size := c.in.at("n").int(1, mostCompartments)
	n := &neuron.SomaDendrite{Soma: *neuron.NewHodgkinHuxley(), GL: c.in.at("gL_dend").float(), EL: c.in.at("EL_dend").float(),
		R: c.in.at("R").floatsOf(size - 1), Inject: c.in.at("inject").int(0, size-1)}
	for _, p := range n.Soma.Parameters() {
		switch p.Name {
		case "level":
		case "EL":
			n.Soma.EL = c.in.at("EL_soma").float()
		default:
			*p.Value = c.in.at(p.Name).float()
		}
	}
	dt, i, on, off := c.in.at("dt").positive(), c.in.at("I").float(), c.in.at("on").float(), c.in.at("off").float()
	r := neuron.Run{Method: "rk4", Dt: dt, Steps: c.steps(c.in.at("T").positive(), dt), Every: c.out.at("every").int(1, mostSteps), Input: func(k int) float64 {
		if t := (float64(k) + 0.5) * dt; on <= t && t < off {
			return i
		}
		return 0
	}}
	c.work(r.Steps, size)
	t := run(ctx, c, n, r)
	c.whole("spikes", t.Spikes, c.out.at("spike_steps"))
	rows := make([][]float64, len(t.Samples[0]))
	for k := range rows {
		for v := range size {
			rows[k] = append(rows[k], t.Samples[v][k])
		}
	}
	c.table("V", rows, c.out.at("V"), tolerance{abs: 1e-8})
	c.numbers("end", t.Final, c.out.at("final"), tolerance{abs: 1e-8})
}
