package convert

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"spikec/models/ann"
	"spikec/models/snn"
)

// TestDiehlScale, by hand. Layer 1: weights up to 3 on codes count 765, more than its largest activation of 2·100 + 50 = 250.
// Layer 2: a weight of 1000 counts more than the largest activation of 250·0.5; layer 3 has a weight of 2 only, and an
// activation of 125·2.
func TestDiehlScale(t *testing.T) {
	s := newSketch(t, 1, 2)
	s.add(&ann.Linear{Weight: []float32{2, 1, -3, 3}, In: 2, Out: 2})
	s.add(ann.Relu{})
	s.add(&ann.Linear{Weight: []float32{0.5, 0, -1000, 1000}, In: 2, Out: 2})
	s.add(ann.Relu{})
	s.add(&ann.Linear{Weight: []float32{2, 1}, In: 2, Out: 1})
	st := stateOf(s.g, 0, Preprocess{}, options(Strict, 1))
	codes := func(_ int, dst []float32) { copy(dst, []float32{100, 50}) }
	st.Images = Images{N: 1, Codes: codes, Inputs: codes}
	st.Options.Normalization = "diehl"
	st.Options.Disable["refit"], st.Options.Disable["rate-refit"] = true, true
	through(t, st, "drop-softmax", "normalise")
	for node, want := range map[int]float64{2: 765, 4: 1000, 5: 250} {
		if got := st.Scales[node]; got[0] != want || got[len(got)-1] != want {
			t.Errorf("node %d: %v, want %v", node, got, want)
		}
	}
}

// gaussianError integrates the mean square error of n levels up to factor, rounded half up, for max(0, z) with z normal.
func gaussianError(factor, mean, deviation float64, n int) float64 {
	const points = 2000
	sum, width := 0.0, (max(0, mean)+8*deviation)/points
	for i := range points {
		z := (float64(i) + 0.5) * width
		d := z - factor/float64(n)*min(float64(n), math.Floor(z*float64(n)/factor+0.5))
		x := (z - mean) / deviation
		sum += d * d * math.Exp(-x*x/2) / deviation * width
	}
	return sum
}

// TestGaussianHasTheLeastError: no factor beside the fixed point has a smaller error, whatever the unit.
func TestGaussianHasTheLeastError(t *testing.T) {
	for _, n := range []int{1, 2, 4, 8, 32} {
		for _, mean := range []float64{-3, -1, 0, 0.5, 3} {
			got := gaussianFactor(mean, 1, n)
			e := gaussianError(got, mean, 1, n)
			for k := 1; k <= 120; k++ {
				f := float64(k) * 0.06
				if other := gaussianError(f, mean, 1, n); other < e*(1-5e-3) {
					t.Errorf("%d levels, mean %v: factor %v has error %v, %v has %v", n, mean, got, e, f, other)
				}
			}
			if scaled := gaussianFactor(mean*300, 300, n); math.Abs(scaled-300*got) > 1e-6*scaled {
				t.Errorf("%d levels, mean %v: factor %v, in units of 1/300 %v", n, mean, got, scaled)
			}
		}
	}
}

// TestGaussianByHand: one level. For sums of mean 0 and deviation 1, above c = θ/2, the mean is θ = φ(c)/(1 − Φ(c)):
// θ = 1.224, where 1 − Φ(0.612) = 0.2703 and φ(0.612) = 0.3308. Without deviation it is the mean.
func TestGaussianByHand(t *testing.T) {
	if got := gaussianFactor(0, 1, 1); math.Abs(got-0.3308/0.2703) > 1e-3 {
		t.Errorf("one level: %v", got)
	}
	for mean, want := range map[float64]float64{3: 3, -3: 0} {
		if got := gaussianFactor(mean, 0, 4); got != want {
			t.Errorf("always %v: %v", mean, got)
		}
	}
	if got := gaussianFactor(-50, 1, 4); got != 0 {
		t.Errorf("hardly ever positive: %v, want 0", got)
	}
	h := newHistogram(2)
	h.add(2)
	if h.sums = (moments{n: 1e6, sum: -1e9, squares: 1e12}); gaussian(&h, options(Strict, 4)) != 2 {
		t.Error("a distribution without positive values does not give the largest activation")
	}
}

// sums returns the state of one rectified layer of two channels whose pre-activations are the codes less 100 on two images,
// and of the output behind it.
func sums(t *testing.T, name string, perChannel bool, steps int) (st *State, values [2][]float64) {
	t.Helper()
	codes := [2][]float32{{0, 50, 100, 150, 90, 120, 130, 255}, {20, 200, 210, 10, 100, 90, 80, 130}}
	s := newSketch(t, 1, 2, 2, 2)
	s.add(&ann.Conv{Weight: []float32{1, 0, 0, 1}, Bias: []float32{-100, -100}, In: 2, Out: 2, Groups: 1, Window: oneTap()})
	s.add(ann.Relu{})
	s.add(ann.Flatten{})
	s.add(s.linear(8, 3, false))
	opt := options(Best, steps)
	opt.Normalization, opt.PerChannel = name, perChannel
	opt.Disable["refit"], opt.Disable["rate-refit"] = true, true
	st = stateOf(s.g, 0, Preprocess{}, opt)
	image := func(i int, dst []float32) { copy(dst, codes[i]) }
	st.Images = Images{N: 2, Codes: image, Inputs: image}
	for _, image := range codes {
		for i, x := range image {
			values[i/4] = append(values[i/4], float64(x)-100)
		}
	}
	return st, values
}

// meanAndDeviation, in two passes.
func meanAndDeviation(v []float64) (mean, deviation float64) {
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for _, x := range v {
		deviation += (x - mean) * (x - mean) / float64(len(v))
	}
	return mean, math.Sqrt(deviation)
}

// TestGaussianTakesPreActivations: mean and deviation are those of the sums, negative ones too, of a channel or a layer; T is
// the number of levels.
func TestGaussianTakesPreActivations(t *testing.T) {
	for _, steps := range []int{4, 16} {
		st, v := sums(t, "gaussian", true, steps)
		got := scales(t, st)
		for c := range v {
			mean, deviation := meanAndDeviation(v[c])
			if want := gaussianFactor(mean, deviation, steps); math.Abs(got[c]-want) > 1e-6*want {
				t.Errorf("T = %d, channel %d: %v, want %v", steps, c, got[c], want)
			}
		}
		st, v = sums(t, "gaussian", false, steps)
		mean, deviation := meanAndDeviation(append(v[0], v[1]...))
		if got, want := scales(t, st), gaussianFactor(mean, deviation, steps); math.Abs(got[0]-want) > 1e-6*want || got[1] != got[0] {
			t.Errorf("T = %d, a layer: %v, want %v", steps, got, want)
		}
	}
}

// raise is local threshold balancing as it is written down.
func raise(values []float64) float64 {
	theta := 0.0
	for range localIterations {
		mean := 0.0
		for _, z := range values {
			mean += max(0, z-theta) / float64(len(values))
		}
		theta += 2 * mean
	}
	return theta
}

// TestLocalThreshold: of a channel, and of a layer, sums that are not positive in the mean, exact within a bin.
func TestLocalThreshold(t *testing.T) {
	st, v := sums(t, "local", true, 4)
	got := scales(t, st)
	for c := range v {
		if want := raise(v[c]); math.Abs(got[c]-want) > 2*want/bins {
			t.Errorf("channel %d: %v, want %v", c, got[c], want)
		}
	}
	st, v = sums(t, "local", false, 4)
	if got, want := scales(t, st), raise(append(v[0], v[1]...)); math.Abs(got[0]-want) > 2*want/bins || got[1] != got[0] {
		t.Errorf("a layer: %v, want %v", got, want)
	}
	// Far above: one sum in ten thousand is 100, all others are 1 or −1. A threshold of 1 is left at 2·99/10⁴ a step, which
	// falls by (1 − 2/10⁴) a step: after 4000 it is 100 − 99·e^(−0.8).
	h := newHistogram(100)
	for range 100 {
		h.add(1)
	}
	h.add(100)
	h.sums.n = 10000
	if got, want := localThreshold(&h, options(Strict, 4)), 100-99*math.Exp(-0.8); math.Abs(got-want) > 0.5 {
		t.Errorf("one sum far above: %v, want about %v", got, want)
	}
	// All sums are alike: the first step goes to twice their size.
	h = newHistogram(1)
	h.add(1)
	h.sums.n = 1
	if got := localThreshold(&h, options(Strict, 4)); math.Abs(got-2) > 1e-3 {
		t.Errorf("sums of 1: %v, want 2", got)
	}
}

// TestPublishedFactorsKnowNoReset: no published rule depends on what a membrane does after a spike, and of those for
// distributions only that of normally distributed sums depends on T.
func TestPublishedFactorsKnowNoReset(t *testing.T) {
	for _, n := range Normalisations {
		if n.activations == nil || n.Name == "error" {
			continue
		}
		factors := func(reset snn.Reset, steps int) []float64 {
			st, _ := sums(t, n.Name, true, steps)
			st.Options.Reset, st.Options.Percentile = reset, 99
			return scales(t, st)
		}
		for _, steps := range []int{16, 64, 256} {
			want := factors(snn.Subtract, steps)
			if got := factors(snn.Zero, steps); !slices.Equal(got, want) {
				t.Errorf("%s, T = %d: %v where membranes are reset to zero, %v by subtraction", n.Name, steps, got, want)
			}
			if at16 := factors(snn.Zero, 16); n.Name != "gaussian" && !slices.Equal(at16, want) {
				t.Errorf("%s: %v at T = 16, %v at %d", n.Name, at16, want, steps)
			}
		}
	}
}

// TestMomentsAddUp: of parts, and through histograms that are put together.
func TestMomentsAddUp(t *testing.T) {
	a, b := newHistogram(3), newHistogram(0)
	for _, x := range []float64{-1, 2, 3} {
		a.sums.add(x)
	}
	b.sums.add(-4)
	all := together([]histogram{a, b})
	if mean, deviation := all.sums.normal(); mean != 0 || math.Abs(deviation-math.Sqrt(7.5)) > 1e-12 {
		t.Errorf("mean %v, deviation %v, want 0 and √(30/4)", mean, deviation)
	}
	if mean, deviation := (&moments{}).normal(); mean != 0 || deviation != 0 {
		t.Errorf("of nothing: %v, %v", mean, deviation)
	}
}

// TestSumsOfManyImages: sums of pre-activations have the bits of the images' own sums, added up in the order of the images,
// whatever the number of goroutines, and are kept of a few images at a time.
func TestSumsOfManyImages(t *testing.T) {
	const images = 2*sumImages + 3
	st, _ := sums(t, "gaussian", true, 4)
	st.Images = pictures(st.Teacher, images, Preprocess{})
	through(t, st, "drop-softmax", "zero-bias")
	layers, codes, e := st.studentLayers(), make([]float32, 8), ann.NewExecutor(st.Graph)
	var want [2]moments
	for i := range images {
		st.Images.Codes(i, codes)
		if _, err := e.Run(codes); err != nil {
			t.Fatal(err)
		}
		var of [2]moments
		for k, z := range e.Value(layers[0].pre) {
			of[k/4].add(float64(z))
		}
		for c := range want {
			want[c].merge(of[c])
		}
	}
	for _, st.Options.Jobs = range []int{1, 3} {
		a := newDistributions(st, layers)
		if err := a.measure(context.Background(), st, "normalise", st.studentValues); err != nil {
			t.Fatal(err)
		}
		for c := range want {
			if got := a.channels[0][c].sums; got != want[c] {
				t.Errorf("%d goroutines, channel %d: %v, want %v", st.Options.Jobs, c, got, want[c])
			}
		}
		if len(a.sums[0]) != 2*sumImages {
			t.Errorf("the sums of %d images are kept at a time", len(a.sums[0])/2)
		}
	}
}

// TestEveryNormalisation: by every name, under both rules, a channel and a layer, with both resets, fitted to rates or not, and
// with spikes of −1 and windows that follow each other, factors are numbers above zero and the network spikes in every
// layer; one factor a layer where there is no other.
func TestEveryNormalisation(t *testing.T) {
	for _, n := range Normalisations {
		for _, rules := range []Rules{Strict, Best} {
			for _, perChannel := range []bool{false, true} {
				for _, disable := range []string{"", "rate-refit", "refit"} {
					for _, firing := range []snn.Firing{snn.Plain, snn.Signed, snn.Staged} {
						everyNormalisation(t, n, rules, perChannel, disable, firing)
					}
				}
			}
		}
	}
}

func everyNormalisation(t *testing.T, n Normalisation, rules Rules, perChannel bool, disable string, firing snn.Firing) {
	t.Helper()
	for _, reset := range []snn.Reset{snn.Subtract, snn.Zero} {
		if reset == snn.Zero && firing != snn.Plain {
			continue
		}
		name := fmt.Sprintf("%s, %s, a channel %v, without %q, firing %s, reset to %s", n.Name, rules, perChannel, disable, firing, reset)
		s := newSketch(t, 3, 1, 5, 4)
		s.add(s.conv(1, 3, 1, padded([2]int{3, 3}, [4]int{1, 1, 1, 1}), true))
		s.add(ann.Relu{})
		s.add(s.conv(3, 2, 1, oneTap(), true))
		s.add(ann.Relu{})
		s.add(ann.Flatten{})
		s.add(s.linear(40, 3, true))
		opt := options(rules, 16)
		opt.Normalization, opt.PerChannel, opt.Reset, opt.Percentile = n.Name, perChannel, reset, 99
		opt.Disable[disable] = true
		if disable == "refit" {
			opt.Encoding = "regular"
		}
		opt.Recorded = map[string][2]float64{"Relu2": {0, 1.5}, "Linear6": {-2, 2.5}}
		res, err := Run(context.Background(), s.g, unit, pictures(s.g, 12, unit), Capabilities{Bias: true, PerNeuronThreshold: true, Firing: firing}, opt)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		sim, err := snn.NewSimulator(res.Network, opt.Steps)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		spikes := make([]int64, len(res.Network.Populations))
		loop := sim.NewLoop()
		for i := range 4 {
			out, err := loop.Run(pixels(i, 20), i, nil)
			if err != nil {
				t.Fatal(err)
			}
			for p, k := range out.Spikes {
				spikes[p] += k
			}
		}
		for p := 1; p < len(res.Network.Populations); p++ {
			pop := &res.Network.Populations[p]
			if p < res.Network.Output() && spikes[p] == 0 && n.Name != "model" {
				t.Errorf("%s: %s never spikes", name, pop.Name)
			}
			for c, f := range pop.Scale {
				if !(f > 0) || math.IsInf(f, 0) || (n.LayersOnly() || !perChannel) && f != pop.Scale[0] {
					t.Errorf("%s: factor of %s, channel %d: %v", name, pop.Name, c, pop.Scale)
				}
			}
		}
	}
}
