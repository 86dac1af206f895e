package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestAccumulate compares the kernels with their definition.
func TestAccumulate(t *testing.T) {
	eachLevel(t, func(t *testing.T, l *level, r *rand.Rand) {
		for n := range 5 {
			w, sums := words16(int16s(r, 8*n, -1<<15, 1<<15-1)), numbers[int32](r, 8*n)
			got := slices.Clone(sums)
			l.accumulate(got, w)
			for i, x := range lanes(w) {
				if want := sums[i] + int32(uint16(x)); got[i] != want {
					t.Fatalf("lane %d is %d, want %d", i, got[i], want)
				}
			}
		}
	})
}
