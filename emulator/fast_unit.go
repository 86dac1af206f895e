package emulator

import "spikec/target/image"

// unitOf returns by how many bits all weights of a core can be shifted to the right, without a loss, for them to fit the
// bytes of a gather; 0 if they cannot, or need not. The neurons then take sums in units of 2^unit. Loihi's weights of both
// signs, which are even and up to 256, are such weights.
func unitOf(blocks []image.Block) uint {
	low, most := int32(0), int32(0)
	for _, b := range blocks {
		weights := weightsOf(b.Synapses)
		if weights == nil {
			return 0
		}
		for _, w := range *weights {
			low |= w
			most = max(most, w, -1-w)
		}
	}
	unit := uint(0)
	for most>>unit > 127 {
		unit++
	}
	if low&(1<<unit-1) != 0 {
		return 0
	}
	return unit
}

// weightsOf returns the weights of synapses, or nil where they cannot be changed.
func weightsOf(s image.Synapses) *[]int32 {
	switch s := s.(type) {
	case *image.Conv2d:
		return &s.Weight
	case *image.Dense:
		return &s.Weight
	case *image.Table:
		return &s.Weight
	case *image.Typed:
		return &s.Weight
	}
	return nil
}

// withWeights returns a block with every weight w changed to f(w), if its synapses have weights of their own.
func withWeights(b image.Block, f func(w int32) int32) image.Block {
	switch s := b.Synapses.(type) {
	case *image.Conv2d:
		c := *s
		b.Synapses = &c
	case *image.Dense:
		d := *s
		b.Synapses = &d
	case *image.Table:
		t := *s
		b.Synapses = &t
	case *image.Typed:
		t := *s
		b.Synapses = &t
	case *image.Identity:
		t := &image.Table{Row: make([]int32, s.N), Base: make([]int32, s.N), RowStart: []int32{0, 1}, Target: []int32{0}, Weight: []int32{1}}
		for a := range t.Base {
			t.Base[a] = int32(a)
		}
		if f(1) == 1 {
			return b
		}
		b.Synapses = t
	default:
		return b
	}
	weights := weightsOf(b.Synapses)
	changed := make([]int32, len(*weights))
	for i, w := range *weights {
		changed[i] = f(w)
	}
	*weights = changed
	return b
}
