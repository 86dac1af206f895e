package emulator

import (
	"fmt"
	"slices"
	"sync"

	"spikec/emulator/kernel"
	"spikec/target/image"
)

// planPasses is for neurons of every kind that passes compute (fast_passes.go).
type planPasses struct {
	passes  *passes
	core    *image.Core
	layout  *layout
	slots   []int32 // neuron → lane
	wide    bool    // sums are numbers of 32 bits, not lanes of 16
	planes  int     // of spikes
	run     int     // lanes that lie side by side, from a multiple of it on in the population; 0: all do
	because error   // why the simple rule does not do
	// For neurons to be added up weight by weight:
	positive []method                     // sums of the positive weights alone
	axons    *axonBits                    // where the spikes come from
	lists    func() (*refCore, *incoming) // the synapses; made when they are first needed
}

// newPlanPasses lays out neurons for passes.
func newPlanPasses(m *passes, e *fast, core int, because error) *planPasses {
	c := e.cores[core]
	p := &planPasses{passes: m, core: c.Core, layout: &c.layout, slots: c.slots, wide: c.wide, planes: e.planes, because: because}
	if c.layout.padded != c.layout.channels {
		p.run = c.layout.channels
	}
	if m.each != nil {
		p.axons = newSources(e, core)
		room := maxSynapses / 2 / len(e.img.Cores)
		p.lists = sync.OnceValues(func() (*refCore, *incoming) {
			r := newRefCore(c.Core, &room)
			return r, newIncoming(r)
		})
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

// unit: any stretch, or all lanes where neurons may have to be added up weight by weight, so that what arrives in a step is
// gone through once.
func (p *planPasses) unit() int {
	if p.passes.each != nil {
		return p.layout.words()
	}
	return 1
}

// newNeurons returns the state of one session.
func (p *planPasses) newNeurons(s *fastSession) neurons {
	st := &neuronsPasses{planPasses: p, session: s, state: p.passes.newState()}
	if p.wide {
		st.zeros.wide = make([]int32, p.layout.slots+sumSlack)
	} else {
		st.zeros.narrow, st.row = aligned((p.layout.slots+sumSlack)/laneUnit), make([]int32, p.layout.slots)
	}
	if !p.layout.isDense() {
		st.sum, st.bits, st.minus = make([]int32, p.layout.slots), make([]uint64, p.layout.words()), make([]uint64, p.layout.words())
	}
	if p.passes.each != nil {
		st.again, st.positives = st.replay, s.newMethods(p.positive)
		st.more = newSums(p.layout.words(), p.wide)
		st.second = make([]int32, p.layout.slots)
		st.more.to, st.more.steps = p.layout.words(), 1
	}
	return st
}

// neuronsPasses is the state of planPasses.
type neuronsPasses struct {
	*planPasses
	session  *fastSession
	state    *passState
	zeros    sums     // for sums to start with
	row      []int32  // sums of a step, widened
	sum      []int32  // of a stretch, in the order of neurons, where that is not the order of lanes
	bits     []uint64 // the spikes, in the same order
	minus    []uint64 // those of −1
	again    replay   // the method replay
	replayer *replayer
	t        int // the step at work

	positives []methodState
	more      *sums   // of positive weights
	second    []int32 // the same, widened
}

func (s *neuronsPasses) start(drives map[string][]int32) { s.state.start(drives) }

func (s *neuronsPasses) begin(x *sums) {
	x.initWide, x.initNarrow, x.initStride = s.zeros.wide, s.zeros.narrow, 0
}

func (s *neuronsPasses) step(x *sums, spikes []uint64, stride int) {
	lo, hi := s.neurons(x.from, x.to)
	for t := range x.steps {
		s.t = x.t + t
		s.advance(lo, hi, x.from, x.to, s.widened(x, t), spikes[t*stride:])
	}
}

// widened returns the sums of step t of the block as numbers of 32 bits.
func (s *neuronsPasses) widened(x *sums, t int) []int32 {
	if x.wide != nil {
		return x.wide[t*x.stride:]
	}
	row := s.row[:(x.to-x.from)*spikeBits]
	kernel.Widen(row, x.narrow[t*x.stride/laneUnit:])
	return row
}

func (s *neuronsPasses) constant(spikes []uint64, stride, steps int) {
	const stretch = passBlock / spikeBits
	for from := 0; from < s.layout.words(); from += stretch {
		to := min(from+stretch, s.layout.words())
		lo, hi := s.neurons(from, to)
		for t := range steps {
			s.advance(lo, hi, from, to, nil, spikes[t*stride+from:])
		}
	}
}

// neurons returns which neurons lie in words from..to-1 of spikes: lo..hi-1.
func (p *planPasses) neurons(from, to int) (lo, hi int) {
	lo, _ = slices.BinarySearch(p.slots, int32(from*spikeBits))
	hi, _ = slices.BinarySearch(p.slots, int32(to*spikeBits))
	return lo, hi
}

// enter begins the second stage of a window.
func (s *neuronsPasses) enter() { s.state.fires = true }

// advance takes neurons lo..hi-1, which are all those of a stretch of words from..to-1, through a step. Spikes are those from
// the stretch on; those of −1 lie behind all words of the others.
func (s *neuronsPasses) advance(lo, hi, from, to int, sum []int32, spikes []uint64) {
	var negative []uint64
	if s.planes > 1 {
		negative = spikes[s.layout.words():][:to-from]
	}
	spikes = spikes[:to-from]
	if s.sum == nil {
		s.state.step(lo, hi, sum, spikes, negative, s.again)
		return
	}
	if sum != nil {
		s.eachRun(lo, hi, func(n, lane, count int) { copy(s.sum[n-lo:][:count], sum[lane-from*spikeBits:]) })
		sum = s.sum
	}
	s.state.step(lo, hi, sum, s.bits, s.minus, s.again)
	s.spread(lo, hi, from, spikes, s.bits)
	s.spread(lo, hi, from, negative, s.minus)
}

// spread brings spikes of neurons lo..hi-1 to the lanes of a stretch, unless it is of nothing.
func (s *neuronsPasses) spread(lo, hi, from int, stretch, spikes []uint64) {
	if stretch == nil {
		return
	}
	clear(stretch)
	s.eachRun(lo, hi, func(n, lane, count int) { copyBits(stretch, lane-from*spikeBits, spikes, n-lo, count) })
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

// replay goes through what arrives in the step at work, unless the sums of the positive weights show for all neurons that
// it makes no difference.
func (s *neuronsPasses) replay(neurons []int32, add func(neuron int, weight int32)) {
	if neurons = s.settle(neurons); len(neurons) == 0 {
		return
	}
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

// settle adds the sums to those of the neurons that stay within their limits in any order of the weights that do arrive,
// and returns the others.
func (s *neuronsPasses) settle(neurons []int32) []int32 {
	x := s.more
	x.t = s.t
	s.begin(x)
	for _, m := range s.positives {
		m.take(s.t, 1)
		m.add(x)
	}
	positive, rest := s.more.wide, neurons[:0]
	if positive == nil {
		positive = s.second
		kernel.Widen(positive, x.narrow)
	}
	for _, n := range neurons {
		if !s.state.addWithin(int(n), positive[s.slots[n]]) {
			rest = append(rest, n)
		}
	}
	return rest
}

func (s *neuronsPasses) membranes(dst []int32) { copy(dst, s.state.membranes()) }

func (s *neuronsPasses) saturated() int64 { return s.state.saturated() }
