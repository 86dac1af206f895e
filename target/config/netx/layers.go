package netx

import (
	"spikec/internal/window"
	"spikec/target/image"
)

// layer is one population of an image: its cores, and what leads to them from the population before.
type layer struct {
	name      string
	shape     [3]int // C, H, W
	source    bool   // spikes that the host plays
	cores     []int
	threshold int32   // mantissa
	bias      []int32 // a channel; nil without
	biased    []bool  // of which channels a neuron's bias was seen
	// Of the synapses: a matrix (O, C·H·W) of a vector, else a kernel (O, C, kH, kW) and its window.
	weight []int32
	window window.Window2d
}

func (l *layer) size() int    { return l.shape[0] * l.shape[1] * l.shape[2] }
func (l *layer) vector() bool { return l.shape[1] == 1 && l.shape[2] == 1 }

// unspoken is the error about something that netx has no words for.
func unspoken(subject, remedy, format string, args ...any) error {
	return failure(idUnspoken, subject, remedy, format, args...)
}

// layersOf takes an image apart into the layers of a chain.
func layersOf(img *image.Image) ([]*layer, error) {
	var all []*layer
	for i := range img.Cores {
		c := &img.Cores[i]
		if len(all) == 0 || all[len(all)-1].name != c.Population {
			all = append(all, &layer{name: c.Population, shape: c.Shape, source: c.Source})
		}
		l := all[len(all)-1]
		l.cores = append(l.cores, i)
		if err := l.registers(c); err != nil {
			return nil, err
		}
	}
	of := make([]int, len(img.Cores)) // the layer of a core
	for k, l := range all {
		for _, i := range l.cores {
			of[i] = k
		}
	}
	for i, c := range img.Cores {
		for _, r := range c.Routes {
			if of[r.Core] != of[i]+1 {
				return nil, unspoken(c.Population, "a network without connections past other layers", "sends spikes to %s, which is not the layer behind it", img.Cores[r.Core].Population)
			}
		}
	}
	for k := 1; k < len(all); k++ {
		if err := all[k].connect(img, all[k-1]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// registers takes the threshold and biases of a core, which those of the layer's other cores must equal.
func (l *layer) registers(c *image.Core) error {
	if c.Source {
		return nil
	}
	for name, want := range fixedRegisters {
		for _, v := range c.Registers[name] {
			if v != want {
				return unspoken(l.name, "", "has %s = %d, and netx has %d alone", name, v, want)
			}
		}
	}
	first := len(l.cores) == 1
	if first {
		l.threshold = c.Channel(c.Registers[registerThreshold], 0)
		l.bias, l.biased = make([]int32, l.shape[0]), make([]bool, l.shape[0])
	}
	for n := range c.Neurons {
		if c.Channel(c.Registers[registerThreshold], n) != l.threshold {
			return unspoken(l.name, "", "has several thresholds, and netx has one a layer")
		}
		channel, bias := c.Index(n)%l.shape[0], c.Channel(c.Registers[registerBias], n)
		if l.biased[channel] && bias != l.bias[channel] {
			return unspoken(l.name, "", "has several biases in one channel, and netx has one")
		}
		l.bias[channel], l.biased[channel] = bias, true
	}
	return nil
}

// each calls yield for every synapse from the layer before: source and target neuron in H,W,C order, and the weight.
func (l *layer) each(img *image.Image, before *layer, yield func(source, target int, weight int32)) {
	for _, i := range l.cores {
		c := &img.Cores[i]
		sources := make([]int, c.Axons())
		for a := range sources {
			sources[a] = -1
		}
		for _, s := range before.cores {
			from := &img.Cores[s]
			for _, r := range from.Routes {
				for n := 0; r.Core == i && n < r.Count; n++ {
					sources[r.Axon+n] = from.Index(r.First + n)
				}
			}
		}
		for _, b := range c.Synapses {
			for a := range b.Synapses.Axons() {
				if source := sources[b.FirstAxon+a]; source >= 0 {
					b.Synapses.Each(a, func(n int, w int32) { yield(source, c.Index(n), w) })
				}
			}
		}
	}
}

// connect finds the matrix or the kernel of a layer.
func (l *layer) connect(img *image.Image, before *layer) error {
	if l.vector() {
		plane := before.shape[1] * before.shape[2]
		l.weight = make([]int32, l.size()*before.size())
		any := false
		l.each(img, before, func(source, target int, w int32) {
			l.weight[target*before.size()+source%before.shape[0]*plane+source/before.shape[0]] += w
			any = any || w != 0
		})
		if !any {
			return unspoken(l.name, "", "has no weight but 0, on which netx fails")
		}
		return nil
	}
	return l.kernel(img, before)
}

// maxStride is the largest stride that is tried.
const maxStride = 16

// kernel finds the convolution that the synapses of a layer are: the stride with which the distances between source and target
// positions have the smallest range, and equal paddings that give the layer's size, zero taps making good what they lack. Synapses
// that are none are found when the file is read back.
func (l *layer) kernel(img *image.Image, before *layer) error {
	type span struct{ lo, hi int }
	var spans [2][maxStride + 1]span
	seen := false
	position := func(n int, shape [3]int) [2]int { return [2]int{n / shape[0] / shape[2], n / shape[0] % shape[2]} }
	l.each(img, before, func(source, target int, _ int32) {
		in, out := position(source, before.shape), position(target, l.shape)
		for d := range 2 {
			for s := 1; s <= maxStride; s++ {
				x := &spans[d][s]
				y := in[d] - out[d]*s
				if x.lo, x.hi = min(x.lo, y), max(x.hi, y); !seen {
					*x = span{y, y}
				}
			}
		}
		seen = true
	})
	w := window.Window2d{Dilation: [2]int{1, 1}}
	for d := range 2 {
		best := 1
		for s := 2; s <= maxStride; s++ {
			if x, b := spans[d][s], spans[d][best]; x.hi-x.lo < b.hi-b.lo {
				best = s
			}
		}
		x := spans[d][best]
		fits := false
		for pad := max(0, -x.lo); !fits && pad <= max(0, -x.lo)+before.shape[1+d]; pad++ {
			for k := max(1, x.hi+pad+1); !fits && k <= x.hi+pad+1+best; k++ {
				rest := before.shape[1+d] + 2*pad - k
				if fits = rest >= 0 && rest/best+1 == l.shape[1+d]; fits {
					w.Kernel[d], w.Stride[d], w.PadBegin[d], w.PadEnd[d] = k, best, pad, pad
				}
			}
		}
		if !fits || !seen {
			return unspoken(l.name, "", "is no convolution of the layer before it")
		}
	}
	if n := l.shape[0] * before.shape[0] * w.Kernel[0]; n > maxSize*8/w.Kernel[1] {
		return unspoken(l.name, "", "has a kernel of %v taps between %d and %d channels, which is too large", w.Kernel, before.shape[0], l.shape[0])
	}
	l.window = w
	l.weight = make([]int32, l.shape[0]*before.shape[0]*w.Kernel[0]*w.Kernel[1])
	l.each(img, before, func(source, target int, weight int32) {
		in, out := position(source, before.shape), position(target, l.shape)
		u, v := in[0]-w.Source(0, out[0], 0), in[1]-w.Source(1, out[1], 0)
		l.weight[((target%l.shape[0]*before.shape[0]+source%before.shape[0])*w.Kernel[0]+u)*w.Kernel[1]+v] = weight
	})
	return nil
}
