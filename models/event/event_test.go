package event_test

import (
	"context"
	"math"
	"sort"
	"testing"

	"pgregory.net/rapid"
	"spikec/models/event"
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

// TestDrive: a driven neuron spikes at the times of the closed form, and what decays ends where it should.
func TestDrive(t *testing.T) {
	n := &event.Network{Cell: event.Cell{Rest: -70, Threshold: -55, Reset: -75, Tau: 10, Refractory: 5}, Drive: []float64{20}}
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
		return &event.Network{Cell: event.Cell{Rest: 0, Threshold: 1, Reset: 0, Tau: 10}, Drive: make([]float64, 2)}
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
