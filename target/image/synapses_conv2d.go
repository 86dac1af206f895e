package image

import "spikec/internal/window"

// Conv2d is a native convolution engine, optionally behind a native sum-pooling stage. Axon (y·W + x)·C + c is a
// position of the source map In; it falls into every pooling window that covers it (at most one if Pool is nil: its
// own position), and from pooled position (py, px) reaches output position (oy, ox) by tap (u, v) where
// py = Window.Source(0, oy, u) and px = Window.Source(1, ox, v), with weight Weight[((u·kW + v)·Cg + c mod Cg)·O + o]
// for all output channels o of the group of c (Cg = C/Groups).
type Conv2d struct {
	In      [3]int           // C, H, W of the source
	Out     [3]int           // O, H', W' of the whole target population
	First   int              // the core holds the population's neurons First..First+Neurons-1 (H,W,O order)
	Neurons int              //
	Pool    *window.Window2d // sum pooling before the kernel, or nil
	Window  window.Window2d  // of the kernel, over the pooled map
	Groups  int              //
	Weight  []int32          // kH, kW, C/Groups, O; output channel o belongs to group o / (O/Groups)
}

// Kind returns "conv2d".
func (s *Conv2d) Kind() string { return "conv2d" }

// Axons returns the size of the source map.
func (s *Conv2d) Axons() int { return s.In[0] * s.In[1] * s.In[2] }

// Each yields the synapses of the axon that are not zero, output row by output row, then column, then channel.
func (s *Conv2d) Each(axon int, yield func(int, int32)) {
	s.EachTap(axon, func(n int, w int32) {
		if w != 0 {
			yield(n, w)
		}
	})
}

// EachTap is Each with the weights that are zero: all neurons under the kernel of the axon.
func (s *Conv2d) EachTap(axon int, yield func(int, int32)) {
	c := axon % s.In[0]
	y, x := axon/s.In[0]/s.In[2], axon/s.In[0]%s.In[2]
	if s.Pool == nil {
		s.EachPooled(c, y, x, yield)
		return
	}
	Readers(*s.Pool, 0, y, s.Pooled(0), func(py, _ int) {
		Readers(*s.Pool, 1, x, s.Pooled(1), func(px, _ int) { s.EachPooled(c, py, px, yield) })
	})
}

// Pooled returns the rows (d = 0) or columns (d = 1) of the map that the kernel walks over.
func (s *Conv2d) Pooled(d int) int {
	if s.Pool == nil {
		return s.In[1+d]
	}
	out, err := s.Pool.Output([2]int{s.In[1], s.In[2]})
	if err != nil {
		return 0
	}
	return out[d]
}

// EachPooled yields the synapses, those of weight 0 too, of channel c at position (y, x) of the map that the kernel walks over.
func (s *Conv2d) EachPooled(c, y, x int, yield func(int, int32)) {
	O, cg := s.Out[0], s.In[0]/s.Groups
	og := O / s.Groups
	g := c / cg
	Readers(s.Window, 0, y, s.Out[1], func(oy, u int) {
		Readers(s.Window, 1, x, s.Out[2], func(ox, v int) {
			row := s.Weight[((u*s.Window.Kernel[1]+v)*cg+c%cg)*O:]
			base := (oy*s.Out[2]+ox)*O - s.First
			for o := g * og; o < (g+1)*og; o++ {
				if n := base + o; n >= 0 && n < s.Neurons {
					yield(n, row[o])
				}
			}
		})
	})
}

// Readers calls yield for every output position below size whose window reads input position i along dimension d
// (0 vertical, 1 horizontal), with the tap that reads it, in ascending order of positions.
func Readers(w window.Window2d, d, i, size int, yield func(position, tap int)) {
	first := (i + w.PadBegin[d] - (w.Kernel[d]-1)*w.Dilation[d] + w.Stride[d] - 1) / w.Stride[d]
	for o := max(0, first); o < size; o++ {
		rest := i - w.Source(d, o, 0)
		if rest < 0 {
			return
		}
		if rest%w.Dilation[d] == 0 && rest/w.Dilation[d] < w.Kernel[d] {
			yield(o, rest/w.Dilation[d])
		}
	}
}
