package emulator

import (
	"spikec/emulator/kernel"
	"spikec/internal/divisor"
	"spikec/target/image"
)

// boundsConv2d returns limits of the sum of a step over all neurons, if every axon receives up to times spikes: an
// output channel takes each of its weights at most once for every position of a pooling window.
func boundsConv2d(c *image.Conv2d, times int64) (lo, hi int64) {
	if c.Pool != nil {
		times *= int64(c.Pool.Kernel[0]) * int64(c.Pool.Kernel[1])
	}
	O := c.Out[0]
	neg, pos := make([]int64, O), make([]int64, O)
	for i, w := range c.Weight {
		neg[i%O] += min(int64(w), 0) * times
		pos[i%O] += max(int64(w), 0) * times
	}
	for o := range O {
		lo, hi = min(lo, neg[o]), max(hi, pos[o])
	}
	return lo, hi
}

// convCompiler compiles one convolution. A bundle is a position of the (pooled) source map and a channel group; its
// groups are the channels there; a run is what an output row takes from it.
type convCompiler struct {
	*image.Conv2d
	b          *memoryBuilder
	cg, og     int   // source and output channels of a channel group
	order      []int // tap of a kernel row → its place in the stored row
	stored     []int32
	nonZero    []int32 // tap, source channel of the group → weights of the group's outputs that are not zero, by group
	inside     [2]int  // the core's neurons, counted in the population
	bundleOf   []int32 // position, channel group → bundle, or -1
	rows, cols [][]reader
}

// reader is an output position that reads a source position by a tap.
type reader struct{ position, tap int }

// compileConv2d adds the synapses of a convolution whose axon 0 is the core's axon first.
func (b *memoryBuilder) compileConv2d(c *image.Conv2d, first int) error {
	k := &convCompiler{Conv2d: c, b: b, cg: c.In[0] / c.Groups, og: c.Out[0] / c.Groups}
	k.inside = [2]int{c.First, c.First + c.Neurons}
	k.orderTaps()
	if err := k.store(); err != nil {
		return err
	}
	k.rows, k.cols = k.readers(0), k.readers(1)
	for py := range k.rows {
		for px := range k.cols {
			for g := range c.Groups {
				k.addPosition(py, px, g)
			}
		}
	}
	k.connectAxons(first)
	return nil
}

// orderTaps decides in which order the taps of a kernel row are stored, so that neighbouring output positions find
// theirs side by side: from one position to the next the tap falls by stride over the greatest common divisor of stride
// and dilation, so taps that differ by a multiple of that lie together, in descending order.
func (k *convCompiler) orderTaps() {
	kw, step := k.Window.Kernel[1], k.Window.Stride[1]/divisor.Greatest(k.Window.Stride[1], k.Window.Dilation[1])
	k.order = make([]int, kw)
	place := 0
	for class := range min(step, kw) {
		for tap := (kw - 1 - class) / step * step; tap >= 0; tap -= step {
			k.order[tap+class] = place
			place++
		}
	}
}

// words returns the first and the last word of a position that hold outputs of channel group g.
func (k *convCompiler) words(g int) (int, int) {
	L := k.b.lanes
	return g * k.og / L, ((g+1)*k.og - 1) / L
}

// store packs the kernels, as [source channel][kernel row][place of the tap][word of the group's outputs].
func (k *convCompiler) store() error {
	L, O, kh, kw := k.b.lanes, k.Out[0], k.Window.Kernel[0], k.Window.Kernel[1]
	k.stored, k.nonZero = make([]int32, k.In[0]), make([]int32, kh*kw*k.In[0])
	for c := range k.In[0] {
		g := c / k.cg
		w0, w1 := k.words(g)
		at, err := k.b.reserve(kh * kw * (w1 - w0 + 1))
		if err != nil {
			return err
		}
		k.stored[c] = at
		for tap := range kh * kw {
			row := k.b.weights[int(at)+(tap/kw*kw+k.order[tap%kw])*(w1-w0+1):]
			weights := k.Weight[(tap*k.cg+c%k.cg)*O:]
			for o := g * k.og; o < (g+1)*k.og; o++ {
				row[o/L-w0] += kernel.Lane(L, o%L, int64(weights[o]))
				if weights[o] != 0 {
					k.nonZero[tap*k.In[0]+c]++
				}
			}
		}
	}
	return nil
}

// readers lists, for every source row (d = 0) or column (d = 1), the output positions that read it.
func (k *convCompiler) readers(d int) [][]reader {
	lists := make([][]reader, k.Pooled(d))
	for i := range lists {
		image.Readers(k.Window, d, i, k.Out[1+d], func(o, tap int) { lists[i] = append(lists[i], reader{o, tap}) })
	}
	return lists
}

// addPosition adds the bundle of one source position and channel group, if it reaches the core.
func (k *convCompiler) addPosition(py, px, g int) {
	var runs []run
	synapses := make([]int32, k.cg)
	for _, y := range k.rows[py] {
		for _, x := range k.cols[px] {
			from, to := k.outputs(y, x, g)
			if from >= to {
				continue
			}
			r := k.run(y, x, g, from, to)
			if n := len(runs); n > 0 && runs[n-1].acc+runs[n-1].words == r.acc && runs[n-1].weight+runs[n-1].words == r.weight {
				runs[n-1].words += r.words
			} else {
				runs = append(runs, r)
			}
			k.countSynapses(synapses, y.tap*k.Window.Kernel[1]+x.tap, g, from, to)
		}
	}
	if runs == nil {
		k.bundleOf = append(k.bundleOf, -1)
		return
	}
	bundle := k.b.addBundle(runs)
	k.bundleOf = append(k.bundleOf, bundle)
	for i := range k.cg {
		k.b.addGroup(bundle, group{k.stored[g*k.cg+i], synapses[i]})
	}
}

// outputs returns the output channels from..to-1 of group g at a position that are on this core.
func (k *convCompiler) outputs(y, x reader, g int) (from, to int) {
	at := (y.position*k.Out[2] + x.position) * k.Out[0]
	return max(g*k.og, k.inside[0]-at), min((g+1)*k.og, k.inside[1]-at)
}

// run returns the words that output channels from..to-1 of a position take by a tap.
func (k *convCompiler) run(y, x reader, g, from, to int) run {
	l, L := &k.b.layout, k.b.lanes
	w0, w1 := k.words(g)
	first, last := from/L, (to-1)/L
	tap := y.tap*k.Window.Kernel[1] + k.order[x.tap]
	return run{
		acc:    int32(((y.position*k.Out[2]+x.position)*l.padded-l.base)/L + first),
		words:  int32(last - first + 1),
		weight: int32(tap*(w1-w0+1) + first - w0),
	}
}

// countSynapses adds the weights that are not zero of a tap, from every source channel of group g to output channels
// from..to-1.
func (k *convCompiler) countSynapses(synapses []int32, tap, g, from, to int) {
	for i := range synapses {
		if to-from == k.og {
			synapses[i] += k.nonZero[tap*k.In[0]+g*k.cg+i]
			continue
		}
		for _, w := range k.Weight[(tap*k.cg+i)*k.Out[0]:][from:to] {
			if w != 0 {
				synapses[i]++
			}
		}
	}
}

// connectAxons puts every position of the source map into the positions of the pooled map that cover it.
func (k *convCompiler) connectAxons(first int) {
	ys, xs := k.pooled(0), k.pooled(1)
	for y := range ys {
		for x := range xs {
			for c := range k.In[0] {
				axon := first + (y*k.In[2]+x)*k.In[0] + c
				for _, py := range ys[y] {
					for _, px := range xs[x] {
						if bundle := k.bundleOf[(py*len(k.cols)+px)*k.Groups+c/k.cg]; bundle >= 0 {
							k.b.connect(axon, bundle, int32(c%k.cg))
						}
					}
				}
			}
		}
	}
}

// pooled lists, for every row (d = 0) or column (d = 1) of the source map, the pooled rows or columns that cover it.
func (k *convCompiler) pooled(d int) [][]int {
	lists := make([][]int, k.In[1+d])
	for i := range lists {
		if k.Pool == nil {
			lists[i] = []int{i}
			continue
		}
		image.Readers(*k.Pool, d, i, k.Pooled(d), func(p, _ int) { lists[i] = append(lists[i], p) })
	}
	return lists
}
