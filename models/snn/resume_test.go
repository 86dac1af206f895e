package snn

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestResume presents pictures to random networks of every firing, in one go, and from a population on behind spikes that
// another loop sent: the same spikes, counts and membranes. Counts are those that an observer sees.
func TestResume(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 9))
		n := randomNetwork(r)
		n.Firing = []Firing{Plain, Signed, Staged}[seed%3]
		if n.Firing != Plain {
			n.Reset = Subtract
		}
		whole, part := loop(t, n, 11), loop(t, n, 11)
		part.Watch()
		codes, other := randomCodes(n, r), randomCodes(n, r)
		seen := make([][]int32, len(n.Populations))
		for p := range seen {
			seen[p] = make([]int32, n.Populations[p].Size())
		}
		want, err := whole.Run(codes, 0, func(p, _ int, fired []int32, _ []float32) {
			for _, e := range fired {
				if e < 0 {
					seen[p][-1-e]--
				} else {
					seen[p][e]++
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		counts := make([]int32, 0)
		for p := 1; p < len(n.Populations); p++ {
			counts = append(counts[:0], make([]int32, n.Populations[p].Size())...)
			if whole.Counts(p, counts); !slices.Equal(counts, seen[p]) {
				t.Fatalf("seed %d, population %d: counts %v, an observer saw %v", seed, p, counts, seen[p])
			}
		}
		for first := 1; first < len(n.Populations); first++ {
			if _, err := part.Run(other, 0, nil); err != nil { // to be forgotten
				t.Fatal(err)
			}
			for p := 1; p < first; p++ {
				copy(part.Spikes(p), whole.Spikes(p))
			}
			got, err := part.Resume(first, codes, 0, nil)
			if err != nil {
				t.Fatal(err)
			}
			last := len(want.Steps) - 1
			if !slices.Equal(got.Counts[last], want.Counts[last]) || !slices.Equal(got.Potentials[last], want.Potentials[last]) {
				t.Fatalf("seed %d, %s, from population %d: other answers", seed, n.Firing, first)
			}
			for p := first; p < len(n.Populations); p++ {
				if !slices.Equal(part.Spikes(p), whole.Spikes(p)) {
					t.Fatalf("seed %d, %s, from population %d: other spikes of population %d", seed, n.Firing, first, p)
				}
			}
		}
	}
}
