package image

import (
	"math/bits"

	"spikec/target/chip"
)

func init() { registerMemory("loihi1", loihiBits) }

// What a row of synapses takes on Loihi: blocks of up to loihiBlock synapses, each with loihiBlockHead bits of its
// own, rounded up to words of 64 bits.
// Source: nengo_loihi/block.py, Synapse.bits_per_axon (n_synapses = 63 stands for 64).
const (
	loihiBlock     = 64
	loihiBlockHead = 4 + 6
	loihiWord      = 64
)

// loihiIndexBits are the widths that an index may have.
// Source: nengo_loihi/block.py, INDEX_BITS_MAP.
var loihiIndexBits = []int{0, 6, 7, 8, 9, 10, 11, 12}

// loihiBits returns the synapse memory of a core on Loihi. Axons that share a row of a Table share its memory; every
// other axon has a row of its own. A row is stored in the cheaper of two forms: with an index a synapse, or dense, that
// is with a weight for every neuron between its first and its last one and no index. The index widths and the dense
// form together are no more than the eight synapse formats of a core. Delays and tags take no bits, as nothing
// uses them.
func loihiBits(c *Core, p *chip.Profile) int {
	sum := 0
	for _, b := range c.Synapses {
		if t, ok := b.Synapses.(*Table); ok {
			for r := range len(t.RowStart) - 1 {
				row := loihiRow{dense: true}
				for i := t.RowStart[r]; i < t.RowStart[r+1]; i++ {
					row.add(int(t.Target[i]))
				}
				sum += row.bits(p.Weight.Bits)
			}
			continue
		}
		for a := range b.Synapses.Axons() {
			row := loihiRow{dense: true}
			b.Synapses.Each(a, func(n int, _ int32) { row.add(n) })
			sum += row.bits(p.Weight.Bits)
		}
	}
	return sum
}

// loihiRow collects what the memory of one row depends on.
type loihiRow struct {
	synapses, first, last int
	dense                 bool // the neurons ascend, so that the dense form can hold them
}

// add counts a synapse.
func (r *loihiRow) add(neuron int) {
	if r.synapses == 0 {
		r.first, r.last = neuron, neuron
	} else {
		r.dense = r.dense && neuron > r.last
		r.first, r.last = min(r.first, neuron), max(r.last, neuron)
	}
	r.synapses++
}

// bits returns the memory of the row. Indices count from the first neuron.
func (r *loihiRow) bits(weight int) int {
	if r.synapses == 0 {
		return 0
	}
	need, index := bits.Len(uint(r.last-r.first)), 0
	for _, index = range loihiIndexBits {
		if index >= need {
			break
		}
	}
	sparse := loihiBlocks(r.synapses, weight+max(index, need))
	if !r.dense {
		return sparse
	}
	return min(sparse, loihiBlocks(r.last-r.first+1, weight))
}

// loihiBlocks returns the memory of n synapses of so many bits each.
func loihiBlocks(n, each int) int {
	sum := 0
	for ; n > 0; n -= loihiBlock {
		b := min(n, loihiBlock)*each + loihiBlockHead
		sum += (b + loihiWord - 1) / loihiWord * loihiWord
	}
	return sum
}
