package image

import (
	"fmt"
	"slices"

	"spikec/internal/diag"
)

// Paired returns how many neurons a layer of n takes on a chip where pairs of neurons share a register: an even number, so that the
// next layer begins with a pair of its own.
func Paired(n int) int { return n + n%2 }

// checkMemories reports synapse memories of core i that the chip does not have.
func (k *checker) checkMemories(i int) {
	c, known := &k.img.Cores[i], k.p.Memories()
	for _, b := range c.Synapses {
		if len(known) == 0 && b.Name == "" || slices.Contains(known, b.Name) {
			continue
		}
		k.report(idMemory, c.Population, i, 0, diag.Diagnostic{Message: fmt.Sprintf("core %d: synapses in a memory %q; %s has %q", i, b.Name, k.p.ID, known),
			Remedy: "build the image for this target"})
	}
}

// checkOneCore compares all layers together with the one core that they lie in, each a core of the image and whole, and enters that
// core as the one that is used.
func (k *checker) checkOneCore(r *Resources) {
	roles, err := k.p.Recurrent()
	if err != nil {
		k.report(idOneCore, "profile "+k.p.ID, 0, 0, diag.Diagnostic{Message: err.Error()})
		return
	}
	limits := &k.p.Capacity
	hidden, inputs := 0, 0
	for i := range k.img.Cores {
		c := &k.img.Cores[i]
		output := slices.Contains(k.img.Output.Cores, i)
		if c.Neurons != size(c.Shape) {
			k.over(idOneCore, i, -1, "neurons of a layer that lies in one core with the others; it has more", int64(c.Neurons), int64(size(c.Shape)), "build the image for this target")
		}
		switch {
		case c.Source:
			inputs += c.Neurons
			k.atMost(idOneCore, i, "inputs of the core", int64(inputs), limits.Inputs, "smaller images, or a larger target")
		case output:
			k.atMost(idOneCore, i, "outputs of the core", int64(c.Neurons), limits.Outputs, "fewer classes, or a larger target")
			k.checkAccumulators(i)
		default:
			hidden += Paired(c.Neurons)
			k.atMost(idOneCore, i, "neurons up to this layer, all of which lie in one core", int64(hidden), limits.Neurons, "fewer or smaller layers, or a larger target")
		}
		for _, t := range c.Routes {
			to := slices.Contains(k.img.Output.Cores, t.Core)
			for _, b := range k.img.Cores[t.Core].Synapses {
				if want := roles.Memory(c.Source, to); t.Axon < b.FirstAxon+b.Synapses.Axons() && b.FirstAxon < t.Axon+t.Count && b.Name != want {
					k.report(idMemory, k.img.Cores[t.Core].Population, t.Core, 0, diag.Diagnostic{
						Message: fmt.Sprintf("core %d: spikes of %s arrive in memory %q, want %q", t.Core, c.Population, b.Name, want), Remedy: "build the image for this target"})
				}
			}
		}
	}
	if len(k.img.Output.Cores) != 1 {
		k.report(idOneCore, "output", 0, 0, diag.Diagnostic{Message: "cores of the output", Value: len(k.img.Output.Cores), Limit: 1, Remedy: "build the image for this target"})
	}
	r.Cores, r.MaxNeurons = 1, hidden
}

// checkAccumulators reports an output that does not start at 0, as accumulators do.
func (k *checker) checkAccumulators(i int) {
	for _, v := range k.img.Cores[i].InitialV {
		if v != 0 {
			k.over(idInitialV, i, -1, "accumulator at the start; "+k.p.ID+" starts at 0", int64(v), 0, "build the image for this target")
		}
	}
}
