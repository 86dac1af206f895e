package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestAddLanes compares the kernels with their definition.
func TestAddLanes(t *testing.T) {
	eachLevel(t, func(t *testing.T, l *level, r *rand.Rand) {
		for n := range 20 {
			a, b := int16s(r, 4*n, -1<<15, 1<<15-1), int16s(r, 4*n, -1<<15, 1<<15-1)
			got := append(words16(a), 7)
			l.addLanes(got[:n], words16(b))
			for i := range a {
				a[i] += b[i]
			}
			if !slices.Equal(lanes(got[:n]), a) || got[n] != 7 {
				t.Fatalf("%d words: wrong lanes", n)
			}
		}
	})
}
