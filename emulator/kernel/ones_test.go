package kernel

import (
	"math/rand/v2"
	"testing"
)

// TestOnes compares the kernels with their definition.
func TestOnes(t *testing.T) {
	eachLevel(t, func(t *testing.T, l *level, r *rand.Rand) {
		for n := range 20 {
			spikes, want := randomSpikes(r, n), 0
			for i := range 64 * n {
				if bit(spikes, i) {
					want++
				}
			}
			if got := l.ones(spikes); got != want {
				t.Fatalf("%d words: %d bits, want %d", n, got, want)
			}
		}
	})
}
