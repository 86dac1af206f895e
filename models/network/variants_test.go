package network

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// TestLinked: a population reads values of another one as they are then, neuron by neuron, by an index, or the one that there is.
func TestLinked(t *testing.T) {
	n, a := built(t, 1e-3, Description{N: 3, Equations: []string{"dv/dt = (i + 1)*Hz : 1", "k : 1 (shared)"}, Method: "euler"})
	must(t, a.Set("k = 5"))
	same, err := n.AddPopulation(Description{N: 3, Equations: []string{"x = u + c : 1", "y : 1"}, Linked: map[string]Link{"u": {From: a, Of: "v"}, "c": {From: a, Of: "k"}}})
	must(t, err)
	other, err := n.AddPopulation(Description{N: 2, Equations: []string{"y : 1"}, Linked: map[string]Link{"u": {From: a, Of: "v", Index: []int{2, 0}}}})
	must(t, err)
	must(t, n.Run(t.Context(), 10))
	must(t, same.Set("y = x"))
	must(t, other.Set("y = u"))
	v := of(t, a, "v")
	if got, want := of(t, same, "y"), []float64{v[0] + 5, v[1] + 5, v[2] + 5}; !slices.Equal(got, want) || v[0] == 0 {
		t.Errorf("linked one by one: %v, want %v", got, want)
	}
	if got, want := of(t, other, "y"), []float64{v[2], v[0]}; !slices.Equal(got, want) {
		t.Errorf("linked by an index: %v, want %v", got, want)
	}
	if err := same.Set("u = 1"); err == nil {
		t.Error("what is linked can be set")
	}
	for _, c := range []struct {
		l    Link
		want string
	}{
		{Link{From: a, Of: "w"}, "no variable"}, {Link{From: a, Of: "v"}, "want an index"}, {Link{From: a, Of: "v", Index: []int{0, 3}}, "neuron 3 of 3"},
	} {
		if _, err := n.AddPopulation(Description{N: 2, Equations: []string{"y : 1"}, Linked: map[string]Link{"u": c.l}}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

// TestEvents: an event happens in every step in which its condition holds, changes neurons, and goes over synapses.
func TestEvents(t *testing.T) {
	n, p := built(t, 1e-3, Description{N: 3, Equations: []string{"v : 1", "count : 1"}})
	must(t, p.Set("v = i"))
	e, err := p.AddEvent("v > 0.5", "count += 1; v -= 0.25")
	must(t, err)
	target, err := n.AddPopulation(Description{N: 3, Equations: []string{"got : 1"}})
	must(t, err)
	pairs, err := ConnectTo(3, 3, "2 - i")
	must(t, err)
	s, err := n.AddSynapses(e, target, pairs, nil)
	must(t, err)
	must(t, s.OnPre("got_post += v_pre"))
	var seen []int
	n.Observe(Thresholds, func(int) { seen = append(seen, len(e.Now())) })
	must(t, n.Run(t.Context(), 8))
	if got, want := of(t, p, "count"), []float64{0, 2, 6}; !slices.Equal(got, want) {
		t.Errorf("counts %v, want %v", got, want)
	}
	if want := []int{2, 2, 1, 1, 1, 1, 0, 0}; !slices.Equal(seen, want) {
		t.Errorf("events %v, want %v", seen, want)
	}
	if got, want := of(t, target, "got"), []float64{2 + 1.75 + 1.5 + 1.25 + 1 + 0.75, 1 + 0.75, 0}; !slices.Equal(got, want) {
		t.Errorf("the target has %v, want %v", got, want)
	}
	if _, err := p.AddEvent("v > w", ""); err == nil {
		t.Error("an unknown name is not refused")
	}
}

// TestOwnStep: a population with larger steps is in them what it is alone in a network of such steps, spikes and refractory time included.
func TestOwnStep(t *testing.T) {
	d := Description{N: 2, Equations: []string{"dv/dt = (1.5 + i - v)/tau : 1 (unless refractory)", "s : 1"}, Threshold: "v > 1", Reset: "v = 0; s += dt", Refractory: "3*ms", Method: "euler"}
	times := func(dt float64, every, steps int) (at []float64, v, s []float64) {
		d.Every = every
		n, p := built(t, dt, d)
		n.Observe(Thresholds, func(step int) {
			for range p.Now() {
				at = append(at, math.Round(1e6*float64(step)*dt))
			}
		})
		must(t, n.Run(t.Context(), steps))
		return at, of(t, p, "v"), of(t, p, "s")
	}
	at, v, s := times(1e-3, 1, 100)
	at10, v10, s10 := times(1e-4, 10, 1000)
	if len(at) < 10 || !slices.Equal(at, at10) {
		t.Errorf("spikes at %v alone, and at %v in a finer network", at, at10)
	}
	for k := range v {
		if math.Abs(v[k]-v10[k]) > 1e-12 || math.Abs(s[k]-s10[k]) > 1e-12 {
			t.Errorf("neuron %d: %v and %v alone, %v and %v in a finer network", k, v[k], s[k], v10[k], s10[k])
		}
	}
}
