package snn

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"spikec/emulator/encoder"
	"spikec/internal/golden"
	"spikec/internal/window"
)

// chain returns a network of vectors: sizes neurons each, weights[i] (target, source) between population i and i+1.
func chain(sizes []int, weights ...[]float32) *Network {
	n := &Network{Name: "chain", Reset: Subtract, Initial: 0.5}
	for i, size := range sizes {
		p := Population{Name: fmt.Sprintf("p%d", i), Shape: [3]int{size, 1, 1}, Neuron: IF}
		if i == 0 {
			p.Neuron = Input
		}
		n.Populations = append(n.Populations, p)
	}
	for i, w := range weights {
		n.Projections = append(n.Projections, Projection{Source: i, Target: i + 1, Window: window.Square(1, 1), Groups: 1, Weight: w})
	}
	return n
}

func loop(t testing.TB, n *Network, steps int) *Loop[float32] {
	t.Helper()
	s, err := NewSimulator(n, steps)
	if err != nil {
		t.Fatal(err)
	}
	return s.NewLoop()
}

func present(t testing.TB, l *Loop[float32], codes ...float32) *Result[float32] {
	t.Helper()
	r, err := l.Run(codes, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// firing returns the steps at which each neuron of each population fired.
func firing(t *testing.T, l *Loop[float32], codes ...float32) map[string][]int {
	t.Helper()
	at := map[string][]int{}
	_, err := l.Run(codes, 0, func(p, step int, fired []int32, _ []float32) {
		for _, n := range fired {
			k := fmt.Sprintf("%d.%d", p, n)
			at[k] = append(at[k], step)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestStaircase: a constant drive z with v(0) = θ/2 and 0 <= z <= θ gives exactly ⌊(T·z + θ/2)/θ⌋ spikes
// (conversion reference, section 1; derived from the soft reset by summing v over t). Drives in 1/256 of the threshold
// keep float32 exact.
func TestStaircase(t *testing.T) {
	const steps = 50
	n := chain([]int{1, 1}, []float32{1.0 / 256})
	l := loop(t, n, steps)
	for code := range 257 {
		r := present(t, l, float32(code))
		for i, T := range r.Steps {
			if want := int32((T*code + 128) / 256); r.Counts[i][0] != want {
				t.Errorf("drive %d/256: %d spikes in %d steps, want %d", code, r.Counts[i][0], T, want)
			}
			// Soft reset loses nothing: v(T) = v(0) + T·z − spikes.
			if want := 0.5 + float32(T*code)/256 - float32(r.Counts[i][0]); r.Potentials[i][0] != want {
				t.Errorf("drive %d/256: membrane %v after %d steps, want %v", code, r.Potentials[i][0], T, want)
			}
		}
	}
}

func TestResetsByHand(t *testing.T) {
	// z = 0.75, v(0) = 0.5. Soft: 1.25→0.25, 1.0→0, 0.75, 1.5→0.5, then again. Hard: 1.25→0, 0.75, 1.5→0, 0.75, …
	for _, c := range []struct {
		reset Reset
		want  []int
		last  float32
	}{{Subtract, []int{0, 1, 3, 4, 5}, 0.75}, {Zero, []int{0, 2, 4, 6}, 0}} {
		n := chain([]int{1, 1}, []float32{0.75})
		n.Reset = c.reset
		l := loop(t, n, 7)
		if got := firing(t, l, 1)["1.0"]; !slices.Equal(got, c.want) {
			t.Errorf("%s: spikes at %v, want %v", c.reset, got, c.want)
		}
		if got := present(t, l, 1).Potentials[2][0]; got != c.last {
			t.Errorf("%s: membrane %v, want %v", c.reset, got, c.last)
		}
	}
}

func TestThresholdIsReached(t *testing.T) {
	n := chain([]int{1, 1}, []float32{1})
	n.Initial = 0
	if got := present(t, loop(t, n, 3), 1).Counts[1][0]; got != 3 {
		t.Errorf("a membrane at the threshold fires: %d spikes, want 3", got)
	}
	n = chain([]int{1, 1}, []float32{1})
	n.Initial = 0
	n.Populations[1].Bias = []float64{-0.25}
	// 0.75, 1.5 → 0.5, 1.25 → 0.25, 1.0 → 0.
	if got := firing(t, loop(t, n, 4), 1)["1.0"]; !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("with a bias of −0.25: spikes at %v, want [1 2 3]", got)
	}
}

// TestBiasIsPerChannel: neurons are in H,W,C order, so channel c of position p is neuron p·C + c.
func TestBiasIsPerChannel(t *testing.T) {
	n := &Network{Reset: Subtract, Populations: []Population{{Shape: [3]int{1, 1, 2}, Neuron: Input}, {Shape: [3]int{2, 1, 2}, Neuron: Integrator, Bias: []float64{1, 10}}},
		Projections: []Projection{{Source: 0, Target: 1, Window: window.Square(1, 1), Groups: 1, Weight: []float32{100, 1000}}}}
	got := present(t, loop(t, n, 2), 1, 0).Potentials[0]
	// Two steps of bias; the first position also gets its drive.
	if want := []float32{202, 2020, 2, 20}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestIntegrator(t *testing.T) {
	n := chain([]int{1, 1, 2}, []float32{0.5}, []float32{3, -2})
	n.Initial = 0.5
	n.Populations[2].Neuron = Integrator
	l := loop(t, n, 8)
	r := present(t, l, 1)
	// Drive 0.5 from 0.5 fires at steps 0, 2, 4, 6; the integrators start at 0 and never fire.
	for i, spikes := range []float32{1, 2, 4} {
		if r.Steps[i] != 2<<i || r.Potentials[i][0] != 3*spikes || r.Potentials[i][1] != -2*spikes || r.Counts[i][0] != 0 {
			t.Errorf("after %d steps: %v, counts %v", r.Steps[i], r.Potentials[i], r.Counts[i])
		}
	}
	if !slices.Equal(r.Spikes, []int64{0, 4, 0}) || r.SynapticOperations != 8 {
		t.Errorf("%v spikes and %d operations, want [0 4 0] and 4·2", r.Spikes, r.SynapticOperations)
	}
}

// TestSkip: population 3 sees population 1 directly and through population 2, spikes of one step in the same step.
func TestSkip(t *testing.T) {
	n := chain([]int{1, 1, 1, 1}, []float32{0.5}, []float32{0.5})
	n.Initial = 0
	n.Populations[3].Neuron = Integrator
	one := window.Square(1, 1)
	n.Projections = append(n.Projections,
		Projection{Source: 1, Target: 3, Window: one, Groups: 1, Weight: []float32{1}, Identity: true},
		Projection{Source: 2, Target: 3, Window: one, Groups: 1, Weight: []float32{10}})
	l := loop(t, n, 8)
	// Population 1 fires at 1, 3, 5, 7; population 2 with half of that at 3, 7.
	at := firing(t, l, 1)
	if !slices.Equal(at["1.0"], []int{1, 3, 5, 7}) || !slices.Equal(at["2.0"], []int{3, 7}) {
		t.Errorf("spikes %v", at)
	}
	r := present(t, l, 1)
	if got, want := fmt.Sprint(r.Potentials), "[[1] [12] [24]]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := n.Depth(); !slices.Equal(got, []int{0, 0, 1, 2}) {
		t.Errorf("depth %v", got)
	}
	if r.SynapticOperations != 4+2+4 {
		t.Errorf("%d operations", r.SynapticOperations)
	}
}

// TestCheckpointsAreShorterRuns: what a run of T steps reports after k steps is what a run of k steps reports.
func TestCheckpointsAreShorterRuns(t *testing.T) {
	n := randomNetwork(rand.New(rand.NewPCG(1, 2)))
	codes := randomCodes(n, rand.New(rand.NewPCG(3, 4)))
	long := present(t, loop(t, n, 21), codes...)
	for i, k := range long.Steps {
		short := present(t, loop(t, n, k), codes...)
		last := len(short.Steps) - 1
		if !slices.Equal(long.Counts[i], short.Counts[last]) || !slices.Equal(long.Potentials[i], short.Potentials[last]) {
			t.Errorf("checkpoint %d: %v, alone %v", k, long.Potentials[i], short.Potentials[last])
		}
	}
}

// randomNetwork returns a network of a convolution behind a pool, a second one, a skip connection and an integrator.
func randomNetwork(r *rand.Rand) *Network {
	weights := func(n int) []float32 {
		w := make([]float32, n)
		for i := range w {
			w[i] = float32(r.NormFloat64()) / 4
		}
		return w
	}
	pool := window.Square(2, 1)
	pad := window.Window2d{Kernel: [2]int{3, 2}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, PadBegin: [2]int{1, 1}, PadEnd: [2]int{1, 0}}
	return &Network{Reset: Subtract, Initial: 0.5,
		Populations: []Population{{Shape: [3]int{2, 5, 4}, Neuron: Input}, {Shape: [3]int{3, 4, 3}, Neuron: IF, Bias: []float64{0.1, 0, -0.1}}, {Shape: [3]int{3, 4, 3}, Neuron: IF},
			{Shape: [3]int{4, 1, 1}, Neuron: Integrator}},
		Projections: []Projection{
			{Source: 0, Target: 1, Window: window.Square(2, 1), Groups: 1, Weight: weights(3 * 2 * 4)},
			{Source: 1, Target: 2, Window: pad, Groups: 3, Weight: weights(3 * 6)},
			{Source: 1, Target: 2, Window: window.Square(1, 1), Groups: 3, Weight: []float32{1, 1, 1}, Identity: true},
			{Source: 2, Target: 3, Pool: &pool, Window: window.Window2d{Kernel: [2]int{3, 2}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}, Groups: 1, Weight: weights(4 * 3 * 6)}}}
}

func randomCodes(n *Network, r *rand.Rand) []float32 {
	codes := make([]float32, n.Populations[0].Size())
	for i := range codes {
		codes[i] = float32(r.IntN(4))
	}
	return codes
}

// TestLoopHasNoMemory: a loop gives the same for a picture whatever it was shown before, and as a fresh one.
func TestLoopHasNoMemory(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		n := randomNetwork(r)
		if rapid.Bool().Draw(rt, "hard") {
			n.Reset = Zero
		}
		a, b := randomCodes(n, r), randomCodes(n, r)
		s, err := NewSimulator(n, 11)
		if err != nil {
			rt.Fatal(err)
		}
		l := s.NewLoop()
		first := present(t, l, a...).Clone()
		other := present(t, l, b...)
		if cmp.Equal(first, other) {
			rt.Skip("two pictures with one answer")
		}
		if d := cmp.Diff(first, present(t, l, a...)); d != "" {
			rt.Fatalf("A, B, A: the second A differs (-first +second):\n%s", d)
		}
		if d := cmp.Diff(first, present(t, s.NewLoop(), a...)); d != "" {
			rt.Fatalf("a fresh loop differs (-first +fresh):\n%s", d)
		}
	})
}

// TestLoopIsTheDefinition compares a network with the loop of the definition: dense sums with float64 membranes.
// Weights in 1/64 keep float32 exact, so the spikes must be equal, not only close.
func TestLoopIsTheDefinition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		n := randomNetwork(r)
		if r.IntN(2) == 0 {
			n.Reset = Zero
		}
		for i := range n.Projections {
			for k, w := range n.Projections[i].Weight {
				n.Projections[i].Weight[k] = float32(int(w*64)) / 64
			}
		}
		n.Populations[1].Bias = []float64{0.125, 0, -0.25}
		codes := randomCodes(n, r) // C,H,W
		hwc := make([]float32, len(codes))
		ToHWC(hwc, codes, n.Populations[0].Shape)
		got := present(t, loop(t, n, 9), hwc...)
		counts, v := definition(n, 9, codes)
		for i, x := range v {
			if got.Potentials[3][i] != x {
				rt.Fatalf("membranes %v, want %v", got.Potentials[3], v)
			}
		}
		if !slices.Equal(got.Spikes, counts) {
			rt.Fatalf("spikes %v, want %v", got.Spikes, counts)
		}
	})
}

// definition runs a network step by step, all populations in every step, with values in C,H,W order.
func definition(n *Network, steps int, codes []float32) (spikes []int64, output []float32) {
	v, s := make([][]float32, len(n.Populations)), make([][]float32, len(n.Populations))
	spikes = make([]int64, len(v))
	for i := range v {
		v[i], s[i] = make([]float32, n.Populations[i].Size()), make([]float32, n.Populations[i].Size())
		for k := range v[i] {
			if n.Populations[i].Neuron == IF {
				v[i][k] = float32(n.Initial)
			}
		}
	}
	s[0] = codes
	for range steps {
		for i := 1; i < len(v); i++ {
			p := &n.Populations[i]
			for _, j := range n.Incoming(i) {
				for k, x := range plain(n.Geometry(j), n.Projections[j].Weight, s[n.Projections[j].Source]) {
					v[i][k] += x
				}
			}
			plane := p.Shape[1] * p.Shape[2]
			for k := range v[i] {
				if p.Bias != nil {
					v[i][k] += float32(p.Bias[k/plane])
				}
				s[i][k] = 0
				if p.Neuron == IF && v[i][k] >= 1 {
					s[i][k] = 1
					spikes[i]++
					if v[i][k]--; n.Reset == Zero {
						v[i][k] = 0
					}
				}
			}
		}
	}
	return spikes, v[len(v)-1]
}

// TestSomeLinksScatter: a loop gives the same whichever of its projections gather and whichever scatter, the first or the
// last one of a population. Weights in 1/64 keep float32 exact.
func TestSomeLinksScatter(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	n := randomNetwork(r)
	for i := range n.Projections {
		for k, w := range n.Projections[i].Weight {
			n.Projections[i].Weight[k] = float32(int(w*64)) / 64
		}
	}
	n.Populations[1].Bias = nil
	codes := randomCodes(n, r)
	want := present(t, loop(t, n, 20), codes...).Clone()
	for mask := range 1 << len(n.Projections) {
		s, err := NewSimulator(n, 20)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n.Projections {
			if x := s.synapses[i]; mask>>i&1 != 0 && x.scatter == nil {
				if x.scatter, err = NewScatter(n.Geometry(i), n.Projections[i].Weight); err != nil {
					t.Fatal(err)
				}
				x.gather = nil
			}
		}
		if d := cmp.Diff(want, present(t, s.NewLoop(), codes...)); d != "" {
			t.Errorf("projections %b scatter (-gathered +got):\n%s", mask, d)
		}
	}
}

func TestObserver(t *testing.T) {
	n := chain([]int{1, 2, 1}, []float32{1, 0.25}, []float32{1, 1})
	n.Initial = 0
	var b strings.Builder
	_, err := loop(t, n, 4).Run([]float32{1}, 0, func(p, step int, fired []int32, v []float32) {
		fmt.Fprintf(&b, "%d@%d fired %v membranes %v\n", p, step, fired, v)
	})
	if err != nil {
		t.Fatal(err)
	}
	// Drive 1 fires at every step, drive 1/4 at step 3; the target then gets 2 and keeps 1.
	want := `1@0 fired [0] membranes [0 0.25]
1@1 fired [0] membranes [0 0.5]
1@2 fired [0] membranes [0 0.75]
1@3 fired [0 1] membranes [0 0]
2@0 fired [0] membranes [0]
2@1 fired [0] membranes [0]
2@2 fired [0] membranes [0]
2@3 fired [0] membranes [1]
`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestRunRefusesAPictureOfAnotherSize(t *testing.T) {
	if _, err := loop(t, chain([]int{2, 1}, []float32{1, 1}), 1).Run([]float32{1}, 0, nil); err == nil || !strings.Contains(err.Error(), "1 codes, the network takes 2") {
		t.Errorf("got %v", err)
	}
}

func TestNetworkString(t *testing.T) {
	n := randomNetwork(rand.New(rand.NewPCG(1, 1)))
	n.Name, n.Steps = "example", 16
	for i, name := range []string{"x", "relu1", "relu2", "y"} {
		n.Populations[i].Name = name
	}
	golden.File(t, "network.txt", n.String())
	n.Readout = Readout{Kind: Membrane, Delay: 4}
	if head, _, _ := strings.Cut(n.String(), "\n"); !strings.HasSuffix(head, " readout=membrane from step 4") {
		t.Errorf("got %s", head)
	}
}

// TestSource: a population of sources fires as its player says, picture by picture, whether it is watched or not, and its
// spikes arrive like any others.
func TestSource(t *testing.T) {
	coding := encoder.Coding{Name: "poisson", Seed: 4}
	const steps, size = 20, 70
	n := &Network{Reset: Subtract, Populations: []Population{
		{Name: "x", Shape: [3]int{2, 5, 7}, Neuron: Input}, {Name: "x/spikes", Shape: [3]int{2, 5, 7}, Neuron: Source, Coding: &coding},
		{Name: "sum", Shape: [3]int{1, 1, 1}, Neuron: Integrator}}}
	weight := make([]float32, size)
	for i := range weight {
		weight[i] = 1
	}
	n.Projections = []Projection{{Source: 1, Target: 2, Window: window.Window2d{Kernel: [2]int{5, 7}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}, Groups: 1, Weight: weight}}
	codes, bytes := make([]float32, size), make([]uint8, size)
	for i := range codes {
		bytes[i] = uint8(i * 11)
		codes[i] = float32(bytes[i])
	}
	p, err := encoder.NewPlayer(coding)
	if err != nil {
		t.Fatal(err)
	}
	l := loop(t, n, steps)
	for _, picture := range []int{3, 0, 3} {
		words := Words(size)
		spikes := make([]uint64, steps*words)
		p.Begin(bytes, 0, picture)
		p.Play(spikes, words, steps)
		total := 0
		r, err := l.Run(codes, picture, func(population, step int, fired []int32, membranes []float32) {
			if population != 1 {
				return
			}
			if want := appendEvents(nil, spikes[step*words:(step+1)*words]); !slices.Equal(fired, want) || len(membranes) != size || membranes[5] != 0 {
				t.Errorf("picture %d, step %d: spikes of %v, want %v", picture, step, fired, want)
			}
			total += len(fired)
		})
		if err != nil {
			t.Fatal(err)
		}
		if r.Spikes[1] != int64(total) || r.SynapticOperations != int64(total) || r.Potentials[len(r.Potentials)-1][0] != float32(total) || total == 0 {
			t.Errorf("picture %d: %d spikes; %+v", picture, total, r)
		}
		want := r.Clone()
		l.Watch()
		if r, err = l.Run(codes, picture, nil); err != nil || cmp.Diff(want, r.Clone()) != "" {
			t.Errorf("picture %d: another answer when nobody looks: %v, %v", picture, r, err)
		}
		l.Watch(0, 1, 2)
	}
}
