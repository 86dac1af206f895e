package kernel

import (
	"math/rand/v2"
	"testing"
)

// TestWiden compares the kernels with their definition.
func TestWiden(t *testing.T) {
	eachLevel(t, func(t *testing.T, l *level, r *rand.Rand) {
		for n := range 5 {
			w, got := words16(int16s(r, 8*n, -1<<15, 1<<15-1)), make([]int32, 8*n)
			l.widen(got, w)
			for i, x := range lanes(w) {
				if got[i] != int32(x) {
					t.Fatalf("lane %d is %d, want %d", i, got[i], x)
				}
			}
		}
	})
}
