package emulator

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestMemory compares addCounts with the plain loop over groups and runs, on memories whose bundles meet in targets in
// any order and with any weights.
func TestMemory(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 7))
		const words, weights = 12, 400
		b := &memoryBuilder{lanes: 4, axons: 0}
		for range weights {
			b.weights = append(b.weights, r.Uint64())
		}
		for range 1 + r.IntN(20) {
			b.block = int32(r.IntN(2))
			var runs []run
			for range 1 + r.IntN(3) {
				first := r.IntN(words / 3)
				runs = append(runs, run{int32(3 * first), int32(1 + r.IntN(3)), int32(r.IntN(4) * 50)})
			}
			i := b.addBundle(runs)
			for range 1 + r.IntN(6) {
				b.addGroup(i, group{int32(r.IntN(100)), int32(1 + r.IntN(5))})
			}
		}
		m := b.finish()
		for planes, most := range []int{1000, 1, 3, 7} {
			m.planes = planes
			if err := sameSums(m, r, words, most); err != nil {
				t.Fatalf("seed %d, counts up to %d: %v", seed, most, err)
			}
		}
	}
}

// sameSums adds random counts up to most in both ways.
func sameSums(m *memory, r *rand.Rand, words, most int) error {
	counts := make([]uint16, len(m.groups))
	acc := make([]uint64, words)
	want, operations := slices.Clone(acc), int64(0)
	for _, b := range m.bundles {
		for g := b.group; g < b.group+b.groups; g++ {
			if m.groups[g].synapses == 0 || r.IntN(2) == 0 {
				continue // the groups that fill up a bundle never count
			}
			counts[g] = uint16(r.IntN(most + 1))
			operations += int64(counts[g]) * int64(m.groups[g].synapses)
			for _, x := range m.runs[b.run : b.run+b.runs] {
				for j := range x.words {
					want[x.acc+j] += uint64(counts[g]) * m.weights[m.groups[g].base+x.weight+j]
				}
			}
		}
	}
	got := m.addCounts(acc, counts, newRowLists(m))
	switch {
	case got != operations:
		return fmt.Errorf("%d operations, want %d", got, operations)
	case !slices.Equal(acc, want):
		return fmt.Errorf("sums %x, want %x", acc, want)
	case slices.ContainsFunc(counts, func(n uint16) bool { return n != 0 }):
		return fmt.Errorf("counts are left over")
	}
	return nil
}
