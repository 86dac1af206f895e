package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestPack16 compares the kernels with their definition.
func TestPack16(t *testing.T) {
	eachLevel(t, func(t *testing.T, l *level, r *rand.Rand) {
		for n := range 20 {
			a, b := make([]int32, 16*n), make([]int32, 16*n)
			want := make([]int16, 16*n)
			for i := range a {
				a[i], b[i] = int32(between(r, -1<<31, 1<<31-1)), int32(between(r, -1<<31, 1<<31-1))
				want[i] = int16(a[i] + b[i])
			}
			dst := make([]uint64, 4*n)
			if l.pack(dst, a, b); !slices.Equal(lanes(dst), want) {
				t.Fatalf("%d words: wrong lanes", len(dst))
			}
		}
	})
}
