package network

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
	"spikec/internal/mersenne"
)

// must fails for an error.
func must(t interface{ Fatal(...any) }, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

// built returns a network with one population.
func built(t interface{ Fatal(...any) }, dt float64, d Description) (*Network, *Population) {
	n, err := New(dt, mersenne.New(1))
	must(t, err)
	n.Constant("tau", 0.01)
	p, err := n.AddPopulation(d)
	must(t, err)
	return n, p
}

// of returns a variable.
func of(t interface{ Fatal(...any) }, p *Population, name string) []float64 {
	v, err := p.Values(name)
	must(t, err)
	return v
}

// TestMethods: every method that suits comes to the closed form of a decay, with the error that its order promises.
func TestMethods(t *testing.T) {
	for method, limit := range map[string]float64{"": 1e-14, "exact": 1e-14, "exponential_euler": 1e-14, "euler": 4e-3, "rk2": 2e-5, "rk4": 1e-9} {
		n, p := built(t, 1e-4, Description{N: 2, Equations: []string{"dv/dt = (a - v)/tau : 1", "a : 1"}, Method: method})
		must(t, p.Set("a = i + 1"))
		must(t, n.Run(t.Context(), 100))
		for i, v := range of(t, p, "v") {
			if want := float64(i+1) * -math.Expm1(-1); math.Abs(v-want) > limit {
				t.Errorf("%s: %v, want %v", method, v, want)
			}
		}
	}
}

// TestExactCoupled: exact steps of coupled equations compose, with coefficients of each neuron's own.
func TestExactCoupled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Float64Range(-3, 3).Draw(t, "a"), rapid.Float64Range(-3, 3).Draw(t, "b")
		var ends [2][]float64
		for i, steps := range []int{1, 8} {
			n, p := built(t, 0.08/float64(steps), Description{N: 3, Equations: []string{"dx/dt = k*x + a*y + 1 : 1", "dy/dt = b*x - y : 1", "k : 1", "a : 1", "b : 1"}})
			must(t, p.Set(fmt.Sprintf("x = 1; y = i; k = -i; a = %v; b = %v", a, b)))
			must(t, n.Run(context.Background(), steps))
			ends[i] = slices.Concat(of(t, p, "x"), of(t, p, "y"))
		}
		for k := range ends[0] {
			if math.Abs(ends[0][k]-ends[1][k]) > 1e-10*(1+math.Abs(ends[0][k])) {
				t.Fatalf("%v in one step, %v in eight", ends[0], ends[1])
			}
		}
	})
}

// TestRefractory: a spike of step k allows the next at k + n, n steps of the refractory time; a variable that is held stays at its reset.
func TestRefractory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := rapid.IntRange(0, 30).Draw(t, "steps")
		d := Description{N: 1, Equations: []string{"dv/dt = 100*Hz : 1 (unless refractory)"}, Threshold: "v > 0.005", Reset: "v = 0", Refractory: fmt.Sprintf("%d*dt", steps), Method: "euler"}
		n, p := built(t, 1e-4, d)
		var spikes []int
		n.Observe(Thresholds, func(k int) {
			if len(p.Spikes) > 0 {
				spikes = append(spikes, k)
			}
		})
		must(t, n.Run(context.Background(), 200))
		for i := 1; i < len(spikes); i++ {
			if got := spikes[i] - spikes[i-1]; got != max(steps, 1) {
				t.Fatalf("spikes %d steps apart, with a refractory time of %d", got, steps)
			}
		}
		if len(spikes) < 5 {
			t.Fatalf("spikes at %v", spikes)
		}
	})
}

// TestRefractoryCondition: a neuron stays refractory while its condition is true.
func TestRefractoryCondition(t *testing.T) {
	n, p := built(t, 1e-3, Description{N: 1, Equations: []string{"dv/dt = -v/tau : 1"}, Threshold: "v > 0.5", Refractory: "v > 0.2", Method: "euler"})
	must(t, p.Set("v = 1"))
	spikes := 0
	n.Observe(Thresholds, func(int) { spikes += len(p.Spikes) })
	must(t, n.Run(t.Context(), 100))
	must(t, p.Set("v = 1"))
	must(t, n.Run(t.Context(), 100))
	if spikes != 2 {
		t.Errorf("%d spikes, want one for each time that v was set", spikes)
	}
}

// TestDelays: spikes arrive as many steps after as their delay has, many on one target add up, and duplicates count twice.
func TestDelays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, p := built(t, 1e-4, Description{N: 1, Equations: []string{"v : 1"}})
		delays := rapid.SliceOfN(rapid.IntRange(0, 40), 1, 6).Draw(t, "delays")
		s, err := n.AddSource(len(delays), numbersTo(len(delays)), slices.Repeat([]float64{0.0005}, len(delays)))
		must(t, err)
		pairs, err := Connect(len(delays), 1, "", 1, nil)
		must(t, err)
		y, err := n.AddSynapses(s, p, pairs, map[string][]float64{"w": slices.Repeat([]float64{0.5}, len(delays))})
		must(t, err)
		var times []float64
		for _, d := range delays {
			times = append(times, float64(d)*1e-4)
		}
		must(t, y.OnPre("v_post += w", times...))
		want := 0.0
		for k := range 60 {
			must(t, n.Run(context.Background(), 1))
			for _, d := range delays {
				if 5+d == k {
					want += 0.5
				}
			}
			if got := of(t, p, "v")[0]; got != want {
				t.Fatalf("step %d: %v, want %v", k, got, want)
			}
		}
	})
}

func numbersTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// TestPathways: pathways of the target run after those of the source, and see what those did.
func TestPathways(t *testing.T) {
	n, p := built(t, 1e-4, Description{N: 1, Equations: []string{"v : 1"}, Threshold: "t >= 1*ms and t < 1.05*ms"})
	s, err := n.AddSource(1, []int{0}, []float64{1e-3})
	must(t, err)
	y, err := n.AddSynapses(s, p, []Pair{{0, 0}, {0, 0}}, map[string][]float64{"w": {1, 2}})
	must(t, err)
	must(t, y.OnPost("w *= 10"))
	must(t, y.OnPre("w += 1\nv_post += w"))
	must(t, n.Run(t.Context(), 20))
	w, err := y.Values("w")
	must(t, err)
	if !slices.Equal(w, []float64{20, 30}) || of(t, p, "v")[0] != 5 {
		t.Errorf("weights %v, v %v", w, of(t, p, "v"))
	}
}

// TestNoise: noise has the variance of its process, and one neuron has one noise for all its variables.
func TestNoise(t *testing.T) {
	n, p := built(t, 1e-3, Description{N: 2000, Equations: []string{"dv/dt = xi*second**-0.5 : 1", "dw/dt = 2*xi*second**-0.5 : 1"}})
	must(t, n.Run(t.Context(), 100))
	sum := 0.0
	for i, v := range of(t, p, "v") {
		sum += v * v / 2000
		if w := of(t, p, "w")[i]; math.Abs(w-2*v) > 1e-12 {
			t.Fatalf("neuron %d: %v and %v", i, v, w)
		}
	}
	if math.Abs(sum-0.1) > 0.015 {
		t.Errorf("variance %v after 0.1 s", sum)
	}
}

// TestRegularAndTimed: statements act when they are due, before observers of the step, and functions of time step.
func TestRegularAndTimed(t *testing.T) {
	n, err := New(1e-3, nil)
	must(t, err)
	must(t, n.Timed("f", []float64{1, 5}, 1, 2e-3))
	p, err := n.AddPopulation(Description{N: 1, Equations: []string{"v : 1", "dx/dt = f(t)/ms : 1"}, Method: "euler"})
	must(t, err)
	must(t, p.Regularly("v += 1", 3e-3))
	var seen []float64
	n.Observe(Start, func(int) { seen = append(seen, of(t, p, "v")[0]) })
	must(t, n.Run(t.Context(), 7))
	if !slices.Equal(seen, []float64{1, 1, 1, 2, 2, 2, 3}) {
		t.Errorf("saw %v", seen)
	}
	if got := of(t, p, "x")[0]; math.Abs(got-(2*1+5*5)) > 1e-12 {
		t.Errorf("x = %v", got)
	}
}

// TestConnect: the rules give the pairs of their definition in order.
func TestConnect(t *testing.T) {
	for _, c := range []struct {
		make func() ([]Pair, error)
		want string
	}{
		{func() ([]Pair, error) { return Connect(2, 3, "i != j", 1, nil) }, "[{0 1} {0 2} {1 0} {1 2}]"},
		{func() ([]Pair, error) { return ConnectTo(3, 3, "(i+1) % N_post") }, "[{0 1} {1 2} {2 0}]"},
		{func() ([]Pair, error) { return ConnectTo(3, 2, "i") }, "[{0 0} {1 1}]"},
		{func() ([]Pair, error) { return ConnectRange(3, 3, "i-1", "i+2", "i != k") }, "[{0 1} {1 0} {1 2} {2 1}]"},
		{func() ([]Pair, error) { return Connect(0, 3, "", 1, nil) }, "[]"},
	} {
		pairs, err := c.make()
		must(t, err)
		if got := fmt.Sprint(pairs); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// TestRefusals: descriptions that are wrong are refused by what is wrong.
func TestRefusals(t *testing.T) {
	n, err := New(1e-4, nil)
	must(t, err)
	n.Constant("tau", 0.01)
	for _, c := range []struct {
		d    Description
		want string
	}{
		{Description{N: 0}, "0 neurons"},
		{Description{N: 1 << 30}, "at most 1048576"},
		{Description{N: 1, Equations: []string{"dv/dt = u : 1"}}, "nothing is named u"},
		{Description{N: 1, Equations: []string{"v : 1", "v : 1"}}, "v is defined twice"},
		{Description{N: 1, Equations: []string{"dv/dt = -v*v/tau : 1"}, Method: "exact"}, "method exact needs linear equations"},
		{Description{N: 1, Equations: []string{"dv/dt = -v/tau : 1"}, Method: "leapfrog"}, `there is no method "leapfrog"`},
		{Description{N: 1, Equations: []string{"dv/dt = xi**2 : 1"}}, "xi must be multiplied"},
		{Description{N: 1, Equations: []string{"dv/dt = xi : 1"}}, "need random numbers"},
		{Description{N: 1, Equations: []string{"dv/dt = -v/tau : 1"}, Threshold: "v >"}, "something is missing"},
		{Description{N: 1, Equations: []string{"dv/dt = -v/tau : 1"}, Reset: "u = 0"}, "u cannot be set"},
		{Description{N: 1, Equations: []string{"dv/dt = -v/tau : 1"}, Reset: "lastspike = 0"}, "lastspike cannot be set"},
		{Description{N: 1, Equations: []string{"dv/dt = (xi_1 + xi_2)/second**0.5 : 1"}}, "has the noises [xi_1 xi_2]: one at most"},
		{Description{N: 2, Equations: []string{"s : 1 (shared)", "v : 1"}, Reset: "s = v"}, "s is shared by all neurons"},
		{Description{N: 2, Equations: []string{"a = 3 : 1", "a : 1"}}, "a is defined twice"},
	} {
		if _, err := n.AddPopulation(c.d); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %s", c.d, err, c.want)
		}
	}
	p, err := n.AddPopulation(Description{N: 2, Equations: []string{"v : 1"}})
	must(t, err)
	for what, err := range map[string]error{
		"dt":          second(New(0, nil)),
		"NaN":         second(New(math.NaN(), nil)),
		"pair":        second(n.AddSynapses(p, p, []Pair{{0, 2}}, nil)),
		"parameters":  second(n.AddSynapses(p, p, []Pair{{0, 1}}, map[string][]float64{"w": {1, 2}})),
		"spike":       second(n.AddSource(1, []int{1}, []float64{0})),
		"time":        second(n.AddSource(1, []int{0}, []float64{math.NaN()})),
		"lengths":     second(n.AddSource(1, []int{0}, nil)),
		"condition":   second(Connect(2, 2, "i ! j", 1, nil)),
		"many":        second(Connect(1<<20, 1<<20, "", 1, nil)),
		"probability": second(Connect(2, 2, "", 0.5, nil)),
		"timed":       n.Timed("f", nil, 1, 1),
		"regular":     p.Regularly("v = 1", 1e-9),
		"name":        second(p.Values("w")),
	} {
		if err == nil {
			t.Errorf("%s was taken", what)
		}
	}
	s, err := n.AddSynapses(p, p, []Pair{{0, 1}}, nil)
	must(t, err)
	for what, err := range map[string]error{"delay": s.OnPre("v_post += 1", -1), "delays": s.OnPre("v_post += 1", 0, 0), "long": s.OnPre("v_post += 1", 1e9),
		"target": s.OnPost("w += 1"), "summed": s.Summed("v", "1"), "source": s.Summed("v_pre", "1")} {
		if err == nil {
			t.Errorf("%s was taken", what)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if n.Run(ctx, 1<<40) == nil {
		t.Error("a cancelled run went on")
	}
}

func second[T any](_ T, err error) error { return err }
