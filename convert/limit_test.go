package convert

import (
	"math"
	"math/rand/v2"
	"testing"

	"spikec/internal/window"
	"spikec/models/ann"
	"spikec/models/snn"
)

// TestClipBehindARectifier: a rectifier is read directly and through a clip below what it sends. The neurons of the clip
// have the limit for their largest factor, keep a smaller one as it is, and get weights of the ratio.
func TestClipBehindARectifier(t *testing.T) {
	const limit = 0.5
	for _, disable := range []string{"", "rate-refit"} {
		s := newSketch(t, 3, 1, 5, 4)
		first := s.conv(1, 3, 1, window.Square(2, 1), true)
		for k := range 4 {
			first.Weight[8+k] /= 10 // one channel stays below the limit
		}
		first.Bias[2] = 0.05
		s.add(first)
		r := s.add(ann.Relu{})
		c := s.add(ann.Clip{Min: 0, Max: limit}, r)
		a, b := s.add(s.conv(3, 2, 1, oneTap(), true), r), s.add(s.conv(3, 2, 1, oneTap(), true), c)
		s.add(ann.Add{}, a, b)
		opt := options(Best, 64)
		opt.Disable["refit"], opt.Disable[disable] = true, true
		res, err := Run(t.Context(), s.g, unit, pictures(s.g, 40, unit), Capabilities{Bias: true, PerNeuronThreshold: true}, opt)
		if err != nil {
			t.Fatal(err)
		}
		source, clip := res.Layers[0].Population, res.Layers[1].Population
		before, after := res.Network.Populations[source].Scale, res.Network.Populations[clip].Scale
		weights := res.Network.Projections[res.Network.Incoming(clip)[0]].Weight
		above := 0
		for ch := range after {
			if before[ch] > limit {
				above++
			}
			if want := min(before[ch], limit); after[ch] != want || float64(weights[ch]) != float64(float32(before[ch]/want)) {
				t.Errorf("without %q, channel %d: factor %v and weight %v behind a factor of %v, want %v", disable, ch, after[ch], weights[ch], before[ch], want)
			}
		}
		if above == 0 || above == 3 {
			t.Fatalf("%d channels above the limit", above)
		}
		sim, err := snn.NewSimulator(res.Network, 64)
		if err != nil {
			t.Fatal(err)
		}
		loop := sim.NewLoop()
		loop.Watch()
		counts, rates := make([]int32, res.Network.Populations[clip].Size()), make([]float32, res.Network.Populations[clip].Size())
		most := float32(0)
		for i := range 10 {
			if _, err := loop.Run(pixels(i, 20), i, nil); err != nil {
				t.Fatal(err)
			}
			loop.Counts(clip, counts)
			snn.Rates(rates, counts, &res.Network.Populations[clip], 64)
			for _, x := range rates {
				most = max(most, x)
			}
		}
		if most != limit {
			t.Errorf("without %q: the clip lets %v through, want %v", disable, most, limit)
		}
	}
}

// TestRidgeLimitByHand: a column of two ones, z = 2 and 9 under a rectifier with the limit 4, behind a skip connection that
// adds 1; w0 = 3, so that (2+2)·w = (2−1) + (9−1) + 6 gives 15/4 first. ŷ = 19/4 is then above the limit for z = 9, which
// costs nothing: (2+2)·w = 1 + 15/4 + 6 gives 43/16. There ŷ = 59/16 is below, and the limit, 3 without the skip, is the
// target: (2+2)·w = 1 + 3 + 6.
func TestRidgeLimitByHand(t *testing.T) {
	f := &ridge{rows: 2, cols: 1, out: 1, stride: 1, u: []float32{1, 1}, z: []float32{2, 9}, fixed: []float32{1, 1}, w0: []float64{3}, lambda: 1, rectified: true, limit: 4}
	if err := f.factorise(t.Context()); err != nil {
		t.Fatal(err)
	}
	for times, want := range map[int]float64{1: 15.0 / 4, 2: 43.0 / 16, 3: 2.5} {
		if err := f.iterate(t.Context(), times); err != nil {
			t.Fatal(err)
		}
		if math.Abs(f.w[0]-want) > 1e-12 {
			t.Errorf("after %d: w = %v, want %v", times, f.w, want)
		}
	}
}

// TestRefitOfALimit: what the limit hides costs nothing, so that a fit that knows of it is nearer to the clipped values.
func TestRefitOfALimit(t *testing.T) {
	clipped := func(limit float64) float64 {
		f := randomRidge(rand.New(rand.NewPCG(5, 6)), 1200, 7, 5, true, false)
		for n := range f.rows {
			for o := range f.out { // the square of a sum is no linear map
				x := float64(f.u[n*f.stride+o] + f.u[n*f.stride+o+1])
				f.z[n*f.out+o] = float32(x + x*x/2)
			}
		}
		clear(f.fixed)
		f.limit = limit
		f.scaleRidge()
		if err := f.factorise(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := f.iterate(t.Context(), refitIterations); err != nil {
			t.Fatal(err)
		}
		f.limit, f.ridge = 1, 0
		return f.loss()
	}
	if with, without := clipped(1), clipped(math.Inf(1)); !(with < 0.8*without) {
		t.Errorf("the error of clipped values is %v, and %v where the fit does not know of the limit", with, without)
	}
}

// TestDrivesOfALimit: drives above the limit count as the limit, as activations do; sums count as they are.
func TestDrivesOfALimit(t *testing.T) {
	const limit = 0.75
	s := newSketch(t, 3, 1, 5, 4)
	s.add(s.conv(1, 3, 1, window.Square(2, 1), true))
	s.add(ann.Clip{Min: 0, Max: limit})
	s.add(s.conv(3, 2, 1, oneTap(), true))
	st := stateOf(s.g, 60, unit, options(Best, 16))
	through(t, st, "drop-softmax", "normalise")
	l := st.studentLayers()[0]
	f := newFit(st, l)
	if _, err := f.gather(t.Context(), st, st.studentLayers(), nil, nil); err != nil {
		t.Fatal(err)
	}
	sums, err := f.sums(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	above, total := 0, make([]float64, 3)
	for i, y := range sums {
		total[i%3] += float64(y)
		if y > limit {
			above++
		}
	}
	d, err := f.drives(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for c, h := range d.channels {
		if h.largest > limit || h.sums.sum != total[c] {
			t.Errorf("channel %d: the largest drive is %v, the sum %v, want %v at most and %v", c, h.largest, h.sums.sum, limit, total[c])
		}
	}
	if above == 0 || d.largest <= 0 {
		t.Fatalf("%d drives above the limit, the largest is %v", above, d.largest)
	}
}
