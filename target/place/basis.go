package place

import (
	"math/bits"
	"slices"
)

// basis is the few weights of a neuron that the types of axons choose among: each of its weights is the sum of some of them.
type basis struct {
	values []int32
	whole  bool // every weight is one of the values, else they are the places of two's complement
}

// newBasis returns the smaller of two bases of at most so many values: the weights themselves where few of them differ, or the places
// 1, 2, 4 … and a negative one of the narrowest two's complement that holds all. It reports whether there is one.
func newBasis(inputs []synapse, most int) (basis, bool) {
	var distinct []int32
	width := 1
	for _, s := range inputs {
		distinct = append(distinct, s.weight)
		width = max(width, bits.Len32(uint32(max(s.weight, ^s.weight)))+1)
	}
	slices.Sort(distinct)
	distinct = slices.Compact(distinct)
	slices.Reverse(distinct)
	if len(distinct) <= min(most, width) {
		return basis{distinct, true}, true
	}
	if width > most {
		return basis{}, false
	}
	var b basis
	for place := range width {
		b.values = append(b.values, 1<<place)
	}
	b.values[width-1] *= -1
	return b, true
}

// mask returns which values add up to a weight: bit k stands for value k.
func (b *basis) mask(weight int32) uint32 {
	if b.whole {
		return 1 << slices.Index(b.values, weight)
	}
	return uint32(weight) & (1<<len(b.values) - 1)
}
