package simulate

import (
	"context"
	"fmt"
	"math"

	"spikec/internal/mersenne"
	"spikec/models/generator"
	"spikec/models/plasticity"
)

func init() {
	register("correlated", correlatedGroup)
	register("program", correlatedProgram)
}

// mostGroup bounds a group, whose pairs are all compared; mostGroupSpikes bounds what it may fire.
const (
	mostGroup       = 256
	mostGroupSpikes = 1 << 22
)

// group reads a correlated group but for its correlation, and how many steps it runs.
func group(c *recording) (generator.Correlated, int) {
	g := generator.Correlated{Neurons: c.in.at("N").int(2, mostGroup), Rate: c.in.at("rate_Hz").positive(), Dt: c.in.at("dt_ms").positive() / 1000}
	steps := c.steps(c.in.at("duration_s").positive(), g.Dt)
	c.work(g.Neurons, steps)
	return g, steps
}

// trail is what a correlated group gave.
type trail struct {
	spikes      []spike
	rate        float64   // Hz, mean over neurons
	path        []float64 // of a weight that neurons 0 and 1 drive
	correlation float64   // of bins of 1 ms that hold a spike or not, the mean over all pairs
}

// follow runs a correlated group. The weight changes with each two spikes that follow each other in the list by step, then neuron: from
// neuron 1 to neuron 0 by the window at their lag, from 0 to 1 at minus the lag; the last two spikes are left out.
func follow(c *recording, g generator.Correlated, strength float64, u generator.Uniforms, steps int) trail {
	if !(strength >= 0 && strength <= 1) {
		c.fail("a correlation of %v: want 0 to 1", strength)
		return trail{}
	}
	g.Correlation = strength
	var t trail
	for k := range steps {
		if len(t.spikes) > mostGroupSpikes {
			c.fail("more than %d spikes", mostGroupSpikes)
			return trail{}
		}
		g.Step(u, func(i int) { t.spikes = append(t.spikes, spike{k, i}) })
	}
	t.rate = float64(len(t.spikes)) / float64(g.Neurons) / (float64(steps) * g.Dt)
	window := plasticity.Coincident{A: c.in.at("stdp_A").float(), Tau: c.in.at("stdp_tau_s").positive()}
	w := 0.0
	for m := 0; m < len(t.spikes)-2; m++ {
		from, to := t.spikes[m], t.spikes[m+1]
		lag := float64(to.step-from.step) * g.Dt
		switch {
		case from.neuron == 1 && to.neuron == 0:
			w += window.Change(-lag)
		case from.neuron == 0 && to.neuron == 1:
			w += window.Change(lag)
		}
		t.path = append(t.path, w)
	}
	t.correlation = binned(t.spikes, g.Neurons, steps, max(1, int(math.Round(0.001/g.Dt))))
	return t
}

// binned returns the mean over all pairs of neurons of Pearson's correlation of what is 1 in bins with a spike and 0 in others, the
// bins of so many steps each.
func binned(spikes []spike, neurons, steps, each int) float64 {
	bins := (steps + each - 1) / each
	shared := make([][]float64, neurons) // [i][j]: bins with a spike of both
	for i := range shared {
		shared[i] = make([]float64, neurons)
	}
	for from := 0; from < len(spikes); {
		bin, marked := spikes[from].step/each, map[int]bool{}
		for ; from < len(spikes) && spikes[from].step/each == bin; from++ {
			marked[spikes[from].neuron] = true
		}
		for i := range marked {
			for j := range marked {
				shared[i][j]++
			}
		}
	}
	n, sum, pairs := float64(bins), 0.0, 0.0
	for i := range neurons {
		for j := range i {
			p, q := shared[i][i]/n, shared[j][j]/n
			sum += (shared[i][j]/n - p*q) / math.Sqrt(p*(1-p)*q*(1-q))
			pairs++
		}
	}
	return sum / pairs
}

// compareTrail compares what a recording lists of a group.
func compareTrail(c *recording, what string, t trail, out node) {
	close := tolerance{abs: 1e-9}
	c.count(what+"spikes", len(t.spikes), out.at("total_spikes"))
	c.words(what+"SHA-256 of the raster", hash(t.spikes), out.at("raster_sha256"))
	c.number(what+"rate", t.rate, out.at("mean_rate_Hz"), close)
	c.count(what+"length of the weight path", len(t.path), out.at("weight_path_length"))
	c.numbers(what+"weight path", every(t.path, out.at("weight_path_every").int(1, mostSteps)), out.at("weight_path"), close)
	last := 0.0
	if len(t.path) > 0 {
		last = t.path[len(t.path)-1]
	}
	c.number(what+"weight at the end", last, out.at("weight_final"), close)
}

// correlatedGroup compares a group spike by spike, or the means of several correlations.
func correlatedGroup(ctx context.Context, c *recording) {
	g, steps := group(c)
	if c.kind == "statistical" {
		correlatedStatistics(ctx, c, g, steps)
		return
	}
	strength, seed := c.in.at("correlation").float(), c.in.at("seed").seed()
	if c.err != nil {
		return
	}
	t := follow(c, g, strength, mersenne.New(seed), steps)
	compareTrail(c, "", t, c.out)
	c.raster(t.spikes, c.out.at("spike_steps"), c.out.at("spike_neurons"))
	c.number("correlation of counts", t.correlation, c.out.at("binned_correlation_1ms"), tolerance{abs: 1e-9})
}

// label names a correlation as recordings do.
func label(strength float64) string { return fmt.Sprintf("c=%v", strength) }

// correlatedStatistics compares means over own seeds.
func correlatedStatistics(ctx context.Context, c *recording, g generator.Correlated, steps int) {
	c.work(g.Neurons, steps, ownRuns, len(c.in.at("correlations").list()))
	for _, strength := range c.in.at("correlations").floats() {
		var rates, correlations, finals []float64
		for run := range ownRuns {
			if c.done() || ctx.Err() != nil {
				return
			}
			t := follow(c, g, strength, mersenne.New(uint32(ownSeed+run)), steps)
			last := 0.0
			if len(t.path) > 0 {
				last = t.path[len(t.path)-1]
			}
			rates, correlations, finals = append(rates, t.rate), append(correlations, t.correlation), append(finals, last)
		}
		out := c.out.at(label(strength))
		c.sample(label(strength)+", rate", rates, out.at("mean_rate_Hz"))
		c.sample(label(strength)+", correlation of counts", correlations, out.at("binned_correlation_1ms"))
		c.sample(label(strength)+", weight at the end", finals, out.at("weight_final"))
	}
}

// correlatedProgram compares groups of several correlations one after another from one stream.
func correlatedProgram(ctx context.Context, c *recording) {
	g, steps := group(c)
	u := mersenne.New(c.in.at("seed").seed())
	for _, strength := range c.in.at("correlations").floats() {
		if c.done() || ctx.Err() != nil {
			return
		}
		compareTrail(c, label(strength)+", ", follow(c, g, strength, u, steps), c.out.at(label(strength)))
	}
}
