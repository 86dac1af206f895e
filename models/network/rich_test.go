package network

import (
	"math"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"
	"spikec/internal/mersenne"
	"spikec/internal/ziggurat"
	"spikec/models/neuron"
)

// TestSubexpressions: names for expressions give what the expressions written out give, in every method that suits.
func TestSubexpressions(t *testing.T) {
	for _, method := range []string{"exact", "euler", "rk4", "exponential_euler"} {
		_, want := ran(t, Description{N: 3, Equations: []string{"dv/dt = ((i + 1)*2 - v)/tau : 1", "i2 : 1"}, Threshold: "v > 3", Reset: "v = (i + 1)*0.1", Method: method})
		_, got := ran(t, Description{N: 3, Equations: []string{"a = i + 1 : 1", "drive = a*2 : 1", "dv/dt = (drive - v)/tau : 1", "i2 : 1"}, Threshold: "v > 3",
			Reset: "v = a*0.1", Method: method})
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", method, got, want)
		}
	}
}

// ran returns the potentials after 100 steps.
func ran(t testing.TB, d Description) (*Population, []float64) {
	n, p := built(t, 1e-3, d)
	must(t, n.Run(t.Context(), 100))
	return p, of(t, p, "v")
}

// TestRising: a neuron that stays above its level spikes once, and one that starts there not at all.
func TestRising(t *testing.T) {
	n, p := built(t, 1e-3, Description{N: 2, Equations: []string{"dv/dt = 100*Hz : 1"}, Threshold: "v > 1", Rising: true, Method: "euler"})
	must(t, p.Set("v = 2*i"))
	counts := make([]int, 2)
	n.Observe(Thresholds, func(int) {
		for _, k := range p.Spikes {
			counts[k]++
		}
	})
	must(t, n.Run(t.Context(), 100))
	if !slices.Equal(counts, []int{1, 0}) {
		t.Errorf("spikes: %v", counts)
	}
}

// TestNoises: variables with one symbol have the same noise, those with two have independent ones.
func TestNoises(t *testing.T) {
	n, p := built(t, 1e-3, Description{N: 500, Equations: []string{"dx/dt = xi_a : second**0.5", "dy/dt = xi_a : second**0.5", "dz/dt = xi_b : second**0.5"}, Method: "euler"})
	must(t, n.Run(t.Context(), 50))
	x, y, z := of(t, p, "x"), of(t, p, "y"), of(t, p, "z")
	xx, xz := 0.0, 0.0
	for k := range x {
		if x[k] != y[k] {
			t.Fatalf("neuron %d: %v and %v of the same noise", k, x[k], y[k])
		}
		xx, xz = xx+x[k]*x[k], xz+x[k]*z[k]
	}
	if v := xx / 500; math.Abs(v-0.05) > 0.015 {
		t.Errorf("a variance of %v, want 0.05", v)
	}
	if c := xz / xx; math.Abs(c) > 0.25 {
		t.Errorf("independent noises correlate with %v", c)
	}
}

// TestShared: a shared parameter is one number, for which one random number is drawn.
func TestShared(t *testing.T) {
	n, p := built(t, 1e-3, Description{N: 4, Equations: []string{"s : 1 (shared)", "v : 1"}})
	must(t, p.Regularly("s = rand(); v = s", 1e-3))
	must(t, n.Run(t.Context(), 3))
	u, want := mersenne.New(1), 0.0
	for range 3 {
		want = u.Uniform()
	}
	if v := of(t, p, "v"); !slices.Equal(v, []float64{want, want, want, want}) {
		t.Errorf("%v, want %v", v, want)
	}
}

// TestDeliveries: whatever the order of the pairs and however delays are given, potentials are those of a plain sum, bit by bit.
func TestDeliveries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const size = 5
		var pairs []Pair
		if rapid.Bool().Draw(t, "all to all") {
			pairs, _ = Connect(size, size, "", 1, nil)
		}
		for range rapid.IntRange(0, 20).Draw(t, "synapses") {
			pairs = append(pairs, Pair{rapid.IntRange(0, size-1).Draw(t, "i"), rapid.IntRange(0, size-1).Draw(t, "j")})
		}
		if len(pairs) == 0 {
			return
		}
		if rapid.Bool().Draw(t, "sorted") {
			slices.SortStableFunc(pairs, func(a, b Pair) int { return a.I - b.I })
		}
		w := rapid.SliceOfN(rapid.Float64Range(-1, 1), len(pairs), len(pairs)).Draw(t, "w")
		delay := rapid.IntRange(0, 3).Draw(t, "delay")
		delays := slices.Repeat([]float64{float64(delay) * 1e-3}, len(pairs))
		if rapid.Bool().Draw(t, "one delay") {
			delays = delays[:1]
		} else if len(pairs) > 1 { // one that differs, and arrives after the end
			delays[len(pairs)-1] = 50e-3
		}
		n, p := built(t, 1e-3, Description{N: size, Equations: []string{"v : 1"}})
		s, err := n.AddSource(size, []int{0, 1, 2, 3, 4, 1, 3}, []float64{0, 0, 1e-3, 1e-3, 2e-3, 3e-3, 4e-3})
		must(t, err)
		y, err := n.AddSynapses(s, p, pairs, map[string][]float64{"w": slices.Clone(w)})
		must(t, err)
		statement := "v_post += w"
		if rapid.Bool().Draw(t, "two statements") {
			statement = "v_post += w; w += 0"
		}
		must(t, y.OnPre(statement, delays...))
		must(t, n.Run(t.Context(), 10))
		want := make([]float64, size)
		for _, step := range [][]int{{0, 1}, {2, 3}, {4}, {1}, {3}} {
			for _, i := range step {
				for k, q := range pairs {
					if q.I == i && !(len(delays) > 1 && k == len(pairs)-1) {
						want[q.J] += w[k]
					}
				}
			}
		}
		if got := of(t, p, "v"); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

// TestSparse: connections come in order, each once, with the probability that was asked for; all of them with 1 and none with 0.
func TestSparse(t *testing.T) {
	u := mersenne.New(5)
	total := 0
	for range 50 {
		pairs, err := ConnectSparse(40, 50, 0.1, u)
		must(t, err)
		total += len(pairs)
		for k, q := range pairs {
			if k > 0 && (q.I < pairs[k-1].I || q.I == pairs[k-1].I && q.J <= pairs[k-1].J) || q.I > 39 || q.J > 49 {
				t.Fatalf("%v after %v", q, pairs[max(0, k-1)])
			}
		}
	}
	if mean := float64(total) / 50; math.Abs(mean-200) > 8 {
		t.Errorf("%v pairs in the mean, want 200", mean)
	}
	for p, want := range map[float64]int{0: 0, 1: 2000} {
		if pairs, err := ConnectSparse(40, 50, p, u); err != nil || len(pairs) != want {
			t.Errorf("%d pairs, %v", len(pairs), err)
		}
	}
	for _, err := range []error{second(ConnectSparse(2, 2, 2, u)), second(ConnectSparse(1<<20, 1<<20, 0.5, u)), second(ConnectSparse(2, 2, 0.5, nil)), second(SmallWorld(5, 3, 0.1, u)),
		second(SmallWorld(5, 6, 0.1, u)), second(ConnectBy(2, 2, "", "1 +", u)), second(ConnectBy(2, 2, "", "1", nil))} {
		if err == nil {
			t.Error("was not refused")
		}
	}
}

// TestSmallWorld: each neuron leads to as many others as it should, to its neighbours alone without rewiring.
func TestSmallWorld(t *testing.T) {
	for _, p := range []float64{0, 0.3, 1} {
		pairs, err := SmallWorld(20, 4, p, mersenne.New(2))
		must(t, err)
		out, far := make([]int, 20), 0
		seen := map[Pair]bool{}
		for _, q := range pairs {
			out[q.I]++
			if d := (q.J - q.I + 20) % 20; d > 2 && d < 18 {
				far++
			}
			if seen[q] || q.I == q.J {
				t.Fatalf("%v", q)
			}
			seen[q] = true
		}
		if slices.Min(out) != 4 || slices.Max(out) != 4 || (far == 0) != (p == 0) {
			t.Errorf("p = %v: %v, %d far", p, out, far)
		}
	}
}

// TestDistance: a probability may be an expression of both ends.
func TestDistance(t *testing.T) {
	pairs, err := ConnectBy(6, 6, "i != j", "abs(i - j) < 2", mersenne.New(1))
	must(t, err)
	if len(pairs) != 10 {
		t.Errorf("%v", pairs)
	}
}

// TestPulseNetwork: the network of pulse-coupled neurons as equations, statements and synapses spikes as its plain definition does.
func TestPulseNetwork(t *testing.T) {
	const ne, ni = 16, 4
	d := mersenne.New(7)
	want := neuron.NewPulseNetwork(ne, ni, [2]float64{5, 2}, -65, d)
	n, p := pulses(t, want, d)
	var got, expected [][]int
	n.Observe(Thresholds, func(int) { got = append(got, slices.Clone(p.Spikes)) })
	must(t, n.Run(t.Context(), 300))
	again := mersenne.New(7)
	want = neuron.NewPulseNetwork(ne, ni, [2]float64{5, 2}, -65, again)
	for range 301 {
		var s []int
		want.Step(again, func(k int) { s = append(s, k) })
		expected = append(expected, s)
	}
	total := 0
	for k := range got { // a spike is found a step earlier, at the end of the one that led to it
		total += len(got[k])
		if !slices.Equal(got[k], expected[k+1]) {
			t.Fatalf("step %d: %v, want %v", k, got[k], expected[k+1])
		}
	}
	if total < 20 {
		t.Errorf("%d spikes", total)
	}
}

// pulses makes the network that neuron.PulseNetwork defines of a population in steps of 1 ms.
func pulses(t testing.TB, from *neuron.PulseNetwork, d Draws) (*Network, *Population) {
	n, err := New(1e-3, d)
	must(t, err)
	size := len(from.Cells)
	p, err := n.AddPopulation(Description{N: size, Equations: []string{"V : 1", "U : 1", "I : 1", "S : 1", "a : 1", "b : 1", "c : 1", "d : 1", "noise : 1"},
		Threshold: "V >= 30", Reset: "V = c; U += d"})
	must(t, err)
	must(t, p.Regularly("I = noise*randn() + S; S = 0; V += 0.5*(0.04*V*V + 5*V + 140 - U + I); V += 0.5*(0.04*V*V + 5*V + 140 - U + I); U += a*(b*V - U)", 1e-3))
	for k, c := range from.Cells {
		noise := from.Noise[0]
		if k >= from.Excitatory {
			noise = from.Noise[1]
		}
		for name, v := range map[string]float64{"V": from.V[k], "U": from.U[k], "a": c.A, "b": c.B, "c": c.C, "d": c.D, "noise": noise} {
			of(t, p, name)[k] = v
		}
	}
	pairs, err := Connect(size, size, "", 1, nil)
	must(t, err)
	y, err := n.AddSynapses(p, p, pairs, map[string][]float64{"w": slices.Concat(from.Effect...)})
	must(t, err)
	must(t, y.OnPre("S_post += w"))
	return n, p
}

// BenchmarkIzhikevich is a second of the network of 1,000 neurons, in steps of 1 ms.
func BenchmarkIzhikevich(b *testing.B) { izhikevich(b, ziggurat.New(42)) }

// BenchmarkIzhikevichNumPy draws the random numbers that recorded simulations have.
func BenchmarkIzhikevichNumPy(b *testing.B) { izhikevich(b, mersenne.New(42)) }

func izhikevich(b *testing.B, d Draws) {
	from := neuron.NewPulseNetwork(800, 200, [2]float64{5, 2}, -65, d)
	n, _ := pulses(b, from, d)
	before := cpuSeconds()
	for b.Loop() {
		must(b, n.Run(b.Context(), 1000))
	}
	b.ReportMetric((cpuSeconds()-before)/float64(b.N), "cpu-s/op")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "×real-time")
}

// BenchmarkLeaky is 100 ms of 100,000 leaky neurons with 10,000,000 synapses at random, in steps of 0.1 ms; it reports the memory of the
// synapses, and that of the program as it stands at the end.
func BenchmarkLeaky(b *testing.B) {
	n, err := New(1e-4, mersenne.New(1))
	must(b, err)
	const size = 100_000
	p, err := n.AddPopulation(Description{N: size, Equations: []string{"dv/dt = (1.02 - v)/(20*ms) : 1 (unless refractory)"}, Threshold: "v > 1", Reset: "v = 0", Refractory: "5*ms"})
	must(b, err)
	must(b, p.Set("v = rand()"))
	pairs, err := ConnectSparse(size, size, 0.001, mersenne.New(2))
	must(b, err)
	y, err := n.AddSynapses(p, p, pairs, nil)
	must(b, err)
	must(b, y.Declare("w"))
	must(b, y.Set("w = 0.002*rand() - 0.001"))
	must(b, y.OnPre("v_post += w", 1.5e-3))
	pairs = nil
	spikes := 0
	n.Observe(Thresholds, func(int) { spikes += len(p.Spikes) })
	before := cpuSeconds()
	for b.Loop() {
		must(b, n.Run(b.Context(), 1000))
	}
	b.ReportMetric((cpuSeconds()-before)/float64(b.N), "cpu-s/op")
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(0.1*float64(b.N)/b.Elapsed().Seconds(), "×real-time")
	b.ReportMetric(float64(y.Bytes())/float64(y.Size()), "B/synapse")
	b.ReportMetric(float64(m.Sys)/(1<<20), "MiB")
	b.ReportMetric(float64(spikes)/float64(b.N)/size/0.1, "Hz")
}
