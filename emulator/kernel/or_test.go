package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestOr compares the kernels with their definition.
func TestOr(t *testing.T) {
	eachLevel(t, func(t *testing.T, l *level, r *rand.Rand) {
		for n := 1; n < 20; n++ {
			stride := 1 + r.IntN(n)
			spikes, got, want := randomSpikes(r, n), make([]uint64, stride), make([]uint64, stride)
			for t := range n / stride {
				for i := range want {
					want[i] |= spikes[t*stride+i]
				}
			}
			if l.or(got, spikes, stride, n/stride); !slices.Equal(got, want) {
				t.Fatalf("%d words of %d steps: %x, want %x", stride, n/stride, got, want)
			}
		}
	})
}

// TestOrOfNothing joins no steps.
func TestOrOfNothing(t *testing.T) {
	got := []uint64{1, 2}
	if Or(got, nil, 2, 0); got[0]|got[1] != 0 {
		t.Errorf("no steps give %x", got)
	}
}
