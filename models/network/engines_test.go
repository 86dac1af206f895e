package network_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
	"spikec/models/event"
	"spikec/models/network"
)

// draw draws a network whose times are whole numbers of steps of 0.1 ms, so that sums of them are exact; delays are one at least.
func draw(t *rapid.T) *event.Network {
	size := rapid.IntRange(1, 8).Draw(t, "neurons")
	n := &event.Network{Drive: make([]float64, size), Batch: true}
	for range size {
		n.Cells = append(n.Cells, event.Cell{Threshold: rapid.SampledFrom([]float64{0.8123, 1.0077, 1.2591}).Draw(t, "threshold"), Tau: rapid.SampledFrom([]float64{100, 60, 250}).Draw(t, "tau"),
			Refractory: rapid.SampledFrom([]float64{20.5, 7.5}).Draw(t, "refractory time")})
	}
	neuron := rapid.IntRange(0, size-1)
	for range rapid.IntRange(0, 24).Draw(t, "synapses") {
		n.Synapses = append(n.Synapses, event.Synapse{Source: neuron.Draw(t, "source"), Target: neuron.Draw(t, "target"),
			Weight: rapid.Float64Range(-0.6, 1.3).Draw(t, "weight"), Delay: float64(rapid.IntRange(1, 40).Draw(t, "delay"))})
	}
	for range rapid.IntRange(1, 30).Draw(t, "stimuli") {
		n.Stimuli = append(n.Stimuli, event.Stimulus{Time: float64(rapid.IntRange(1, 400).Draw(t, "time")), Target: neuron.Draw(t, "stimulated"),
			Weight: rapid.Float64Range(0.2, 1.2).Draw(t, "strength")})
	}
	return n
}

// TestEnginesAgree runs random networks of different neurons on both engines: the same spikes at the same times. No threshold is a round
// number, so that no sum of weights meets one exactly. The
// refractory time lies between two steps, so that no input falls on its end.
//
// In steps an input acts on the test of the next step, when it has decayed for one step. So delays are one step shorter there, and
// weights are larger by that decay.
func TestEnginesAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := draw(t)
		const dt, end = 1e-4, 600
		want, err := n.Run(t.Context(), end)
		if err != nil {
			t.Fatal(err)
		}
		net, err := network.New(dt, nil)
		if err != nil {
			t.Fatal(err)
		}
		size := len(n.Drive)
		p, err := net.AddPopulation(network.Description{N: size, Equations: []string{"dv/dt = -v/tau : 1 (unless refractory)", "tau : second", "level : 1", "rest : second"},
			Threshold: "v >= level", Reset: "v = 0", Refractory: "rest"})
		if err != nil {
			t.Fatal(err)
		}
		for name, of := range map[string]func(c *event.Cell) float64{"tau": func(c *event.Cell) float64 { return c.Tau * dt }, "level": func(c *event.Cell) float64 { return c.Threshold },
			"rest": func(c *event.Cell) float64 { return c.Refractory * dt }} {
			values, err := p.Values(name)
			if err != nil {
				t.Fatal(err)
			}
			for k := range values {
				values[k] = of(&n.Cells[k])
			}
		}
		undo := func(neuron int) float64 { return math.Exp(1 / n.Cells[neuron].Tau) }
		var pairs []network.Pair
		var weights, delays []float64
		for _, s := range n.Synapses {
			pairs = append(pairs, network.Pair{I: s.Source, J: s.Target})
			weights, delays = append(weights, s.Weight*undo(s.Target)), append(delays, (s.Delay-1)*dt)
		}
		connect := func(from network.Spiking, pairs []network.Pair, weights, delays []float64) {
			s, err := net.AddSynapses(from, p, pairs, map[string][]float64{"w": weights})
			if err == nil {
				err = s.OnPre("v_post += w", delays...)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if len(pairs) > 0 {
			connect(p, pairs, weights, delays)
		}
		var indices []int
		var times, strengths []float64
		var lines []network.Pair
		for i, s := range n.Stimuli {
			indices, times = append(indices, i), append(times, (s.Time-1)*dt)
			lines, strengths = append(lines, network.Pair{I: i, J: s.Target}), append(strengths, s.Weight*undo(s.Target))
		}
		source, err := net.AddSource(len(lines), indices, times)
		if err != nil {
			t.Fatal(err)
		}
		connect(source, lines, strengths, nil)
		var got []event.Spike
		net.Observe(network.Thresholds, func(step int) {
			for _, i := range p.Spikes {
				got = append(got, event.Spike{Time: float64(step), Neuron: i})
			}
		})
		if err := net.Run(t.Context(), end); err != nil {
			t.Fatal(err)
		}
		close := slices.EqualFunc(got, want.Spikes, func(a, b event.Spike) bool { return a.Neuron == b.Neuron && math.Abs(a.Time-b.Time) < 1e-6 })
		if !close {
			t.Fatalf("in steps %v\nby events %v", got, want.Spikes)
		}
	})
}
