package convert

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"spikec/internal/diag"
	"spikec/internal/window"
	"spikec/models/ann"
)

// activations returns the state of a network of one rectified layer whose activations are the codes themselves, a
// channel a channel, and an output layer with weights of 1. codes has one image a row.
func activations(t tb, channels int, codes ...[]float32) *State {
	t.Helper()
	s := newSketch(t, 1, channels, 1, len(codes[0])/channels)
	c := s.conv(channels, channels, channels, oneTap(), false)
	for i := range c.Weight {
		c.Weight[i] = 1
	}
	s.add(c)
	s.add(ann.Relu{})
	s.add(ann.Flatten{})
	l := s.linear(len(codes[0]), 1, false)
	for i := range l.Weight {
		l.Weight[i] = 1
	}
	s.add(l)
	st := stateOf(s.g, 0, Preprocess{}, options(Strict, 10))
	st.Images = Images{N: len(codes), Codes: func(i int, dst []float32) { copy(dst, codes[i]) }, Inputs: func(i int, dst []float32) { copy(dst, codes[i]) }}
	st.Options.Disable["refit"], st.Options.Disable["rate-refit"] = true, true
	return st
}

// scales normalises and returns the factors of the first layer.
func scales(t tb, st *State) []float64 {
	t.Helper()
	through(t, st, "drop-softmax", "normalise")
	if st.Diagnostics.HasErrors() {
		t.Fatal(st.Diagnostics)
	}
	return st.Scales[2]
}

// ramp returns lo..hi and as many zeros again.
func ramp(lo, hi int) []float32 {
	v := make([]float32, 2*(hi-lo+1))
	for i := lo; i <= hi; i++ {
		v[2*(i-lo)] = float32(i)
	}
	return v
}

// TestPercentileIsOfNonZeroActivations: of 1..100 and a hundred zeros the p-th percentile is p (zeros would make it
// lower: conversion reference, trap 5), to within the 1/4096 of the largest that a histogram resolves.
func TestPercentileIsOfNonZeroActivations(t *testing.T) {
	for p := 1.0; p <= 100; p += 11 {
		for _, perChannel := range []bool{false, true} {
			one := ramp(1, 100)
			st := activations(t, 1, one[:100], one[100:]) // over two images
			st.Options.Percentile, st.Options.PerChannel = p, perChannel
			if got := scales(t, st)[0]; math.Abs(got-p) > 2*100.0/bins {
				t.Errorf("%v-th percentile, a channel %v: %v", p, perChannel, got)
			}
		}
	}
}

func TestScaleOfChannelAndLayer(t *testing.T) {
	// Channel 0 holds 1..100, channel 1 a tenth of that: the layer's 75th percentile is the 150th of 200 values. Above
	// x >= 10 there are 100 − x values of channel 0 alone: 50 values are above 50.
	a := ramp(1, 100)
	b := make([]float32, len(a))
	for i := range a {
		b[i] = a[i] / 10
	}
	both := slices.Concat(a, b)
	st := activations(t, 2, both)
	st.Options.Percentile, st.Options.PerChannel = 75, false
	if got := scales(t, st); math.Abs(got[0]-50) > 0.1 || got[1] != got[0] {
		t.Errorf("a layer: %v, want 50 for both", got)
	}
	st = activations(t, 2, both)
	st.Options.Percentile, st.Options.PerChannel = 75, true
	if got := scales(t, st); math.Abs(got[0]-75) > 0.1 || math.Abs(got[1]-7.5) > 0.01 {
		t.Errorf("a channel: %v, want 75 and 7.5", got)
	}
	if out := st.Scales[4]; len(out) != 1 || math.Abs(out[0]-5555) > 2 || math.Abs(st.LargestOutput-5555) > 1 {
		t.Errorf("output: scale %v, largest %v, want their sum, 5050 + 505", out, st.LargestOutput)
	}
}

func TestScaleOfDeadChannels(t *testing.T) {
	// A weak channel gets a share of the largest factor, one that is never active the largest itself. The share is
	// larger where all channels must do with one threshold.
	for own, weak := range map[bool]float64{true: 0.1, false: 10} {
		st := activations(t, 3, []float32{100, 50, 0.01, 0.02, 0, 0})
		st.Capabilities.PerNeuronThreshold = own
		if got := scales(t, st); got[0] != 100 || math.Abs(got[1]-weak) > 1e-9 || got[2] != 100 {
			t.Errorf("thresholds of their own %v: got %v, want 100, %v and 100", own, got, weak)
		}
	}
	st := activations(t, 2, make([]float32, 6))
	if got := scales(t, st); got[0] != 1 || got[1] != 1 {
		t.Errorf("a silent layer: %v", got)
	}
	n := 0
	for _, d := range st.Diagnostics {
		if d.ID == "SPK-CONV-009" {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%v, want a warning for both layers", st.Diagnostics)
	}
}

func TestScaleIsBoundedByTheRectifier(t *testing.T) {
	for _, perChannel := range []bool{false, true} {
		st := activations(t, 2, []float32{1, 100, 2, 3})
		st.Teacher.Nodes[2].Op = ann.Clip{Max: 6}
		st.Options.PerChannel = perChannel
		got := scales(t, st)
		want := []float64{6, 6}
		if perChannel {
			want[1] = 3
		}
		if math.Abs(got[0]-want[0]) > 1e-9 || math.Abs(got[1]-want[1]) > 1e-9 {
			t.Errorf("a channel %v: %v, want %v", perChannel, got, want)
		}
	}
}

// TestModelScale (Diehl et al. 2015), by hand: the input is at most 255, so layer 1 is at most
// 255·max(1+2, 3) + … = 765, with a bias of 10 775; layer 2 is at most 775·(0.5+0.25) − nothing for the negative one.
func TestModelScale(t *testing.T) {
	s := newSketch(t, 1, 2)
	s.add(&ann.Linear{Weight: []float32{1, 2, 3, -5}, Bias: []float32{-7, 10}, In: 2, Out: 2})
	s.add(ann.Relu{})
	s.add(&ann.Linear{Weight: []float32{0.5, 0.25, 1, -4}, In: 2, Out: 2})
	s.add(ann.Relu{})
	s.add(&ann.Linear{Weight: []float32{1, 1}, In: 2, Out: 1})
	st := stateOf(s.g, 3, Preprocess{}, options(Best, 1))
	st.Options.Normalization = "model"
	st.Options.Disable["refit"], st.Options.Disable["rate-refit"] = true, true
	through(t, st, "drop-softmax", "normalise")
	for node, want := range map[int]float64{2: 775, 4: 775, 5: 1550} {
		if got := st.Scales[node]; math.Abs(got[0]-want) > 1e-3 || got[len(got)-1] != got[0] {
			t.Errorf("node %d: %v, want %v", node, got, want)
		}
	}
	// A rectifier's bound is the layer's, and goes on to the next one.
	s.g.Nodes[2].Op = ann.Clip{Max: 6}
	st = stateOf(s.g, 3, Preprocess{}, options(Best, 1))
	st.Options.Normalization = "model"
	st.Options.Disable["refit"], st.Options.Disable["rate-refit"] = true, true
	through(t, st, "drop-softmax", "normalise")
	if a, b := st.Scales[2][0], st.Scales[4][0]; a != 6 || math.Abs(b-6) > 1e-9 {
		t.Errorf("with ReLU6: %v, %v, want 6, 6", a, b)
	}
}

// TestModelScaleBounds: no activation exceeds the model's bound, whatever the picture, through pools and sums.
func TestModelScaleBounds(t *testing.T) {
	for _, c := range topologies {
		s := newSketch(t, 4, 2, 7, 6)
		c.build(s, true)
		st := stateOf(s.g, 30, unit, options(Best, 1))
		st.Options.Normalization = "model"
		st.Options.Disable["refit"], st.Options.Disable["rate-refit"] = true, true
		through(t, st, "drop-softmax", "normalise")
		e := ann.NewExecutor(st.Graph)
		codes := make([]float32, 84)
		for i := range 30 {
			st.Images.Codes(i, codes)
			if _, err := e.Run(codes); err != nil {
				t.Fatal(err)
			}
			for node, scale := range st.Scales {
				for _, v := range e.Value(node) {
					if float64(v) > scale[0] {
						t.Fatalf("%s: node %d is %v, bound %v", c.name, node, v, scale[0])
					}
				}
			}
		}
	}
}

func TestNormaliseRefusesWhatIsNotFinite(t *testing.T) {
	st := activations(t, 1, []float32{1, float32(math.Inf(1))})
	through(t, st, "drop-softmax", "zero-bias")
	err := normalise(context.Background(), st)
	if err == nil || fmt.Sprint(err) != `convert: pass normalise: layer "Relu2": activation 1 is not finite on the calibration images` {
		t.Errorf("got %v", err)
	}
}

// TestFirstLayerMayPool: activations behind a pool of the input are measured like all others.
func TestFirstLayerMayPool(t *testing.T) {
	s := newSketch(t, 1, 1, 2, 2)
	s.add(&ann.AveragePool{Window: window.Square(2, 1)})
	s.add(&ann.Conv{Weight: []float32{3}, In: 1, Out: 1, Groups: 1, Window: oneTap()})
	st := stateOf(s.g, 0, Preprocess{}, options(Strict, 1))
	st.Images = Images{N: 1, Codes: func(_ int, dst []float32) { copy(dst, []float32{1, 2, 3, 6}) }, Inputs: func(_ int, dst []float32) { copy(dst, []float32{1, 2, 3, 6}) }}
	st.Options.Disable["refit"], st.Options.Disable["rate-refit"] = true, true
	through(t, st, "drop-softmax", "lower")
	if got := st.Scales[2][0]; got != 9 {
		t.Errorf("scale %v, want 3·(1+2+3+6)/4", got)
	}
	if w := st.Network.Projections[0].Weight[0]; math.Abs(float64(w)-3.0/4/9) > 1e-7 {
		t.Errorf("weight %v, want 3/4/9", w)
	}
	if slices.ContainsFunc(st.Diagnostics, func(d diag.Diagnostic) bool { return d.Severity == diag.Error }) {
		t.Error(st.Diagnostics)
	}
}

// TestPassingFactors: a layer whose factors are found later gets its largest activations, and one whose factors stay what the
// normalisation says.
func TestPassingFactors(t *testing.T) {
	one := ramp(1, 100)
	st := activations(t, 1, one)
	st.Options.Percentile, st.Options.Disable = 50, map[string]bool{"refit": true}
	if got := scales(t, st)[0]; got != 100 {
		t.Errorf("%v before the fit to rates, want the largest activation, 100", got)
	}
	st = activations(t, 1, one)
	st.Options.Percentile = 50
	if got := scales(t, st)[0]; math.Abs(got-50) > 0.1 {
		t.Errorf("%v where no fit follows, want 50", got)
	}
}
