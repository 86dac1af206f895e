package convert

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"spikec/models/snn"
)

// histogramOf counts values.
func histogramOf(values []float64) histogram {
	h := newHistogram(slices.Max(values))
	for _, x := range values {
		h.add(x)
	}
	return h
}

// TestHistogramQuantile compares with the sorted values: the percentile is the upper edge of the bin that holds it.
func TestHistogramQuantile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-1, 10), 1, 200).Draw(t, "values")
		p := rapid.Float64Range(1, 100).Draw(t, "percentile")
		h := histogramOf(values)
		positive := slices.DeleteFunc(slices.Clone(values), func(x float64) bool { return x <= 0 })
		if len(positive) == 0 {
			if got := h.quantile(p); got != 0 {
				t.Fatalf("nothing is positive: got %v", got)
			}
			return
		}
		slices.Sort(positive)
		want := positive[int(math.Ceil(p/100*float64(len(positive))))-1]
		if got := h.quantile(p); got < want*(1-1e-12) || got > want+h.largest/bins*(1+1e-9) {
			t.Fatalf("percentile %v is %v, want %v within a bin of %v", p, got, want, h.largest/bins)
		}
	})
}

func TestHistogramsTogether(t *testing.T) {
	a, b := histogramOf([]float64{1, 2, 3, 4}), histogramOf([]float64{10, 20, 30, 40})
	all := together([]histogram{a, b, newHistogram(0)})
	if all.largest != 40 {
		t.Errorf("largest %v, want 40", all.largest)
	}
	for p, want := range map[float64]float64{25: 2, 50: 4, 75: 20, 100: 40} {
		if got := all.quantile(p); math.Abs(got-want) > 3*40.0/bins {
			t.Errorf("percentile %v is %v, want %v", p, got, want)
		}
	}
}

// TestSpikesAreThoseOfANeuron steps a neuron at a constant drive. Drives are multiples of 1/64, so that nothing rounds.
func TestSpikesAreThoseOfANeuron(t *testing.T) {
	for _, reset := range []snn.Reset{snn.Subtract, snn.Zero} {
		for _, initial := range []float64{0, 0.5} {
			for _, steps := range []int{1, 4, 7, 32} {
				o := Options{Reset: reset, Initial: initial, Steps: steps}
				for k := range 129 {
					z := float64(k) / 64
					v, want := initial, 0.0
					for range steps {
						if v += z; v >= 1 {
							want++
							if v--; reset == snn.Zero {
								v = 0
							}
						}
					}
					if got := spikes(z, o); got != want {
						t.Fatalf("%s from %v, T = %d, drive %v: %v spikes, a neuron sends %v", reset, initial, steps, z, got, want)
					}
				}
			}
		}
	}
}

// TestLeastError: no factor on a finer grid over the same range has an error that is smaller by more than the grid explains,
// and the error is that of the values themselves.
func TestLeastError(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(0.01, 10), 20, 60).Draw(t, "values")
		o := Options{Reset: snn.Subtract, Initial: 0.5, Steps: rapid.IntRange(1, 40).Draw(t, "steps")}
		direct := func(factor float64) float64 {
			sum := 0.0
			for _, a := range values {
				d := a - factor/float64(o.Steps)*min(float64(o.Steps), math.Floor(float64(o.Steps)*a/factor+0.5))
				sum += d * d
			}
			return sum
		}
		h := histogramOf(values)
		got := leastError(&h, o)
		if got > h.largest || got < h.largest/20-1e-9 {
			t.Fatalf("factor %v outside 1/20..1 of %v", got, h.largest)
		}
		// A value may fall to the other side of a step within its bin.
		slack := 0.0
		for range values {
			slack += 2 * h.largest / bins * got
		}
		best := math.Inf(1)
		for k := range errorCandidates {
			best = min(best, direct(h.largest*(1-float64(k)/(errorCandidates/0.95))))
		}
		if direct(got) > best+slack+0.02*best {
			t.Fatalf("T = %d: factor %v has an error of %v, another one %v", o.Steps, got, direct(got), best)
		}
	})
}

// TestLeastErrorFollowsT: with many steps the factor is the largest activation, with few it clips a long tail.
func TestLeastErrorFollowsT(t *testing.T) {
	var values []float64
	for i := range 4000 {
		values = append(values, -math.Log((float64(i)+0.5)/4000)) // exponential
	}
	h := histogramOf(values)
	last := 0.0
	for _, steps := range []int{2, 4, 8, 32, 256} {
		f := leastError(&h, Options{Reset: snn.Subtract, Initial: 0.5, Steps: steps})
		if f < last {
			t.Errorf("T = %d: factor %v, less than %v with fewer steps", steps, f, last)
		}
		last = f
	}
	if few := leastError(&h, Options{Reset: snn.Subtract, Initial: 0.5, Steps: 4}); few > 0.6*h.largest || last < 0.8*h.largest {
		t.Errorf("factor %v with 4 steps and %v with 256, the largest activation is %v", few, last, h.largest)
	}
}
