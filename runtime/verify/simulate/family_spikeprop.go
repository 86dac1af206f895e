package simulate

import (
	"context"
	"fmt"
	"math"
	"slices"

	"spikec/models/neuron"
	"spikec/models/plasticity"
)

func init() { register("spikeprop", spikeProp) }

// comparedEpochs is up to which epoch the curve of the error is compared: later ones follow rounding.
const comparedEpochs = 101

// spikeProp compares the gradients of the first presentations, the weights and times of the first epochs, and the curve of the error.
func spikeProp(ctx context.Context, c *recording) {
	inputs, hidden, delays := c.in.at("inputs").int(1, 64), c.in.at("hidden").int(1, 64), c.in.at("delays_ms").floats()
	n := &plasticity.SpikeProp{Cell: neuron.SpikeResponse{Tau: c.in.at("tau_ms").positive(), Theta: c.in.at("theta").positive()}, Delays: delays,
		End: math.Min(c.in.at("T_ms").positive(), 1000)}
	n.W[0] = weights(c, c.in.at("W1_initial"), hidden, inputs, len(delays))
	n.W[1] = weights(c, c.in.at("W2_initial"), 1, hidden, len(delays))
	type pattern struct{ in, want []float64 }
	var patterns []pattern
	for _, p := range c.in.at("patterns").list() {
		f := p.exactly(2)
		if c.err != nil {
			return
		}
		patterns = append(patterns, pattern{f[0].floatsOf(inputs), []float64{f[1].float()}})
	}
	rate, epochs := c.in.at("eta").float(), min(c.in.at("epochs").int(1, mostListed), comparedEpochs)
	c.work(epochs, len(patterns), hidden*(inputs+1)*len(delays), int(n.End*5))
	if c.err != nil {
		return
	}
	close := tolerance{abs: 1e-8}
	for i, want := range c.out.at("first_pass").exactly(len(patterns)) {
		if c.done() {
			return
		}
		p, what := n.Present(patterns[i].in, patterns[i].want), fmt.Sprintf("pattern %d, ", i)
		c.numbers(what+"hidden spikes", p.Hidden, want.at("hidden"), close)
		c.numbers(what+"output", p.Output, want.at("output"), close)
		c.number(what+"error", p.Error, want.at("E"), tolerance{rel: 1e-6})
		c.numbers(what+"gradient of W2", p.Gradient[1][0][0], want.at("grad_W2_first_hidden"), tolerance{rel: 1e-6})
		c.numbers(what+"gradient of W1", p.Gradient[0][0][0], want.at("grad_W1_first_neuron_first_input"), tolerance{rel: 1e-6})
		sum := 0.0
		for _, layer := range p.Gradient {
			for _, g := range slices.Concat(slices.Concat(layer...)...) {
				sum += g * g
			}
		}
		c.number(what+"norm of the gradient", math.Sqrt(sum), want.at("grad_norm"), tolerance{rel: 1e-6})
	}
	snapshots, first, tenth := c.out.at("snapshots").list(), c.out.at("error_per_epoch_first_40").list(), c.out.at("error_every_10").list()
	for epoch := range epochs {
		if c.done() || ctx.Err() != nil {
			return
		}
		var outputs []float64
		sum := 0.0
		for _, k := range patterns {
			p := n.Present(k.in, k.want)
			n.Descend(p, rate)
			outputs, sum = append(outputs, p.Output[0]), sum+p.Error
		}
		t := tolerance{rel: 0.1}
		if epoch < 20 {
			t.rel = 1e-4
		}
		what := fmt.Sprintf("epoch %d, ", epoch)
		if epoch < len(first) {
			c.number(what+"error", sum, first[epoch], t)
		}
		if epoch%10 == 0 && epoch/10 < len(tenth) {
			c.number(what+"error", sum, tenth[epoch/10], t)
		}
		if epoch < len(snapshots) && snapshots[epoch].at("epoch").int(0, mostListed) == epoch {
			c.numbers(what+"outputs", outputs, snapshots[epoch].at("outputs"), tolerance{abs: 1e-6})
			c.table(what+"W2", n.W[1][0], snapshots[epoch].at("W2"), tolerance{abs: 1e-6})
		}
	}
}

// weights reads weights by target, source and delay.
func weights(c *recording, n node, targets, sources, delays int) [][][]float64 {
	var out [][][]float64
	for _, t := range n.exactly(targets) {
		if c.err != nil {
			return nil
		}
		var rows [][]float64
		for _, s := range t.exactly(sources) {
			if c.err != nil {
				return nil
			}
			rows = append(rows, s.floatsOf(delays))
		}
		out = append(out, rows)
	}
	return out
}
