package simulate

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"spikec/models/equation"
	"spikec/models/neuron"
	"spikec/models/plasticity"
	"spikec/runtime/simulate/describe"
)

// simulated runs a description.
func simulated(t testing.TB, text string) *Outcome {
	t.Helper()
	d, err := describe.Parse("net.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	o, err := Run(t.Context(), Request{Description: d, Jobs: 2})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// column returns a column of the table of a monitor.
func column(t testing.TB, o *Outcome, monitor string, c int) []float64 {
	t.Helper()
	for _, x := range o.tables {
		if x.name == monitor {
			var out []float64
			for r := range x.rows {
				out = append(out, x.at(r, c))
			}
			return out
		}
	}
	t.Fatalf("no table %s", monitor)
	return nil
}

// TestModels: a bundled model as equations follows the neuron of package neuron, step by step, and spikes in the same steps.
func TestModels(t *testing.T) {
	for _, c := range []struct {
		model, of, current, variable, unit, method string
		amount                                     float64 // current in the neuron's unit
		dt                                         float64 // ms
		steps                                      int
		tolerance                                  float64
	}{
		{"lif, parameters: {t_ref: 0*ms}", "lif", "2*nA", "V", "mV", "exact", 2, 0.1, 600, 1e-9},
		{"if", "if", "0.37", "V", "1", "exact", 0.37, 1, 100, 1e-12},
		{"adex", "adex", "1*nA", "V", "mV", "rk4", 1000, 0.02, 3000, 1e-5},
		{"izhikevich", "izhikevich", "10", "V", "1", "euler", 10, 0.05, 3000, 1e-6},
		{"hh", "hh", "10*uA/cm**2", "V", "mV", "exponential_euler", 10, 0.01, 5000, 1e-6},
		{"morris_lecar", "morris_lecar", "60*uA/cm**2", "V", "mV", "rk4", 60, 0.05, 4000, 1e-6},
		{"fitzhugh_nagumo", "fitzhugh_nagumo", "0.5", "V", "1", "rk4", 0.5, 0.1, 3000, 1e-9},
		{"hindmarsh_rose", "hindmarsh_rose", "2", "V", "1", "rk4", 2, 0.05, 4000, 1e-6},
		{"resonate_and_fire", "resonate_and_fire", "0.7", "y", "1", "exact", 0.7, 0.05, 2000, 1e-9},
		{"soma_dendrite", "soma_dendrite", "20*uA/cm**2", "V0", "mV", "rk4", 20, 0.01, 3000, 1e-6},
	} {
		t.Run(c.model, func(t *testing.T) {
			t.Parallel()
			o := simulated(t, fmt.Sprintf(`simulate:
  dt: %v*ms
  duration: %v*ms
  populations: {N: {model: %s, input: {I: %s}}}
  monitors: {v: {state: N.%s}, s: {spikes: N}}
`, c.dt, float64(c.steps)*c.dt, c.model, c.current, c.variable))
			n, err := neuron.New(c.of)
			if err != nil {
				t.Fatal(err)
			}
			if c.of == "lif" { // the two count the steps of a refractory time differently
				if err := neuron.Set(n, "t_ref", 0); err != nil {
					t.Fatal(err)
				}
			}
			at := slices.Index(n.Variables(), c.variable)
			trace, err := neuron.Simulate(t.Context(), n, neuron.Run{Method: c.method, Dt: c.dt, Steps: c.steps, Every: 1, Input: func(int) float64 { return c.amount }})
			if err != nil {
				t.Fatal(err)
			}
			u, err := equation.ParseUnit(c.unit)
			if err != nil {
				t.Fatal(err)
			}
			v := column(t, o, "v", 1)
			for k := range v {
				if want := trace.Samples[at][k] * u.Scale; math.Abs(v[k]-want) > c.tolerance*u.Scale*(1+math.Abs(want/u.Scale)) {
					t.Fatalf("state %d: %v, want %v", k, v[k], want)
				}
			}
			var spikes []int // a spike of step k has led to state k+1
			for _, s := range column(t, o, "s", 0) {
				spikes = append(spikes, int(math.Round(s/(c.dt*1e-3)))+1)
			}
			if !slices.Equal(spikes, trace.Spikes) || c.model != "soma_dendrite" && len(spikes) == 0 {
				t.Errorf("spikes at %v, want %v", spikes, trace.Spikes)
			}
		})
	}
}

// TestRegimes: regimes have the parameters of package neuron, and models its defaults.
func TestRegimes(t *testing.T) {
	m, err := describe.ModelOf("izhikevich")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range neuron.Regimes() {
		list, ok := m.Regime(r.Name)
		var got []string
		for _, x := range list {
			got = append(got, x.Name+" "+x.Text.Text)
		}
		want := []string{fmt.Sprint("a ", r.A), fmt.Sprint("b ", r.B), fmt.Sprint("c ", r.C), fmt.Sprint("d ", r.D)}
		if !ok || !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", r.Name, got, want)
		}
	}
}

// learning is a description of spikes of a source at some times and of a target at others, all in ms, and a weight that learns.
func learning(rule, parameters string, pre, post []float64) string {
	list := func(times []float64) string {
		var s []string
		for _, t := range times {
			s = append(s, fmt.Sprintf("%v*ms", t))
		}
		return strings.Join(s, ", ")
	}
	return fmt.Sprintf(`simulate:
  dt: 1*ms
  duration: 300*ms
  populations:
    A: {spikes: {times: [%s]}}
    B: {spikes: {times: [%s]}}
    T: {equations: 'v : 1', threshold: v > 0.5, reset: v -= 1}
  synapses:
    K: {from: B, to: T, on_pre: v_post += 1}
    S: {from: A, to: T, on_pre: w += 0, weight: 0.5, delay: 1*ms, plasticity: {rule: %s%s}}
  monitors: {w: {weights: S, every: 1*ms}, s: {spikes: T}}
`, list(pre), list(post), rule, parameters)
}

// TestRules: bundled rules change a weight as the rules of package plasticity do. The target spikes a step after its push, and spikes of
// the source arrive after a delay of a step.
func TestRules(t *testing.T) {
	pre, post := []float64{10, 40, 55, 90, 120, 170}, []float64{15, 38, 60, 61, 119, 171, 200}
	last := func(o *Outcome) float64 {
		w := column(t, o, "w", 1)
		return w[len(w)-1]
	}
	two := plasticity.TwoPhase{APlus: 0.02, AMinus: 0.03, TauPlus: 20, TauMinus: 15}
	heights := ", A_plus: 0.02, A_minus: 0.03, tau_minus: 15*ms"
	for rule, want := range map[string]float64{
		"stdp":         0.5 + plasticity.All(two, pre, post),
		"stdp_nearest": 0.5 + plasticity.Nearest(two, pre, post),
	} {
		if got := last(simulated(t, learning(rule, heights, pre, post))); math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: %v, want %v", rule, got, want)
		}
	}
	three := plasticity.ThreePhase{APlus: 0.02, AMinus: 0.01}
	if got, want := last(simulated(t, learning("three_phase", "", pre, post))), 0.5+plasticity.Nearest(three, pre, post); math.Abs(got-want) > 1e-12 {
		t.Errorf("three_phase: %v, want %v", got, want)
	}
	tri, w := plasticity.VisualCortex(), 0.5
	for k := range 300 {
		if slices.Contains(pre, float64(k)) {
			w = tri.Pre(float64(k), w)
		}
		if slices.Contains(post, float64(k)) {
			w = tri.Post(float64(k), w)
		}
	}
	if got := last(simulated(t, learning("triplet", "", pre, post))); math.Abs(got-w) > 1e-12 {
		t.Errorf("triplet: %v, want %v", got, w)
	}
}

// TestShortTerm: what a train does over a synapse with short-term plasticity is what plasticity.ShortTerm says.
func TestShortTerm(t *testing.T) {
	o := simulated(t, `simulate:
  dt: 1*ms
  duration: 400*ms
  populations:
    A: {spikes: {times: ['arange(10*ms, 300*ms, 37*ms)']}}
    T: {equations: 'v : 1'}
  synapses: {S: {from: A, to: T, weight: 2, short_term: {U: 0.3, tau_rec: 200*ms, tau_facil: 150*ms}}}
  monitors: {v: {state: T.v}}
`)
	s := plasticity.ShortTerm{U: 0.3, TauRec: 200, TauFacil: 150}
	want := 0.0
	for at := 10.0; at < 300; at += 37 {
		want += 2 * s.Spike(at)
	}
	v := column(t, o, "v", 1)
	if got := v[len(v)-1]; math.Abs(got-want) > 1e-9 || want < 1 {
		t.Errorf("%v, want %v", got, want)
	}
}
