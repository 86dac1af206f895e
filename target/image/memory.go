package image

import "spikec/target/chip"

// memoryModel returns the synapse memory that a core takes, in bits.
type memoryModel func(c *Core, p *chip.Profile) int

// memoryModels holds the models of chips whose synapse memory is not simply one stored weight after the other, by the
// ID of the profile that they belong to; profiles derived from it have the same. Each memory_*.go adds one.
var memoryModels = map[string]memoryModel{}

// registerMemory adds a memory model.
func registerMemory(id string, m memoryModel) {
	if memoryModels[id] != nil {
		panic("image: memory model of " + id + " registered twice")
	}
	memoryModels[id] = m
}

// SynapseBits returns the synapse memory that a core takes on a chip, in bits. Where the chip or an ancestor has no
// model of its own, every stored weight takes the chip's weight bits; weights that axons share count once.
func SynapseBits(c *Core, p *chip.Profile) int {
	for _, id := range append([]string{p.ID}, p.Lineage...) {
		if m := memoryModels[id]; m != nil {
			return m(c, p)
		}
	}
	bits := 0
	for _, b := range c.Synapses {
		bits += len(storedWeights(b.Synapses)) * p.Weight.Bits
	}
	return bits
}

// storedWeights returns the weights that a memory stores.
func storedWeights(s Synapses) []int32 {
	if m, ok := s.(stored); ok {
		return m.weights()
	}
	return nil
}
