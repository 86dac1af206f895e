package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"spikec/internal/simd"
)

// randomSigned32 returns a problem of Signed32, with counts of few and some at their limit.
func randomSigned32(r *rand.Rand) *Signed32 {
	f := &Signed32{Steps: r.IntN(9), Words: r.IntN(4), Shift: r.IntN(7), Most: 1 + int32(r.IntN(4))}
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
	f.V, f.Threshold, f.Sums, f.Count = some(n), some(n), some(f.Steps*f.SumStride+n), make([]int32, n)
	for i := range f.Count {
		f.Count[i] = r.Int32N(f.Most + 1)
	}
	f.Spikes, f.Negative = randomSpikes(r, f.Steps*f.SpikeStride+1), randomSpikes(r, f.Steps*f.SpikeStride+1)
	return f
}

// TestSigned32 compares the kernels with their definition, at the limits too.
func TestSigned32(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *level, r *rand.Rand) {
		taken := 0
		for trial := range 400 {
			f := randomSigned32(r)
			v, counts, up, down := slices.Clone(f.V), slices.Clone(f.Count), slices.Clone(f.Spikes), slices.Clone(f.Negative)
			for s := range f.Steps {
				for i := range v {
					v[i] = min(max(v[i]+f.Sums[s*f.SumStride+i]<<f.Shift, f.Low), f.High)
					word, bit := s*f.SpikeStride+i/64, uint64(1)<<(i%64)
					up[word], down[word] = up[word]&^bit, down[word]&^bit
					if v[i] >= f.Threshold[i] {
						up[word] |= bit
						v[i] -= f.Threshold[i]
						counts[i] = min(counts[i]+1, f.Most)
					} else if v[i] < 0 && counts[i] > 0 {
						down[word] |= bit
						v[i] += f.Threshold[i]
						counts[i]--
						taken++
					}
				}
			}
			if f.run(k); !slices.Equal(f.V, v) || !slices.Equal(f.Count, counts) || !slices.Equal(f.Spikes, up) || !slices.Equal(f.Negative, down) {
				t.Fatalf("trial %d: wrong membranes, counts or spikes", trial)
			}
		}
		if taken == 0 {
			t.Error("no spike was taken back")
		}
	})
}

// randomSignedReal returns a problem of SignedReal, of numbers in eighths if asked to: they often meet the threshold or 0.
func randomSignedReal(r *rand.Rand, eighths bool) *SignedReal {
	f := &SignedReal{Steps: r.IntN(9), Words: r.IntN(4)}
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
	f.V, f.Sums, f.Count = some(n), some(f.Steps*f.SumStride+n), make([]int32, n)
	if !math.IsInf(float64(f.Threshold), 1) { // what never fires has nothing to take back
		for i := range f.Count {
			f.Count[i] = r.Int32N(3)
		}
	}
	f.Spikes, f.Negative = randomSpikes(r, f.Steps*f.SpikeStride+1), randomSpikes(r, f.Steps*f.SpikeStride+1)
	return f
}

// TestSignedReal compares the kernels with their definition.
func TestSignedReal(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *level, r *rand.Rand) {
		taken := 0
		for trial := range 400 {
			f := randomSignedReal(r, trial&1 != 0)
			v, counts, up, down := slices.Clone(f.V), slices.Clone(f.Count), slices.Clone(f.Spikes), slices.Clone(f.Negative)
			for s := range f.Steps {
				for i := range v {
					v[i] += f.Sums[s*f.SumStride+i]
					word, bit := s*f.SpikeStride+i/64, uint64(1)<<(i%64)
					up[word], down[word] = up[word]&^bit, down[word]&^bit
					if v[i] >= f.Threshold {
						up[word] |= bit
						v[i] -= f.Threshold
						counts[i]++
					} else if v[i] < 0 && counts[i] > 0 {
						down[word] |= bit
						v[i] += f.Threshold
						counts[i]--
						taken++
					}
				}
			}
			if f.run(k); !slices.Equal(f.V, v) || !slices.Equal(f.Count, counts) || !slices.Equal(f.Spikes, up) || !slices.Equal(f.Negative, down) {
				t.Fatalf("trial %d: wrong membranes, counts or spikes", trial)
			}
		}
		if taken == 0 {
			t.Error("no spike was taken back")
		}
	})
}

// BenchmarkSigned takes 4096 neurons through eight steps.
func BenchmarkSigned(b *testing.B) {
	const words, steps = 64, 8
	r := rand.New(rand.NewPCG(1, 1))
	whole := &Signed32{Steps: steps, Words: words, Low: -1 << 15, High: 1<<15 - 1, Most: 1 << 15, SpikeStride: words, SumStride: 64 * words,
		V: make([]int32, 64*words), Count: make([]int32, 64*words), Sums: make([]int32, steps*64*words), Spikes: make([]uint64, steps*words), Negative: make([]uint64, steps*words)}
	whole.Threshold = slices.Repeat([]int32{100}, 64*words)
	real := &SignedReal{Steps: steps, Words: words, Threshold: 1, SpikeStride: words, SumStride: 64 * words,
		V: make([]float32, 64*words), Count: make([]int32, 64*words), Sums: make([]float32, steps*64*words), Spikes: whole.Spikes, Negative: whole.Negative}
	for i := range whole.Sums {
		whole.Sums[i] = int32(r.IntN(200)) - 100
		real.Sums[i] = float32(whole.Sums[i]) / 100
	}
	for k := simd.Scalar; k <= simd.Available(); k++ {
		b.Run("whole/"+k.String(), func(b *testing.B) {
			for b.Loop() {
				whole.run(levels[k])
			}
		})
		b.Run("real/"+k.String(), func(b *testing.B) {
			for b.Loop() {
				real.run(levels[k])
			}
		})
	}
}
