package emulator

import (
	"fmt"
	"slices"
	"sync"

	"spikec/target/image"
)

// planPasses is for neurons of every kind that passes compute (fast_passes.go), from sums of 32 bits.
type planPasses struct {
	passes  *passes
	core    *image.Core
	layout  *layout
	slots   []int32         // neuron → lane
	run     int             // lanes that lie side by side, from a multiple of it on in the population; 0: all do
	because error           // why the simple rule does not do
	axons   *axonBits       // where the spikes come from, for replay
	lists   func() *refCore // the synapses, for replay; made when they are first needed
}

// newPlanPasses lays out neurons for passes.
func newPlanPasses(m *passes, e *fast, core, latency int, because error) *planPasses {
	c := e.cores[core]
	p := &planPasses{passes: m, core: c.Core, layout: &c.layout, slots: c.slots, because: because}
	if c.layout.padded != c.layout.channels {
		p.run = c.layout.channels
	}
	if m.each != nil {
		p.axons = newSources(e, core, latency)
		room := maxSynapses / len(e.img.Cores)
		p.lists = sync.OnceValue(func() *refCore { return newRefCore(c.Core, &room) })
	}
	return p
}

// String names the method.
func (p *planPasses) String() string {
	if p.because == nil {
		return p.passes.String()
	}
	return fmt.Sprintf("%s, for no simple rule will do: %v", p.passes, p.because)
}

// unit: any stretch, or all lanes where the step must be over before the next one can begin.
func (p *planPasses) unit() int {
	if p.passes.each != nil {
		return p.layout.words()
	}
	return 1
}

// newNeurons returns the state of one session.
func (p *planPasses) newNeurons(s *fastSession) neurons {
	st := &neuronsPasses{planPasses: p, session: s, state: p.passes.newState()}
	st.zeros = make([]int32, p.layout.slots+sumSlack)
	if !p.layout.isDense() {
		st.sum, st.bits = make([]int32, p.layout.slots), make([]uint64, p.layout.words())
	}
	st.again = st.replay
	return st
}

// neuronsPasses is the state of planPasses.
type neuronsPasses struct {
	*planPasses
	session  *fastSession
	state    *passState
	zeros    []int32
	sum      []int32  // of a stretch, in the order of neurons, where that is not the order of lanes
	bits     []uint64 // the spikes, in the same order
	again    replay   // the method replay
	replayer *replayer
	t        int // the step at work
}

func (s *neuronsPasses) start(drives map[string][]int32) { s.state.start(drives) }

func (s *neuronsPasses) begin(x *sums) { x.initWide, x.initStride = s.zeros, 0 }

func (s *neuronsPasses) step(x *sums, spikes []uint64, stride int) {
	lo, hi := s.neurons(x.from, x.to)
	for t := range x.steps {
		s.t = x.t + t
		s.advance(lo, hi, x.from, x.wide[t*x.stride:], spikes[t*stride:][:x.to-x.from])
	}
}

func (s *neuronsPasses) constant(spikes []uint64, stride, steps int) {
	const stretch = passBlock / spikeBits
	for from := 0; from < s.layout.words(); from += stretch {
		to := min(from+stretch, s.layout.words())
		lo, hi := s.neurons(from, to)
		for t := range steps {
			s.advance(lo, hi, from, nil, spikes[t*stride+from:][:to-from])
		}
	}
}

// neurons returns which neurons lie in words from..to-1 of spikes: lo..hi-1.
func (p *planPasses) neurons(from, to int) (lo, hi int) {
	lo, _ = slices.BinarySearch(p.slots, int32(from*spikeBits))
	hi, _ = slices.BinarySearch(p.slots, int32(to*spikeBits))
	return lo, hi
}

// advance takes neurons lo..hi-1, which are all those of a stretch of words from one on, through a step.
func (s *neuronsPasses) advance(lo, hi, from int, sum []int32, spikes []uint64) {
	if s.sum == nil {
		s.state.step(lo, hi, sum, spikes, s.again)
		return
	}
	if sum != nil {
		s.eachRun(lo, hi, func(n, lane, count int) { copy(s.sum[n-lo:][:count], sum[lane-from*spikeBits:]) })
		sum = s.sum
	}
	s.state.step(lo, hi, sum, s.bits, s.again)
	clear(spikes)
	s.eachRun(lo, hi, func(n, lane, count int) { copyBits(spikes, lane-from*spikeBits, s.bits, n-lo, count) })
}

// eachRun yields neurons lo..hi-1 in runs that lie side by side: count of them from neuron n, or a lane, on.
func (p *planPasses) eachRun(lo, hi int, yield func(n, lane, count int)) {
	for n := lo; n < hi; {
		count := hi - n
		if p.run > 0 {
			count = min(count, p.run-(p.layout.first+n)%p.run)
		}
		yield(n, int(p.slots[n]), count)
		n += count
	}
}

// replay goes through what arrives in the step at work.
func (s *neuronsPasses) replay(neurons []int32, add func(neuron int, weight int32)) {
	if s.replayer == nil {
		s.replayer = newReplayer(s.lists())
	}
	arrived, steps := s.replayer.arrived, s.session.engine.img.Steps
	clear(arrived)
	for _, a := range s.axons.sources {
		src, sent := s.session.cores[a.core], s.t-a.delay
		if sent < 0 || sent >= steps {
			continue
		}
		spikes := src.from(sent)
		for k := range a.count {
			lane := a.lane + k
			arrived[a.axon+k] += int32(spikes[lane/spikeBits] >> (lane % spikeBits) & 1)
		}
	}
	s.replayer.replay(neurons, add)
}

func (s *neuronsPasses) membranes(dst []int32) { copy(dst, s.state.membranes()) }

func (s *neuronsPasses) saturated() int64 { return s.state.saturated() }
