package emulator

import (
	"errors"
	"fmt"
	"slices"

	"spikec/emulator/kernel"
	"spikec/target/image"
)

// taps is the method of convolutions that keep channels apart, such as pooling by weights, and of one-to-one connections:
// every position adds the weights of the channels that spike at the positions that it reads (kernel.Taps).
type taps struct {
	name     string
	axons    *axonBits
	synapses []int32
	plan     kernel.Taps
	positions
	wide bool
}

// newTaps compiles a block of synapses, or says why its core cannot take them by taps.
func newTaps(e *fast, c *fastCore, i int, b image.Block, plane int) (*taps, error) {
	m := &taps{positions: positions{words: c.layout.words()}, wide: c.wide}
	if m.axons = newAxonBits(e, i, b, plane); m.axons == nil {
		return nil, errors.New("several spikes may arrive on one axon in a step")
	}
	var err error
	switch s := b.Synapses.(type) {
	case *image.Conv2d:
		err = m.conv2d(c, s)
	case *image.Identity:
		err = m.identity(c, s)
	default:
		err = fmt.Errorf("synapses of kind %s", s.Kind())
	}
	return m, err
}

// conv2d compiles a convolution without pooling that has one output channel for each input channel.
func (m *taps) conv2d(c *fastCore, s *image.Conv2d) error {
	C := s.Out[0]
	switch {
	case s.Groups != C || s.In[0] != C || s.Pool != nil:
		return fmt.Errorf("a convolution from %d to %d channels in %d groups", s.In[0], C, s.Groups)
	case !c.holdsPositions(s):
		return errors.New("a core that does not hold whole positions")
	case c.Neurons/C*s.Window.Kernel[0]*s.Window.Kernel[1] > mostListed:
		return fmt.Errorf("%d taps, of at most %d", c.Neurons/C*s.Window.Kernel[0]*s.Window.Kernel[1], mostListed)
	}
	if err := m.pack(C, s.Weight); err != nil {
		return err
	}
	m.name = "a convolution that keeps channels apart"
	m.padded, m.plan.First = c.layout.padded, []int32{0}
	m.synapses = convSynapses(s)
	filled := m.row(C)
	for p := c.First / C; p < (c.First+c.Neurons)/C; p++ {
		for u := range s.Window.Kernel[0] {
			for v := range s.Window.Kernel[1] {
				y, x := s.Window.Source(0, p/s.Out[2], u), s.Window.Source(1, p%s.Out[2], v)
				if y >= 0 && y < s.In[1] && x >= 0 && x < s.In[2] {
					m.plan.Taps = append(m.plan.Taps, kernel.NewTap((y*s.In[2]+x)*C, (u*s.Window.Kernel[1]+v)*filled))
				}
			}
		}
		m.plan.First = append(m.plan.First, int32(len(m.plan.Taps)))
	}
	return nil
}

// identity compiles a one-to-one connection: one position, one tap.
func (m *taps) identity(c *fastCore, s *image.Identity) error {
	if !c.layout.isDense() || s.N != c.Neurons {
		return errors.New("a core whose neurons do not lie side by side, or are not as many as axons")
	}
	m.name = "a one-to-one connection"
	m.synapses = slices.Repeat([]int32{1}, s.N)
	m.plan.Taps, m.plan.First = []kernel.Tap{{}}, []int32{0, 1}
	return m.pack(s.N, m.synapses)
}

// pack stores rows of weights, one a tap.
func (m *taps) pack(channels int, weight []int32) error {
	neg, pos := make([]int64, channels), make([]int64, channels)
	for i, w := range weight {
		neg[i%channels] += min(int64(w), 0)
		pos[i%channels] += max(int64(w), 0)
	}
	if lo, hi := slices.Min(neg), slices.Max(pos); lo < -1<<15 || hi > 1<<15-1 {
		return fmt.Errorf("sums of %d..%d, which need more than 16 bits", lo, hi)
	}
	filled := m.row(channels)
	m.plan.Channels, m.plan.Weights = channels, make([]uint64, len(weight)/channels*filled/laneUnit)
	for i, w := range weight {
		at := i/channels*filled + i%channels
		m.plan.Weights[at/laneUnit] |= uint64(uint16(w)) << (16 * (at % laneUnit))
	}
	return nil
}

// row returns the lanes of a row of weights.
func (m *taps) row(channels int) int {
	return (channels + kernel.TapBlock - 1) / kernel.TapBlock * kernel.TapBlock
}

// String names the method.
func (m *taps) String() string { return "adds up " + m.name + " by masks of spikes" }

// newState returns the state of one session.
func (m *taps) newState(s *fastSession, _ *eventLists) methodState {
	st := &tapsState{taps: m, input: m.axons.newState(s, m.synapses), plan: m.plan}
	st.plan.Any = make([]uint64, m.axons.words+kernel.SpikeSlack)
	return st
}

// tapsState is the method at work.
type tapsState struct {
	*taps
	input axonState
	plan  kernel.Taps
	own   *sums // for sums that are added to numbers of 32 bits
}

// take takes the spikes.
func (m *tapsState) take(t, n int) {
	m.plan.Spikes, m.plan.SpikeStride = m.input.take(t, n)
	m.plan.Steps = n
	kernel.Or(m.plan.Any[:m.axons.words], m.plan.Spikes, m.plan.SpikeStride, n)
}

// add adds the positions of the stretch.
func (m *tapsState) add(x *sums) {
	p := &m.plan
	p.Padded = m.padded
	p.From, p.To = m.in(x, len(p.First)-1)
	if x.wide == nil {
		p.Sums, p.SumStride = x.narrow, x.stride
		p.Init, p.InitStride = x.initNarrow, x.initStride
		p.Run()
		x.set()
		return
	}
	if m.own == nil || len(m.own.narrow) < stepsAtOnce*x.stride/laneUnit {
		m.own = newSums(x.stride/spikeBits, false)
	}
	clear(m.own.narrow)
	p.Sums, p.SumStride = m.own.narrow, x.stride
	p.Init, p.InitStride = p.Sums, p.SumStride
	p.Run()
	x.fill()
	for t := range x.steps {
		row := m.own.narrow[t*x.stride/laneUnit:]
		for i := range (x.to - x.from) * kernel.Block16 {
			w, d := row[i], (*[laneUnit]int32)(x.wide[t*x.stride+i*laneUnit:])
			if w != 0 {
				d[0] += int32(int16(w))
				d[1] += int32(int16(w >> 16))
				d[2] += int32(int16(w >> 32))
				d[3] += int32(int16(w >> 48))
			}
		}
	}
}

// operations returns the synaptic operations.
func (m *tapsState) operations(from, to int) int64 { return m.input.operations(from, to) }
