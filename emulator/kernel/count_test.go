package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestCount compares the kernels with their definition.
func TestCount(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *level, r *rand.Rand) {
		for range 200 {
			words, steps := r.IntN(5), 1+r.IntN(9)
			stride := words + r.IntN(3)
			want := int16s(r, 64*words, 0, 1<<15-1)
			counts, spikes := words16(want), randomSpikes(r, steps*stride+1)
			for s := range steps {
				for n := range want {
					if bit(spikes[s*stride:], n) {
						want[n]++
					}
				}
			}
			if k.count(counts, spikes, stride, steps); !slices.Equal(lanes(counts), want) {
				t.Fatal("wrong counts")
			}
		}
	})
}

// TestCountLargest counts up to the largest count.
func TestCountLargest(t *testing.T) {
	const largest = 1<<16 - 1
	spikes := slices.Repeat([]uint64{^uint64(0)}, largest)
	eachLevel(t, func(t *testing.T, k *level, _ *rand.Rand) {
		counts := make([]uint64, Block16)
		if k.count(counts, spikes, 1, largest); !slices.Equal(counts, slices.Repeat([]uint64{^uint64(0)}, Block16)) {
			t.Errorf("%d spikes of every neuron: %x", largest, counts)
		}
	})
}
