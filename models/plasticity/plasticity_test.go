package plasticity

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
	"spikec/internal/mersenne"
	"spikec/models/neuron"
)

// near fails where two numbers differ by more than 1e-9.
func near(t interface{ Errorf(string, ...any) }, what string, got, want float64) {
	if math.Abs(got-want) > 1e-9 {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// event is a spike of one side at a time.
type event struct {
	t    float64
	post bool
}

// drawTrains draws two ascending trains without coincidences, and both in one order.
func drawTrains(t *rapid.T) (pre, post []float64, all []event) {
	at := 0.0
	for range rapid.IntRange(1, 20).Draw(t, "spikes") {
		at += rapid.Float64Range(0.5, 30).Draw(t, "interval")
		e := event{at, rapid.Bool().Draw(t, "post")}
		all = append(all, e)
		if e.post {
			post = append(post, at)
		} else {
			pre = append(pre, at)
		}
	}
	return pre, post, all
}

// TestTracesAreWindows: while no weight is clipped, traces add up to the window summed over all pairs; so do triplets without their
// slow part, and steps where all spikes are on them.
func TestTracesAreWindows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pre, post, all := drawTrains(t)
		w := TwoPhase{APlus: 0.01, AMinus: 0.012, TauPlus: 17, TauMinus: 34}
		want := 50 + All(w, pre, post)
		traces := NewTraces(1, 17, 34, 0.01, -0.012, 100)
		triplet := &Triplet{A2Plus: 0.01, A2Minus: 0.012, TauPlus: 17, TauMinus: 34, TauX: 100, TauY: 100, Max: 100}
		a, b := 50.0, 50.0
		for _, e := range all {
			if e.post {
				a, b = traces.Post(0, e.t, a), triplet.Post(e.t, b)
			} else {
				a, b = traces.Pre(0, e.t, a), triplet.Pre(e.t, b)
			}
		}
		near(t, "traces", a, want)
		near(t, "triplets without their slow part", b, want)
		// The same on a grid of 1, where coincidences leave out what they add.
		step, c := &Stepped{APlus: 0.01, AMinus: 0.012, TauPlus: 17, TauMinus: 34, Max: 100, Dt: 1, Pre: []float64{0}}, []float64{50}
		var gp, gq []float64
		for k := range 80 {
			s, y := rapid.Float64Range(0, 1).Draw(t, "s") < 0.2, rapid.Float64Range(0, 1).Draw(t, "y") < 0.2
			if s {
				gp = append(gp, float64(k))
			}
			if y {
				gq = append(gq, float64(k))
			}
			step.Step(c, []float64{mark(s)}, mark(y))
		}
		want = 50 + All(w, gp, gq)
		for _, k := range gp {
			if slices.Contains(gq, k) {
				want += 0.01 - 0.012
			}
		}
		near(t, "steps", c[0], want)
	})
}

func mark(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// TestNearestIsAll for one spike on each side.
func TestNearestIsAll(t *testing.T) {
	for _, w := range []Window{TwoPhase{1, 2, 10, 20}, ThreePhase{1, 2}, Coincident{1, 10}} {
		for _, d := range []float64{-7, 3} {
			near(t, "nearest", Nearest(w, []float64{20}, []float64{20 + d}), All(w, []float64{20}, []float64{20 + d}))
		}
	}
	near(t, "coincidence", Coincident{3, 10}.Change(0), 1)
	near(t, "coincidence of two phases", TwoPhase{1, 2, 10, 20}.Change(0), 0)
}

// TestTripletDependsOnRate: pairs at a distance of 10 weaken at 0.1 Hz and strengthen at 50 Hz, as the rule was made to show.
func TestTripletDependsOnRate(t *testing.T) {
	change := func(period float64) float64 {
		r, w := VisualCortex(), 0.5
		for k := range 20 {
			w = r.Post(float64(k)*period+10, r.Pre(float64(k)*period, w))
		}
		return w - 0.5
	}
	if slow, quick := change(10_000), change(20); slow > 1e-6 || quick < 0.01 {
		t.Errorf("a change of %v when slow, %v when quick", slow, quick)
	}
}

// TestMeasures: closed forms are the integrals of filtered trains.
func TestMeasures(t *testing.T) {
	const h = 1e-3
	for name, c := range map[string]struct {
		m Measure
		k func(float64) float64
	}{
		"exponential": {Exponential(5), func(x float64) float64 {
			if x < 0 {
				return 0
			}
			return math.Exp(-x / 5)
		}},
		"alpha": {Alpha(5), func(x float64) float64 {
			if x < 0 {
				return 0
			}
			return math.E * x / 5 * math.Exp(-x/5)
		}},
		"gaussian": {Gaussian(3), func(x float64) float64 { return math.Exp(-x * x / 18) }},
	} {
		for _, d := range []float64{0, 2, 9} {
			sum := 0.0
			for x := -40.0; x < 160; x += h {
				sum += c.k(x) * c.k(x-d) * h
			}
			if math.Abs(sum-c.m(d)) > 2e-3*c.m(0) {
				t.Errorf("%s at %v: %v, want %v", name, d, c.m(d), sum)
			}
		}
		a := []float64{1, 4, 9}
		near(t, name+" distance of a train from itself", c.m.Squared(a, a), 0)
		near(t, name+" correlation of a train with itself", c.m.Correlation(a, a), 1)
	}
}

// TestSpikePropGradient compares gradients with differences, for weights of both layers.
func TestSpikePropGradient(t *testing.T) {
	r := mersenne.New(4)
	n := &SpikeProp{Cell: neuron.SpikeResponse{Tau: 7, Theta: 5}, Delays: []float64{1, 4, 8}, End: 60}
	for l, shape := range [2][2]int{{3, 2}, {1, 3}} {
		for range shape[0] {
			var rows [][]float64
			for range shape[1] {
				rows = append(rows, []float64{1 + r.Uniform(), 1 + r.Uniform(), 1 + r.Uniform()})
			}
			n.W[l] = append(n.W[l], rows)
		}
	}
	in, want := []float64{0, 5}, []float64{12}
	g := n.Present(in, want).Gradient
	for l := range n.W {
		w := &n.W[l][0][1][0]
		const h = 1e-5
		*w += h
		up := n.Present(in, want).Error
		*w -= 2 * h
		down := n.Present(in, want).Error
		*w += h
		if d := (up - down) / (2 * h); math.Abs(d-g[l][0][1][0]) > 1e-5*(1+math.Abs(d)) {
			t.Errorf("layer %d: gradient %v, by differences %v", l, g[l][0][1][0], d)
		}
	}
	before := n.Present(in, want).Error
	for range 20 {
		n.Descend(n.Present(in, want), 0.01)
	}
	if after := n.Present(in, want).Error; after >= before {
		t.Errorf("the error rises from %v to %v", before, after)
	}
}

// TestTempotron learns to tell patterns apart.
func TestTempotron(t *testing.T) {
	r, rule := mersenne.New(2), Tempotron{Tau: 15, TauS: 3.75, Threshold: 1, Rate: 0.02}
	near(t, "largest value of the kernel", rule.Kernel(15*3.75/(15-3.75)*math.Log(4)), 1)
	var patterns [6][][]float64
	for p := range patterns {
		for range 30 {
			patterns[p] = append(patterns[p], []float64{100 * r.Uniform()})
		}
	}
	w := slices.Repeat([]float64{0.05}, 30)
	right := 0
	for epoch := 0; epoch < 200 && right < len(patterns); epoch++ {
		right = 0
		for p := range patterns {
			if rule.Learn(w, patterns[p], p%2 == 0, 120, 1) {
				right++
			}
		}
	}
	if right != len(patterns) {
		t.Errorf("%d of %d patterns are told apart", right, len(patterns))
	}
}

// TestShortTerm: a train of equal intervals settles where the equations have their fixed point, and depression comes down from U.
func TestShortTerm(t *testing.T) {
	s := ShortTerm{U: 0.5, TauRec: 800}
	near(t, "first spike", s.Spike(0), 0.5)
	last := 0.0
	for k := 1; k < 100; k++ {
		last = s.Spike(float64(k) * 50)
	}
	// x = 1 + (x(1−U) − 1)·e: x = (1 − e)/(1 − (1−U)e)
	e := math.Exp(-50. / 800)
	near(t, "depressed", last, 0.5*(1-e)/(1-0.5*e))
	f := ShortTerm{U: 0.05, TauRec: 50, TauFacil: 1000}
	first := f.Spike(0)
	for k := 1; k < 10; k++ {
		last = f.Spike(float64(k) * 50)
	}
	if last < 3*first {
		t.Errorf("facilitation from %v to %v", first, last)
	}
}

// TestSupervised: what has been learnt changes no more, and rules move towards what is wanted.
func TestSupervised(t *testing.T) {
	wanted := []float64{50, 100}
	resume, span := ReSuMe{Bias: 0.1, A: 1, Tau: 5}, SPAN{Tau: 5}
	near(t, "ReSuMe at the goal", resume.Change([]float64{45}, wanted, wanted), 0)
	near(t, "SPAN at the goal", span.Change([]float64{45}, wanted, wanted), 0)
	if resume.Change([]float64{45}, nil, wanted) <= 0 || span.Change([]float64{45}, nil, wanted) <= 0 {
		t.Error("a spike that is missing does not strengthen what came before it")
	}
	w := []float64{1, 1, 1}
	Hebb{Rate: 0.1}.Change(w, []float64{1, 5, 20}, 12, true, 10)
	near(t, "late output", w[0], 1.2)
	near(t, "an input after the output", w[2], 1)
	Hebb{Rate: 0.1}.Change(w, []float64{1, 5, 20}, 0, false, 10)
	near(t, "silence", w[2], 1.5)
}

// TestRewardNeedsReward: without a reward, and without eligibility, nothing changes.
func TestRewardNeedsReward(t *testing.T) {
	r, w := &Reward{APlus: 0.1, AMinus: 0.1, TauPlus: 20, TauMinus: 20, TauE: 100, Rate: 1, Eligible: []float64{0, 0}}, []float64{0.5, 0.5}
	r.Step(w, []float64{1, 0}, 0, 0)
	r.Step(w, []float64{0, 0}, 1, 0)
	if w[0] != 0.5 {
		t.Errorf("a weight of %v without a reward", w[0])
	}
	r.Step(w, []float64{0, 0}, 0, 1)
	if w[0] <= 0.5 || w[1] != 0.5 {
		t.Errorf("weights of %v after a reward", w)
	}
}

// TestCompetitive: two patterns that do not overlap come to neurons of their own, without a teacher; and without learning nothing changes.
func TestCompetitive(t *testing.T) {
	u := mersenne.New(3)
	r := &Competitive{TauX: 20, TauV: 20, TauTheta: 1e5, Threshold: 3, ThetaPlus: 0.2, Rate: 0.3, Target: 0.2, Sum: 5, Theta: make([]float64, 2)}
	for range 2 {
		w := make([]float64, 20)
		for i := range w {
			w[i] = 0.2 + 0.2*u.Uniform()
		}
		r.W = append(r.W, w)
	}
	show := func(pattern int, learn bool) (wins [2]int) {
		for range 40 {
			var spikes []int
			for i := range 10 {
				if u.Uniform() < 0.3 {
					spikes = append(spikes, 10*pattern+i)
				}
			}
			if j := r.Step(spikes, learn); j >= 0 {
				wins[j]++
			}
		}
		r.Forget(learn)
		return wins
	}
	for k := range 60 {
		show(k%2, true)
	}
	before := slices.Clone(r.W[0])
	a, b := show(0, false), show(1, false)
	if !(a[0] > 0 && a[1] == 0 && b[0] == 0 && b[1] > 0 || a[1] > 0 && a[0] == 0 && b[1] == 0 && b[0] > 0) {
		t.Errorf("the patterns are won %v and %v times", a, b)
	}
	if !slices.Equal(before, r.W[0]) {
		t.Error("weights change without learning")
	}
}
