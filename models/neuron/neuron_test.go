package neuron

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
	"spikec/internal/mersenne"
	"spikec/internal/ode"
)

// TestModels: every model says what it is, starts, and runs with the methods that suit it without leaving the finite numbers.
func TestModels(t *testing.T) {
	// Currents under which the models spike, in their units.
	drive := map[string]float64{"if": 0.3, "lif": 2, "adex": 800, "hh": 10, "morris_lecar": 60, "fitzhugh_nagumo": 0.5, "hindmarsh_rose": 2,
		"resonate_and_fire": 0.8, "izhikevich": 10, "soma_dendrite": 25}
	for _, m := range Models() {
		n, err := New(m.Name)
		if err != nil {
			t.Fatal(err)
		}
		if len(n.Variables()) != n.Dim() || m.About == "" {
			t.Errorf("%s: %d variables of %d named", m.Name, len(n.Variables()), n.Dim())
		}
		for _, p := range n.Parameters() {
			was := *p.Value
			if err := Set(n, p.Name, 7); err != nil || *p.Value != 7 {
				t.Errorf("%s: parameter %s cannot be set: %v", m.Name, p.Name, err)
			}
			*p.Value = was
		}
		for _, method := range []string{"euler", "rk4", "exponential_euler", "exact"} {
			if _, err := ode.New(method, n, 0.01); err != nil {
				continue
			}
			tr, err := Simulate(t.Context(), n, Run{Method: method, Dt: 0.01, Steps: 20000, Input: func(int) float64 { return drive[m.Name] }})
			if err != nil {
				t.Fatal(err)
			}
			if len(tr.Spikes) == 0 || slices.ContainsFunc(tr.Final, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }) {
				t.Errorf("%s, %s: %d spikes, ends at %v", m.Name, method, len(tr.Spikes), tr.Final)
			}
		}
	}
	if _, err := New("perceptron"); err == nil {
		t.Error("a model that is not there was found")
	}
	if err := Set(&IF{}, "tau", 1); err == nil {
		t.Error("a parameter that is not there was set")
	}
}

// TestAffineAndLinear: coefficients and matrices say the same as the derivative, at any state.
func TestAffineAndLinear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, m := range Models() {
			n := m.New()
			n.Drive(rapid.Float64Range(-20, 20).Draw(t, "current"))
			y, dy := make([]float64, n.Dim()), make([]float64, n.Dim())
			for i := range y {
				y[i] = rapid.Float64Range(-80, 40).Draw(t, "y")
			}
			n.Derivative(dy, y)
			same := func(what string, i int, got float64) {
				if math.Abs(got-dy[i]) > 1e-9*(1+math.Abs(got)) {
					t.Fatalf("%s: %s of %s is %v, the derivative %v", m.Name, what, n.Variables()[i], got, dy[i])
				}
			}
			if s, ok := n.(ode.Affine); ok {
				a, b := make([]float64, n.Dim()), make([]float64, n.Dim())
				s.Coefficients(a, b, y)
				for i := range y {
					same("coefficients", i, a[i]*y[i]+b[i])
				}
			}
			if s, ok := n.(ode.Linear); ok {
				a, b := s.Matrix()
				for i := range y {
					sum := b[i]
					for j := range y {
						sum += a[i][j] * y[j]
					}
					same("matrix", i, sum)
				}
			}
		}
	})
}

// TestLIF: steps that are exact meet the closed form: a spike is found in the step in which the neuron crosses, and rates follow.
func TestLIF(t *testing.T) {
	n := &LIF{Rest: -70, Threshold: -55, ResetTo: -75, R: 10, Tau: 10, Hold: 5}
	tr, err := Simulate(t.Context(), n, Run{Method: "exact", Dt: 0.1, Steps: 139, Input: func(int) float64 { return 2 }})
	if err != nil {
		t.Fatal(err)
	}
	if first := n.SpikeTimes(2, 100)[0]; len(tr.Spikes) != 1 || tr.Spikes[0] != int(math.Ceil(first/0.1)) {
		t.Errorf("spikes %v, in closed form at %v", tr.Spikes, first)
	}
	if got := 1 / n.Rate(2); math.Abs(got-(n.SpikeTimes(2, 100)[1]-n.SpikeTimes(2, 100)[0])) > 1e-12 {
		t.Errorf("period %v", got)
	}
	if n.Rate(1.5) != 0 || n.SpikeTimes(1.5, 100) != nil {
		t.Error("a current that just reaches the threshold makes spikes")
	}
}

// TestNoisyLIF: far below threshold the potential has the variance of its process.
func TestNoisyLIF(t *testing.T) {
	n := &NoisyLIF{LIF: LIF{Rest: 0, Threshold: 1e9, R: 1, Tau: 10}, Noise: 2}
	s, err := ode.New("euler", n, 0.1)
	if err != nil {
		t.Fatal(err)
	}
	r, y, sum, count := mersenne.New(5), []float64{0}, 0.0, 0
	for k := range 200_000 {
		s.Step(y, []float64{math.Sqrt(0.1) * r.Normal()})
		if k > 1000 {
			sum += y[0] * y[0]
			count++
		}
	}
	if got := sum / float64(count); math.Abs(got-2) > 0.2 {
		t.Errorf("variance %v, want 2", got)
	}
}

// TestAdExAdapts: intervals between spikes grow under a constant current.
func TestAdExAdapts(t *testing.T) {
	n, err := New("adex")
	if err != nil {
		t.Fatal(err)
	}
	tr, err := Simulate(t.Context(), n, Run{Method: "euler", Dt: 0.05, Steps: 10000, Input: func(int) float64 { return 800 }})
	if err != nil {
		t.Fatal(err)
	}
	s := tr.Spikes
	if len(s) < 5 || s[1]-s[0] >= s[len(s)-1]-s[len(s)-2] {
		t.Errorf("spikes %v do not adapt", s)
	}
}

// TestRegimes: each regime of the paper fires, and by its own pattern.
func TestRegimes(t *testing.T) {
	seen := map[int]string{}
	for _, g := range Regimes() {
		n := &Izhikevich{A: g.A, B: g.B, C: g.C, D: g.D, Peak: 30}
		tr, err := Simulate(t.Context(), n, Run{Stepper: n.Sequential(0.5, 2), Dt: 0.5, Steps: 2000, Input: func(int) float64 { return 10 }})
		if err != nil {
			t.Fatal(err)
		}
		if len(tr.Spikes) < 10 {
			t.Errorf("%s: %d spikes", g.Name, len(tr.Spikes))
		}
		if other, ok := seen[len(tr.Spikes)]; ok {
			t.Errorf("%s fires as often as %s", g.Name, other)
		}
		seen[len(tr.Spikes)] = g.Name
	}
}

// TestCable: a cable that nothing feeds stays at rest, and one that is fed ends where its exact steps say it does.
func TestCable(t *testing.T) {
	c := &Cable{C: []float64{1, 2, 1}, GL: []float64{0.1, 0.1, 0.2}, EL: -65, R: []float64{3, 4}, I: []float64{0, 0, 0}}
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	for _, current := range []float64{0, 0.7} {
		c.I[1] = current
		exact, err1 := ode.New("exact", c, 500)
		small, err2 := ode.New("rk4", c, 0.5)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		a, b := []float64{-65, -65, -65}, []float64{-65, -65, -65}
		exact.Step(a, nil)
		for range 1000 {
			small.Step(b, nil)
		}
		for k := range a {
			if math.Abs(a[k]-b[k]) > 1e-9 || current == 0 && math.Abs(a[k]+65) > 1e-9 {
				t.Errorf("current %v: %v against %v", current, a, b)
			}
		}
	}
	for _, bad := range []*Cable{{}, {C: []float64{1}, GL: []float64{1}, I: []float64{1}, R: []float64{1}}, {C: []float64{0}, GL: []float64{1}, I: []float64{1}}} {
		if bad.Check() == nil {
			t.Errorf("%v was taken", bad)
		}
	}
}

// TestFirstSpike: the potential is below the threshold before the spike and at it then; the slope is the derivative.
func TestFirstSpike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := &SpikeResponse{Tau: rapid.Float64Range(1, 10).Draw(t, "tau"), Theta: 1}
		var in []Arrival
		for range rapid.IntRange(1, 8).Draw(t, "inputs") {
			in = append(in, Arrival{rapid.Float64Range(0, 15).Draw(t, "time"), rapid.Float64Range(-0.2, 1).Draw(t, "weight")})
		}
		at, ok := n.FirstSpike(in, 30)
		if ok && (n.Potential(in, at) < 1 || n.Potential(in, math.Nextafter(at, 0)) > 1+1e-9) {
			t.Fatalf("potential %v at the spike", n.Potential(in, at))
		}
		for k := 1; !ok && k < 600; k++ {
			if n.Potential(in, float64(k)*searchStep) >= 1 {
				t.Fatalf("the spike at %v was missed", float64(k)*searchStep)
			}
		}
		const h = 1e-5
		if x := 7.123; math.Abs((n.Epsilon(x+h)-n.Epsilon(x-h))/(2*h)-n.Slope(x)) > 1e-8 {
			t.Fatal("the slope is not the derivative")
		}
	})
}

// TestSimulateStops: a cancelled run ends, and states of a wrong length are refused.
func TestSimulateStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Simulate(ctx, &IF{C: 1, Threshold: 1}, Run{Method: "euler", Dt: 1, Steps: 1 << 40}); err == nil {
		t.Error("a cancelled run went on")
	}
	if _, err := Simulate(t.Context(), &IF{C: 1, Threshold: 1}, Run{Method: "euler", Dt: 1, Start: []float64{1, 2}}); err == nil {
		t.Error("two variables were taken for one")
	}
}
