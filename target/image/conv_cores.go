package image

import (
	"fmt"
	"math/bits"
	"slices"

	"spikec/internal/diag"
	"spikec/target/chip"
)

// ConvWords returns the words of kernel and neuron memory that a convolution takes of a core with memories of their own for each:
//
//	kernel: c · 2^(⌈log2 kx·ky⌉ + ⌈log2 f⌉)     neurons: f · 2^(⌈log2 fy⌉ + ⌈log2 fx⌉)
//
// for c input channels, f output channels and a layer of fy×fx. Source: sinabs, dynapcnn_layer.py.
func ConvWords(c *Conv2d) (kernel, neurons int) {
	w := c.Window.Kernel
	return c.In[0] << (log2(w[0]*w[1]) + log2(c.Out[0])), c.Out[0] << (log2(c.Out[1]) + log2(c.Out[2]))
}

// log2 returns ⌈log2 n⌉ of n >= 1.
func log2(n int) int { return bits.Len(uint(n - 1)) }

// ConvCores chooses for every core of an image one of a chip with convolution cores, whose memories differ: −1 for the host's, and
// for one that finds none; missing are the latter. It is a largest matching of cores with cores of the chip that have both
// memories, found by augmenting paths, so that it misses none that could be placed with the others; equal images give equal
// choices.
func ConvCores(img *Image, p *chip.Profile) (cores, missing []int) {
	type need struct{ core, kernel, neurons int }
	var needs []need
	for i := range img.Cores {
		cores = append(cores, -1)
		if c := &img.Cores[i]; !c.Source && len(c.Synapses) == 1 {
			if conv, ok := c.Synapses[0].Synapses.(*Conv2d); ok {
				kernel, neurons := ConvWords(conv)
				needs = append(needs, need{i, kernel, neurons})
			}
		}
	}
	kernels, neurons := p.Capacity.KernelMemory, p.Capacity.NeuronMemory
	owner := make([]int, min(len(kernels), len(neurons))) // of a core of the chip: 1 + its need
	var seen []bool                                       // on the path
	var find func(n int) bool
	find = func(n int) bool {
		for c := range owner {
			if seen[c] || needs[n].kernel > kernels[c] || needs[n].neurons > neurons[c] {
				continue
			}
			seen[c] = true
			if owner[c] == 0 || find(owner[c]-1) {
				owner[c] = 1 + n
				return true
			}
		}
		return false
	}
	for n := range needs {
		seen = make([]bool, len(owner))
		if !find(n) {
			missing = append(missing, needs[n].core)
		}
	}
	for c, n := range owner {
		if n > 0 {
			cores[needs[n-1].core] = c
		}
	}
	return cores, missing
}

// checkConvCores reports what does not fit the convolution cores of a chip: layers that are no convolution, and memories.
func (k *checker) checkConvCores() {
	if len(k.p.Capacity.KernelMemory) == 0 {
		return
	}
	for i := range k.img.Cores {
		c := &k.img.Cores[i]
		if c.Source {
			continue
		}
		var conv *Conv2d
		if len(c.Synapses) == 1 {
			conv, _ = c.Synapses[0].Synapses.(*Conv2d)
		}
		if conv == nil || conv.Neurons != size(conv.Out) {
			k.report(idNative, c.Population, i, 0, diag.Diagnostic{Message: fmt.Sprintf("core %d is not one convolution of one whole layer, which a core of %s is", i, k.p.ID),
				Remedy: "a chain of convolutions with square kernels"})
		}
	}
	_, missing := ConvCores(k.img, k.p)
	for _, i := range missing {
		kernel, neurons := ConvWords(k.img.Cores[i].Synapses[0].Synapses.(*Conv2d))
		most, others := slices.Max(k.p.Capacity.KernelMemory), slices.Max(k.p.Capacity.NeuronMemory)
		d := diag.Diagnostic{Message: fmt.Sprintf("core %d: words of kernel memory, beside %d of neuron memory: no core of the chip that is left has as much", i, neurons),
			Value: kernel, Limit: most, Remedy: "fewer channels, smaller kernels or maps"}
		if neurons > others {
			d = diag.Diagnostic{Message: fmt.Sprintf("core %d: words of neuron memory", i), Value: neurons, Limit: others, Remedy: "fewer channels, or a larger stride"}
		}
		k.report(idConvMemory, k.img.Cores[i].Population, i, 0, d)
	}
}
