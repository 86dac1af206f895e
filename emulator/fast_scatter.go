package emulator

import (
	"math/bits"

	"spikec/emulator/kernel"
	"spikec/target/image"
)

// scatter is the other way to compute what a gather does: every spike adds its weights to the neurons that it reaches.
// That costs less where few axons spike, for then most positions have nothing to gather. It exists for convolutions of
// stride and dilation 1 without pooling, whose weights of neighbouring positions lie side by side, and for sums in lanes.
type scatter struct {
	channels int
	words    int      // of lanes of the core
	stride   int      // words of the weights of one source channel
	weights  []uint64 // channel, kernel row, tap from right to left, output channel
	first    []int32  // source position → its first run
	runs     []laneRun
	oneIn    int // sparse
}

// laneRun is a stretch of words of lanes and the words of weights that are added to it, counted from a channel's first.
type laneRun struct{ word, weight, words int32 }

// sparse: events are scattered where fewer than one in so many axons spikes in a step. Measured (BenchmarkScatter) on a
// convolution of 5x5 from 12 to 64 channels: at 0.25 % scattering takes 70 % of the time of gathering, at 0.8 % the same,
// at 2 % 130 %.
const sparse = 125

// newScatter compiles a convolution, or returns nil.
func newScatter(c *fastCore, s *image.Conv2d) *scatter {
	one := [2]int{1, 1}
	if c.wide || s.Pool != nil || s.Window.Stride != one || s.Window.Dilation != one {
		return nil
	}
	O, kh, kw := s.Out[0], s.Window.Kernel[0], s.Window.Kernel[1]
	position := c.layout.padded / laneUnit // words
	m := &scatter{channels: s.In[0], words: c.layout.slots / laneUnit, stride: kh * kw * position, first: []int32{0}, oneIn: sparse}
	m.weights = make([]uint64, s.In[0]*m.stride)
	for i, w := range s.Weight {
		tap, channel, o := i/O/s.In[0], i/O%s.In[0], i%O
		at := channel*m.stride + (tap/kw*kw+kw-1-tap%kw)*position
		set16(m.weights[at:], o, int16(w))
	}
	for p := range s.In[1] * s.In[2] {
		image.Readers(s.Window, 0, p/s.In[2], s.Out[1], func(oy, u int) {
			if r := c.laneRun(s, p%s.In[2], oy, u, position); r.words > 0 {
				m.runs = append(m.runs, r)
			}
		})
		m.first = append(m.first, int32(len(m.runs)))
	}
	return m
}

// laneRun returns what a spike in column x reaches in output row oy by the taps of kernel row u, in words of position
// for every position.
func (c *fastCore) laneRun(s *image.Conv2d, x, oy, u, position int) (r laneRun) {
	kw := s.Window.Kernel[1]
	image.Readers(s.Window, 1, x, s.Out[2], func(ox, v int) {
		n := (oy*s.Out[2]+ox)*s.Out[0] - s.First
		if n < 0 || n >= s.Neurons {
			return
		}
		if r.words == 0 {
			r.word, r.weight = int32(c.layout.slot(n)/laneUnit), int32((u*kw+kw-1-v)*position)
		}
		r.words += int32(position)
	})
	return r
}

// add adds the weights of the spikes of a step to the lanes of the core.
func (m *scatter) add(lanes, spikes []uint64) {
	for i, w := range spikes {
		for ; w != 0; w &= w - 1 {
			axon := i*spikeBits + bits.TrailingZeros64(w)
			p, channel := axon/m.channels, axon%m.channels
			weights := m.weights[channel*m.stride:]
			for _, r := range m.runs[m.first[p]:m.first[p+1]] {
				kernel.AddLanes(lanes[r.word:], weights[r.weight:r.weight+r.words])
			}
		}
	}
}
