package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// randomFire32 returns a problem of Fire32.
func randomFire32(r *rand.Rand, toZero bool) *Fire32 {
	f := &Fire32{Steps: r.IntN(9), Words: r.IntN(4), Zero: toZero, Shift: r.IntN(7)}
	f.Low, f.High = -int32(r.IntN(1<<20)), int32(r.IntN(1<<20))
	n := 64 * f.Words
	f.SpikeStride, f.SumStride = f.Words+r.IntN(2), []int{0, n + 64}[r.IntN(2)]
	some := func(n int) []int32 {
		x := make([]int32, n)
		for i := range x {
			x[i] = int32(between(r, -1<<16, 1<<16))
		}
		return x
	}
	f.V, f.Threshold, f.Sums = some(n), some(n), some(f.Steps*f.SumStride+n)
	f.Spikes = randomSpikes(r, f.Steps*f.SpikeStride+1)
	return f
}

// TestFire32 compares the kernels with their definition, at the limits too.
func TestFire32(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *level, r *rand.Rand) {
		for trial := range 400 {
			f := randomFire32(r, trial&1 != 0)
			v, spikes := slices.Clone(f.V), slices.Clone(f.Spikes)
			for s := range f.Steps {
				for i := range v {
					v[i] = min(max(v[i]+f.Sums[s*f.SumStride+i]<<f.Shift, f.Low), f.High)
					spikes[s*f.SpikeStride+i/64] &^= 1 << (i % 64)
					if v[i] >= f.Threshold[i] {
						spikes[s*f.SpikeStride+i/64] |= 1 << (i % 64)
						if v[i] -= f.Threshold[i]; f.Zero {
							v[i] = 0
						}
					}
				}
			}
			if f.run(k); !slices.Equal(f.V, v) || !slices.Equal(f.Spikes, spikes) {
				t.Fatalf("trial %d: wrong membranes or spikes", trial)
			}
		}
	})
}

// randomFireReal returns a problem of FireReal, of numbers in eighths if asked to: they often meet the threshold.
func randomFireReal(r *rand.Rand, toZero, eighths bool) *FireReal {
	f := &FireReal{Steps: r.IntN(9), Words: r.IntN(4), Zero: toZero}
	f.Threshold = []float32{1, 1, 0.5, float32(math.Inf(1))}[r.IntN(4)]
	n := 64 * f.Words
	f.SpikeStride, f.SumStride = f.Words+r.IntN(2), []int{0, n + 64}[r.IntN(2)]
	some := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			if x[i] = float32(r.NormFloat64()); eighths {
				x[i] = float32(math.Round(float64(8*x[i]))) / 8
			}
		}
		return x
	}
	f.V, f.Sums = some(n), some(f.Steps*f.SumStride+n)
	f.Spikes = randomSpikes(r, f.Steps*f.SpikeStride+1)
	return f
}

// TestFireReal compares the kernels with their definition.
func TestFireReal(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *level, r *rand.Rand) {
		for trial := range 400 {
			f := randomFireReal(r, trial&1 != 0, trial&2 != 0)
			v, spikes := slices.Clone(f.V), slices.Clone(f.Spikes)
			for s := range f.Steps {
				for i := range v {
					v[i] += f.Sums[s*f.SumStride+i]
					spikes[s*f.SpikeStride+i/64] &^= 1 << (i % 64)
					if v[i] >= f.Threshold {
						spikes[s*f.SpikeStride+i/64] |= 1 << (i % 64)
						if v[i] -= f.Threshold; f.Zero {
							v[i] = 0
						}
					}
				}
			}
			if f.run(k); !slices.Equal(f.V, v) || !slices.Equal(f.Spikes, spikes) {
				t.Fatalf("trial %d: wrong membranes or spikes", trial)
			}
		}
	})
}
