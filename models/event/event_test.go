package event_test

import (
	"context"
	"math"
	"slices"
	"sort"
	"testing"

	"pgregory.net/rapid"
	"spikec/models/event"
	"spikec/models/network"
	"spikec/models/plasticity"
)

// TestQueue: values leave as a stable sort by time has them, whatever is pushed and popped in between.
func TestQueue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type pushed struct {
			t float64
			n int
		}
		var q event.Queue[int]
		var waiting []pushed
		for n := range rapid.IntRange(1, 100).Draw(t, "operations") {
			if rapid.Bool().Draw(t, "push") {
				at := float64(rapid.IntRange(0, 5).Draw(t, "time"))
				q.Push(at, n)
				waiting = append(waiting, pushed{at, n})
				continue
			}
			sort.SliceStable(waiting, func(i, j int) bool { return waiting[i].t < waiting[j].t })
			at, v, ok := q.Pop()
			if ok != (len(waiting) > 0) || ok && (waiting[0] != pushed{at, v}) {
				t.Fatalf("popped %v at %v, want %v", v, at, waiting)
			}
			if ok {
				waiting = waiting[1:]
			}
		}
		if q.Len() != len(waiting) {
			t.Fatalf("%d wait, want %d", q.Len(), len(waiting))
		}
	})
}

// draw draws a network whose times are multiples of 0.1 ms, in units of which delays are one at least.
func draw(t *rapid.T) *event.Network {
	size := rapid.IntRange(1, 8).Draw(t, "neurons")
	n := &event.Network{Rest: 0, Threshold: 1, Reset: 0, Tau: 10, Refractory: 2.05, Drive: make([]float64, size), Batch: true}
	neuron := rapid.IntRange(0, size-1)
	for range rapid.IntRange(0, 24).Draw(t, "synapses") {
		n.Synapses = append(n.Synapses, event.Synapse{Source: neuron.Draw(t, "source"), Target: neuron.Draw(t, "target"),
			Weight: rapid.Float64Range(-0.6, 1.3).Draw(t, "weight"), Delay: float64(rapid.IntRange(1, 40).Draw(t, "delay")) / 10})
	}
	for range rapid.IntRange(1, 30).Draw(t, "stimuli") {
		n.Stimuli = append(n.Stimuli, event.Stimulus{Time: float64(rapid.IntRange(1, 400).Draw(t, "time")) / 10, Target: neuron.Draw(t, "stimulated"),
			Weight: rapid.Float64Range(0.2, 1.2).Draw(t, "strength")})
	}
	return n
}

// TestEnginesAgree runs random networks on both engines: the same spikes at the same times. Times are multiples of the step; the
// refractory time lies between two steps, so that no input falls on its end.
//
// In steps an input acts on the test of the next step, when it has decayed for one step. So delays are one step shorter there, and
// weights are larger by that decay.
func TestEnginesAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := draw(t)
		const dt, end = 0.1, 60.0
		want, err := n.Run(t.Context(), end)
		if err != nil {
			t.Fatal(err)
		}
		net, err := network.New(dt*1e-3, nil)
		if err != nil {
			t.Fatal(err)
		}
		size := len(n.Drive)
		p, err := net.AddPopulation(network.Description{N: size, Equations: []string{"dv/dt = -v/(10*ms) : 1 (unless refractory)"}, Threshold: "v >= 1", Reset: "v = 0",
			Refractory: "2.05*ms"})
		if err != nil {
			t.Fatal(err)
		}
		undo := math.Exp(dt / n.Tau)
		var pairs []network.Pair
		var weights, delays []float64
		for _, s := range n.Synapses {
			pairs = append(pairs, network.Pair{I: s.Source, J: s.Target})
			weights, delays = append(weights, s.Weight*undo), append(delays, (s.Delay-dt)*1e-3)
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
			indices, times = append(indices, i), append(times, (s.Time-dt)*1e-3)
			lines, strengths = append(lines, network.Pair{I: i, J: s.Target}), append(strengths, s.Weight*undo)
		}
		source, err := net.AddSource(len(lines), indices, times)
		if err != nil {
			t.Fatal(err)
		}
		connect(source, lines, strengths, nil)
		var got []event.Spike
		net.Observe(network.Thresholds, func(step int) {
			for _, i := range p.Spikes {
				got = append(got, event.Spike{Time: float64(step) * dt, Neuron: i})
			}
		})
		if err := net.Run(t.Context(), int(end/dt)); err != nil {
			t.Fatal(err)
		}
		close := slices.EqualFunc(got, want.Spikes, func(a, b event.Spike) bool { return a.Neuron == b.Neuron && math.Abs(a.Time-b.Time) < 1e-6 })
		if !close {
			t.Fatalf("in steps %v\nby events %v", got, want.Spikes)
		}
	})
}

// TestDrive: a driven neuron spikes at the times of the closed form, and what decays ends where it should.
func TestDrive(t *testing.T) {
	n := &event.Network{Rest: -70, Threshold: -55, Reset: -75, Tau: 10, Refractory: 5, Drive: []float64{20}}
	r, err := n.Run(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	at := 10 * math.Log(20./5)
	for _, s := range r.Spikes {
		if math.Abs(s.Time-at) > 1e-9 {
			t.Errorf("a spike at %v, want %v", s.Time, at)
		}
		at += 5 + 10*math.Log(25./5)
	}
	if at < 100 {
		t.Errorf("no spike at %v", at)
	}
}

// TestRefuses: networks that cannot run are refused, and loops without delay end.
func TestRefuses(t *testing.T) {
	good := func() *event.Network {
		return &event.Network{Rest: 0, Threshold: 1, Reset: 0, Tau: 10, Drive: make([]float64, 2)}
	}
	for name, break_ := range map[string]func(*event.Network){
		"source":  func(n *event.Network) { n.Synapses = []event.Synapse{{Source: 2}} },
		"delay":   func(n *event.Network) { n.Synapses = []event.Synapse{{Delay: -1}} },
		"target":  func(n *event.Network) { n.Stimuli = []event.Stimulus{{Target: -1}} },
		"tau":     func(n *event.Network) { n.Tau = 0 },
		"reset":   func(n *event.Network) { n.Reset = 1 },
		"NaN":     func(n *event.Network) { n.Drive[0] = math.NaN() },
		"batches": func(n *event.Network) { n.Batch, n.Rule = true, plasticity.NewTraces(0, 1, 1, 1, 1, 1) },
		"loop": func(n *event.Network) {
			n.Synapses = []event.Synapse{{Source: 0, Target: 1, Weight: 2}, {Source: 1, Target: 0, Weight: 2}, {Source: 0, Target: 1, Weight: 2}}
			n.Stimuli = []event.Stimulus{{Weight: 2}}
		},
	} {
		n := good()
		break_(n)
		ctx, cancel := context.WithCancel(t.Context())
		if name == "loop" {
			cancel()
		}
		if _, err := n.Run(ctx, 10); err == nil {
			t.Errorf("%s: the network ran", name)
		}
		cancel()
	}
}
