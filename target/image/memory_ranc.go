package image

import "spikec/target/chip"

// A crossbar of RANC has a bit for every pair of an axon and a neuron; weights are part of a neuron's word.
func init() {
	registerMemory("ranc", func(c *Core, _ *chip.Profile) int { return c.Axons() * c.Neurons })
}
