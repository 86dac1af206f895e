package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestAddScaled compares the kernels with their definition.
func TestAddScaled(t *testing.T) {
	eachLevel(t, func(t *testing.T, l *level, r *rand.Rand) {
		for n := range 5 {
			acc, w, k := numbers[int32](r, 8*n), numbers[int32](r, 8*n), int32(between(r, -1<<31, 1<<31-1))
			want := slices.Clone(acc)
			for i := range w {
				want[i] += k * w[i]
			}
			if l.addScaled(acc, w, k); !slices.Equal(acc, want) {
				t.Fatalf("%d numbers: wrong multiples", len(w))
			}
		}
	})
}
