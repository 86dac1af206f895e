package simulate

import (
	"context"
	"fmt"
	"math"
	"strings"

	"spikec/internal/ode"
	"spikec/models/neuron"
	"spikec/models/plasticity"

	"spikec/internal/mersenne"
)

func init() {
	register("lif_timestep", lifTimestep)
	register("lif_stdp", lifSTDP)
}

// lifTimestep compares the neuron that keeps its own clock: under a current in some steps, or under constant currents.
func lifTimestep(ctx context.Context, c *recording) {
	fresh := func() *neuron.SteppedLIF {
		rest := c.in.at("resting_potential_mV").float()
		return &neuron.SteppedLIF{Rest: rest, V: rest, Threshold: c.in.at("threshold_mV").float(), ResetTo: c.in.at("reset_potential_mV").float(),
			R: c.in.at("membrane_resistance").float(), C: c.in.at("membrane_capacitance").positive(), Hold: c.in.at("refractory_period_ms").float(),
			Dt: c.in.at("dt_ms").positive()}
	}
	n := fresh()
	steps := c.steps(c.in.at("simulation_time_ms").positive(), n.Dt)
	var current, from, to float64
	if c.out.has("f_I") {
		v := c.quantities(c.in.at("input"), `^trace: constant (NUMBER) nA for (NUMBER) steps; f_I: constant currents$`, 2)
		current, to = v[0], v[1]-1
	} else {
		v := c.quantities(c.in.at("input"), `^(NUMBER) nA in steps (NUMBER)\.\.(NUMBER), else 0$`, 3)
		current, from, to = v[0], v[1], v[2]
	}
	var spikes []int
	var times, membrane []float64
	for k := range steps {
		membrane = append(membrane, n.V)
		i := 0.0
		if float64(k) >= from && float64(k) <= to {
			i = current
		}
		if n.Step(i) {
			spikes, times = append(spikes, k), append(times, n.T)
		}
	}
	c.whole("spikes", spikes, c.out.at("spike_steps"))
	c.numbers("times of the spikes", times, c.out.at("spike_times_ms"), tolerance{})
	c.numbers("V before the step", every(membrane, c.out.at("membrane_every").int(1, mostSteps)), c.out.at("membrane_V_before_step"), tolerance{abs: 1e-11})
	if len(membrane) > 0 {
		c.number("last V", membrane[len(membrane)-1], c.out.at("membrane_V_last"), tolerance{abs: 1e-11})
	}
	c.count("spikes", len(spikes), c.out.at("count"))
	if !c.out.has("f_I") {
		return
	}
	points := c.out.at("f_I").list()
	c.work(len(points), steps)
	for _, point := range points {
		p := point.exactly(2)
		if c.done() || ctx.Err() != nil {
			return
		}
		n, count := fresh(), 0
		for i := p[0].float(); n.T+n.Dt/2 < float64(steps)*n.Dt; {
			if n.Step(i) {
				count++
			}
		}
		c.count(fmt.Sprintf("spikes at %v nA", p[0].v), count, p[1])
	}
}

// lifSTDP compares a neuron with inputs that repeat and learn by traces.
func lifSTDP(ctx context.Context, c *recording) {
	size, dt := c.in.at("num_inputs").int(1, mostNeurons), c.in.at("dt_ms").positive()
	steps := c.steps(c.in.at("simulation_time_ms").positive(), dt)
	c.work(size, steps)
	n := &neuron.LIF{Rest: c.in.at("V_rest").float(), ResetTo: c.in.at("V_reset").float(), Threshold: c.in.at("V_th").float(), R: c.in.at("gain").float(),
		Tau: c.in.at("tau_m_ms").positive()}
	rule := &plasticity.Stepped{APlus: c.in.at("A_plus").float(), AMinus: c.in.at("A_minus").float(), TauPlus: c.in.at("tau_plus_ms").positive(),
		TauMinus: c.in.at("tau_minus_ms").positive(), Min: c.in.at("w_min").float(), Max: c.in.at("w_max").float(), Dt: dt, Pre: make([]float64, size)}
	inputs := patterns000(c, size, steps, dt)
	stepper, err := ode.New("euler", n, dt)
	if err != nil {
		c.fail("%v", err)
	}
	if c.done() {
		return
	}
	lo, hi, random := c.in.at("w_init_low").float(), c.in.at("w_init_high").float(), mersenne.New(c.in.at("seed").seed())
	w := make([]float64, size)
	for i := range w {
		w[i] = lo + float64((hi-lo)*random.Uniform())
	}
	c.numbers("initial weights", w, c.out.at("w_initial"), tolerance{})
	listed := make([][]int, size)
	var spikes []int
	var times, membrane []float64
	var weights [][]float64
	y, s := []float64{n.Rest}, make([]float64, size)
	for k := range steps {
		if k&1023 == 0 && ctx.Err() != nil {
			return
		}
		sum := 0.0
		for i := range s {
			s[i] = 0
			if inputs[i][k] {
				s[i] = 1
				listed[i] = append(listed[i], k)
			}
			sum += float64(w[i] * s[i])
		}
		n.Drive(sum)
		stepper.Step(y, nil)
		out := 0.0
		if n.Spikes(nil, y) {
			n.Reset(y)
			out = 1
			spikes, times = append(spikes, k), append(times, float64(k)*dt)
		}
		membrane = append(membrane, y[0])
		rule.Step(w, s, out)
		if k%c.in.at("weights_every").int(1, mostSteps) == 0 {
			weights = append(weights, append([]float64{}, w...))
		}
	}
	close := tolerance{abs: 1e-12}
	for i, want := range c.out.at("input_steps").exactly(size) {
		c.whole(fmt.Sprintf("spikes of input %d", i), listed[i], want)
	}
	c.whole("spikes", spikes, c.out.at("output_spike_steps"))
	c.numbers("times of the spikes", times, c.out.at("output_spike_times_ms"), close)
	c.numbers("V", membrane, c.out.at("membrane_V"), close)
	c.table("weights", weights, c.out.at("weights_by_step"), close)
	c.numbers("final weights", w, c.out.at("weights_final"), close)
	c.numbers("final traces of the inputs", rule.Pre, c.out.at("x_pre_final"), close)
	c.numbers("final trace of the output", []float64{rule.Post}, c.out.at("x_post_final"), close)
}

// patterns000 returns in which steps each input spikes: input i at time i of a list, again after every interval.
func patterns000(c *recording, size, steps int, dt float64) [][]bool {
	inputs := make([][]bool, size)
	for i := range inputs {
		inputs[i] = make([]bool, steps)
	}
	times, interval, repeats := c.in.at("spike_times_ms").floats(), c.in.at("interval_ms").positive(), c.in.at("repeats").int(0, mostSteps)
	c.work(repeats, len(times))
	if len(times) != size {
		c.fail("%s: %d inputs have %d times", strings.TrimPrefix(c.in.path, "."), size, len(times))
	}
	if c.err != nil {
		return inputs
	}
	for r := range repeats {
		for i, t := range times {
			if k := math.RoundToEven((t + interval*float64(r)) / dt); k >= 0 && k < float64(steps) {
				inputs[i][int(k)] = true
			}
		}
	}
	return inputs
}
