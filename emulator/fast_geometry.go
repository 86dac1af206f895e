package emulator

import (
	"spikec/internal/divisor"
	"spikec/target/image"
)

// positions says how the positions of a map lie among the lanes of a core that holds whole ones, from lane 0 on.
type positions struct {
	padded int // lanes of a position; 0: the core is one position
	words  int // of spikes of the core
}

// unit is the least number of words of spikes that hold whole positions.
func (p positions) unit() int {
	if p.padded == 0 {
		return p.words
	}
	return p.padded / divisor.Greatest(p.padded, spikeBits)
}

// in returns the positions of a stretch, of count in the core.
func (p positions) in(x *sums, count int) (from, to int) {
	if p.padded == 0 {
		return 0, 1
	}
	return x.from * spikeBits / p.padded, min(x.to*spikeBits/p.padded, count)
}

// holdsPositions reports whether a core holds whole positions of a convolution's map, and all that it describes.
func (c *fastCore) holdsPositions(s *image.Conv2d) bool {
	C := s.Out[0]
	return isWhole(s, c.First, c.Neurons, c.Shape[0]) && c.First%C == 0 && c.Neurons%C == 0
}

// mostListed bounds what is listed for one step of a core, or for one of its positions after the other: entries,
// segments and taps.
const mostListed = 1 << 23

// eachSource yields the source positions of a pooled position.
func eachSource(s *image.Conv2d, py, px int, yield func(y, x int)) {
	if s.Pool == nil {
		yield(py, px)
		return
	}
	for u := range s.Pool.Kernel[0] {
		for v := range s.Pool.Kernel[1] {
			y, x := s.Pool.Source(0, py, u), s.Pool.Source(1, px, v)
			if y >= 0 && y < s.In[1] && x >= 0 && x < s.In[2] {
				yield(y, x)
			}
		}
	}
}

// convSynapses counts the synapses of each axon of a convolution that are stored: those that are not zero.
func convSynapses(s *image.Conv2d) []int32 {
	taps, O, cg := s.Window.Kernel[0]*s.Window.Kernel[1], s.Out[0], s.In[0]/s.Groups
	nonZero := make([]int32, taps*s.In[0]) // tap, source channel
	for i := range nonZero {
		group := i % s.In[0] / cg
		row := s.Weight[(i/s.In[0]*cg+i%cg)*O:]
		for _, w := range row[group*O/s.Groups : (group+1)*O/s.Groups] {
			if w != 0 {
				nonZero[i]++
			}
		}
	}
	pooled := make([]int32, s.Pooled(0)*s.Pooled(1)*s.In[0])
	for y := range s.Pooled(0) {
		image.Readers(s.Window, 0, y, s.Out[1], func(oy, u int) {
			for x := range s.Pooled(1) {
				image.Readers(s.Window, 1, x, s.Out[2], func(ox, v int) {
					if n := (oy*s.Out[2] + ox) * O; n < s.First || n >= s.First+s.Neurons {
						return
					}
					at, tap := (y*s.Pooled(1)+x)*s.In[0], (u*s.Window.Kernel[1]+v)*s.In[0]
					for c := range s.In[0] {
						pooled[at+c] += nonZero[tap+c]
					}
				})
			}
		})
	}
	if s.Pool == nil {
		return pooled
	}
	axons := make([]int32, s.Axons())
	for p := range s.Pooled(0) * s.Pooled(1) {
		eachSource(s, p/s.Pooled(1), p%s.Pooled(1), func(y, x int) {
			for c := range s.In[0] {
				axons[(y*s.In[2]+x)*s.In[0]+c] += pooled[p*s.In[0]+c]
			}
		})
	}
	return axons
}
