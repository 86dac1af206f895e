package kernel

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// randomFire16 returns a problem of Fire16; the three lowest bits of kind say whether it resets to zero, takes sums of 32
// bits, and keeps away from the limits, the fourth what is subtracted.
func randomFire16(r *rand.Rand, kind int) *Fire16 {
	const lo, hi = -1 << 15, 1<<15 - 1
	f := &Fire16{Steps: 1 + r.IntN(9), Words: r.IntN(4), Saturated: 5, Zero: kind&1 != 0}
	n := 64 * f.Words
	f.SpikeStride, f.SumStride = f.Words+r.IntN(2), []int{0, n + 64}[r.IntN(2)]
	v, thr, sub := int16s(r, n, lo, hi), int16s(r, n, -1, hi), make([]int16, n)
	by := int16(1)
	if kind&4 != 0 {
		by = 64
	}
	for i := range v {
		v[i], thr[i] = v[i]/by, thr[i]/by
		if sub[i] = thr[i] + int16(kind>>3&1); thr[i] == hi {
			sub[i] = hi
		}
	}
	f.V, f.Threshold, f.Subtract = words16(v), words16(thr), words16(sub)
	if count := f.Steps*f.SumStride + n; kind&2 != 0 {
		f.Wide = make([]int32, count)
		for i := range f.Wide {
			f.Wide[i] = int32(between(r, -1<<30, 1<<30))
		}
	} else {
		x := int16s(r, count, lo, hi)
		for i := range x {
			x[i] /= by
		}
		f.Sums = words16(x)
	}
	f.Spikes = randomSpikes(r, f.Steps*f.SpikeStride+1)
	return f
}

// checkFire16 runs a kernel and compares it with its definition.
func checkFire16(t *testing.T, name string, k *level, f *Fire16) {
	t.Helper()
	v, thr, sub, narrow := lanes(f.V), lanes(f.Threshold), lanes(f.Subtract), lanes(f.Sums)
	saturated, spikes := f.Saturated, slices.Clone(f.Spikes)
	for s := range f.Steps {
		for i := range v {
			x := int32(v[i])
			if at := s*f.SumStride + i; f.Wide != nil {
				x += f.Wide[at]
			} else {
				x += int32(narrow[at])
			}
			y := min(max(x, -1<<15), 1<<15-1)
			if x != y {
				saturated++
			}
			word := &spikes[s*f.SpikeStride+i/64]
			*word &^= 1 << (i % 64)
			if v[i] = int16(y); v[i] > thr[i] {
				*word |= 1 << (i % 64)
				if v[i] -= sub[i]; f.Zero {
					v[i] = 0
				}
			}
		}
	}
	f.run(k)
	if !slices.Equal(lanes(f.V), v) || !slices.Equal(f.Spikes, spikes) || f.Saturated != saturated {
		t.Fatalf("%s: wrong membranes or spikes, or %d saturated, want %d", name, f.Saturated, saturated)
	}
}

// TestFire16 compares the kernels with their definition, at the limits too.
func TestFire16(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *level, r *rand.Rand) {
		for trial := range 600 {
			checkFire16(t, fmt.Sprintf("trial %d", trial), k, randomFire16(r, trial))
		}
	})
}

// TestFire16Longest takes as many steps as there may be, with no sum saturating and with all of them: the counts of both
// fit.
func TestFire16Longest(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *level, r *rand.Rand) {
		for _, sum := range []int16{0, 1<<15 - 1, -1 << 15} {
			for kind := range 8 { // words, sums of 32 bits, reset to zero
				words, wide := 1+kind>>2, kind&1 != 0
				f := &Fire16{Steps: MaxSteps, Words: words, SpikeStride: words, Zero: kind&2 != 0}
				f.Spikes = make([]uint64, words*MaxSteps)
				v, top := slices.Repeat([]int16{sum}, 64*words), slices.Repeat([]int16{1<<15 - 1}, 64*words)
				f.V, f.Threshold, f.Subtract = words16(v), words16(top), words16(top)
				if f.Sums = words16(v); wide {
					f.Sums, f.Wide = nil, slices.Repeat([]int32{int32(sum)}, 64*words)
				}
				checkFire16(t, fmt.Sprintf("kind %d, sums of %d", kind, sum), k, f)
				if want := 64 * words * MaxSteps; sum != 0 && f.Saturated != want {
					t.Fatalf("kind %d: %d saturated, want %d", kind, f.Saturated, want)
				}
			}
		}
	})
}
