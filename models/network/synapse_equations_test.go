package network

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// wired returns a network of two neurons of a source that spike at given times onto three neurons, and its synapses: pairs one by one.
func wired(t *testing.T, dt float64, times []float64, pairs []Pair) (*Network, *Population, *Synapses) {
	t.Helper()
	n, err := New(dt, nil)
	must(t, err)
	n.Constant("tau", 5e-3)
	source, err := n.AddSource(2, slices.Repeat([]int{0}, len(times)), times)
	must(t, err)
	p, err := n.AddPopulation(Description{N: 3, Equations: []string{"dv/dt = -v/(20*ms) : 1", "g : 1"}, Threshold: "v > 1", Reset: "v = 0"})
	must(t, err)
	s, err := n.AddSynapses(source, p, pairs, nil)
	must(t, err)
	return n, p, s
}

// TestEventDriven: a variable that is brought up to date by spikes has, at each of them after the first, the value of the same equation that is
// integrated in every step.
func TestEventDriven(t *testing.T) {
	for _, equation := range []string{"dx/dt = -x/tau : 1", "dx/dt = (0.5 - x)/tau : 1", "dx/dt = 3*Hz - x/tau : 1"} {
		n, _, s := wired(t, 1e-3, []float64{2e-3, 3e-3, 11e-3, 40e-3}, []Pair{{0, 0}, {0, 2}, {1, 1}})
		must(t, s.Equations([]string{equation + " (event-driven)", strings.ReplaceAll(equation, "x", "y"), "a : 1", "b : 1"}, ""))
		must(t, s.OnPre("a = x; b = y; x = 1 + i + 0.1*t/tau; y = x"))
		a, err := s.Values("a")
		must(t, err)
		b, err := s.Values("b")
		must(t, err)
		n.Observe(Synaptic, func(step int) {
			for k := range 2 {
				if (step == 3 || step == 11 || step == 40) && (a[k] == 0 || math.Abs(a[k]-b[k]) > 1e-12) {
					t.Errorf("%s, step %d, synapse %d: %v by events, %v in steps", equation, step, k, a[k], b[k])
				}
			}
		})
		must(t, n.Run(t.Context(), 50))
		if a[2] != 0 {
			t.Errorf("%s: a synapse without spikes has %v", equation, a[2])
		}
	}
}

// TestIntegrated: synapses whose equations use the potentials of their neurons follow them step by step, alone and among others.
func TestIntegrated(t *testing.T) {
	for _, pairs := range [][]Pair{{{0, 1}}, {{0, 1}, {1, 0}, {0, 2}}} {
		n, p, s := wired(t, 1e-3, []float64{1e-3}, pairs)
		must(t, s.Equations([]string{"ds/dt = (v_post - s)/tau : 1", "twice = 2*s : 1"}, "euler"))
		must(t, s.OnPre("v_post += 0.8"))
		must(t, s.Summed("g_post", "twice"))
		got, err := s.Values("s")
		must(t, err)
		want, v := 0.0, of(t, p, "v")
		n.Observe(Groups, func(int) { want += 1e-3 / 5e-3 * (v[1] - want) })
		must(t, n.Run(t.Context(), 30))
		if want == 0 || math.Abs(got[0]-want) > 1e-15 {
			t.Errorf("%d synapses: s is %v, want %v", len(pairs), got[0], want)
		}
		if g := of(t, p, "g")[1]; g == 0 || math.Abs(g-2*want) > 0.5*want {
			t.Errorf("the sum is %v, want about %v", g, 2*want)
		}
	}
}

// TestSynapseEquationsRefused: what has no closed form between spikes is refused.
func TestSynapseEquationsRefused(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{[]string{"dx/dt = -x**2/tau : 1 (event-driven)"}, "of the form"},
		{[]string{"dx/dt = 1/tau : 1 (event-driven)"}, "of the form"},
		{[]string{"dx/dt = (v_post - x)/tau : 1 (event-driven)"}, "uses v_post, which changes"},
		{[]string{"dx/dt = -x/tau : 1 (event-driven)", "dy/dt = (x - y)/tau : 1 (event-driven)"}, "uses x, which changes"},
		{[]string{"dy/dt = -y/tau : 1", "dx/dt = (y - x)/tau : 1 (event-driven)"}, "uses y, which changes"},
		{[]string{"x : 1", "dx/dt = -x/tau : 1"}, "x is defined twice"},
		{[]string{"dx/dt = -x/taux : 1"}, "nothing is named taux"},
		{[]string{"dx/dt = -x : "}, "no unit"},
	} {
		_, _, s := wired(t, 1e-3, nil, []Pair{{0, 0}, {1, 1}})
		if err := s.Equations(c.lines, ""); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %s", c.lines, err, c.want)
		}
	}
	_, _, s := wired(t, 1e-3, nil, []Pair{{0, 0}})
	must(t, s.OnPre("v_post += 1"))
	if err := s.Equations([]string{"x : 1"}, ""); err == nil {
		t.Error("equations behind statements are not refused")
	}
}
