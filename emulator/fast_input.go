package emulator

import (
	"slices"

	"spikec/emulator/kernel"
	"spikec/target/image"
)

// axonBits says where the spikes on the axons of one block of synapses come from. They are handed on as words of bits,
// one bit an axon of the block.
type axonBits struct {
	words   int
	plane   int // of the sources' spikes
	sources []axonSource
	direct  bool // the spikes of the one source, as they are
}

// axonSource sends the spikes in lanes lane..lane+count-1 of a core to axons axon..axon+count-1 of the block.
type axonSource struct {
	core              int
	delay             int // a spike of step t of the source's window, or of its last stage, arrives in step t+delay of the target's
	lane, axon, count int
}

// newAxonBits lists the sources of a block, or returns nil where more than one spike may arrive on one of its axons.
func newAxonBits(e *fast, target int, b image.Block, plane int) *axonBits {
	n := b.Synapses.Axons()
	a := &axonBits{words: (n + spikeBits - 1) / spikeBits, plane: plane}
	taken := make([]bool, n)
	for k := range target {
		from := &e.img.Cores[k]
		for _, r := range from.Routes {
			if r.Core != target {
				continue
			}
			lo, hi := max(r.Axon, b.FirstAxon), min(r.Axon+r.Count, b.FirstAxon+n)
			for axon := lo; axon < hi; axon++ {
				if taken[axon-b.FirstAxon] {
					return nil
				}
				taken[axon-b.FirstAxon] = true
				a.connect(k, e.delay(k, target), e.cores[k].layout.slot(r.First+axon-r.Axon), axon-b.FirstAxon)
			}
		}
	}
	if len(a.sources) == 1 {
		s := a.sources[0]
		a.direct = s.lane == 0 && s.axon == 0 && a.words <= e.cores[s.core].layout.words() && s.count == e.img.Cores[s.core].Neurons
	}
	return a
}

// newSources lists the sources of all axons of a core, on each of which any number of spikes may arrive.
func newSources(e *fast, target int) *axonBits {
	a := &axonBits{}
	for k := range target {
		from := &e.img.Cores[k]
		for _, r := range from.Routes {
			if r.Core != target {
				continue
			}
			for i := range r.Count {
				a.connect(k, e.delay(k, target), e.cores[k].layout.slot(r.First+i), r.Axon+i)
			}
		}
	}
	return a
}

// connect sends a lane to an axon.
func (a *axonBits) connect(core, delay, lane, axon int) {
	if k := len(a.sources) - 1; k >= 0 {
		if s := &a.sources[k]; s.core == core && s.lane+s.count == lane && s.axon+s.count == axon {
			s.count++
			return
		}
	}
	a.sources = append(a.sources, axonSource{core, delay, lane, axon, 1})
}

// axonState holds the bits of a block of steps.
type axonState struct {
	*axonBits
	session *fastSession
	own     []uint64 // room for stepsAtOnce steps; nil if never needed
	counter axonCounter
}

// newState returns the state for one session; synapses are those of each axon.
func (a *axonBits) newState(s *fastSession, synapses []int32) axonState {
	return axonState{axonBits: a, session: s, counter: newAxonCounter(a.words, synapses)}
}

// take returns the words of the bits that arrive in steps t..t+n-1, a step every stride words.
func (a *axonState) take(t, n int) (spikes []uint64, stride int) {
	spikes, stride = a.collect(t, n)
	if !a.direct {
		a.counter.add(spikes, stride, n)
	}
	return spikes, stride
}

// collect returns the words of a direct source, or copies the bits of all sources.
func (a *axonState) collect(t, n int) (spikes []uint64, stride int) {
	steps := a.session.engine.img.Steps
	if a.direct {
		s := a.sources[0]
		if src := a.session.cores[s.core]; t-s.delay >= 0 && t+n-s.delay <= steps {
			return src.plane(t-s.delay, a.plane), src.stride()
		}
	}
	if a.own == nil {
		a.own = make([]uint64, stepsAtOnce*a.words+kernel.SpikeSlack)
	}
	clear(a.own)
	for _, s := range a.sources {
		src := a.session.cores[s.core]
		for k := range n {
			if sent := t + k - s.delay; sent >= 0 && sent < steps {
				copyBits(a.own[k*a.words:], s.axon, src.plane(sent, a.plane), s.lane, s.count)
			}
		}
	}
	return a.own, a.words
}

// copyBits sets bits at..at+n-1 of dst, which are 0, to bits from..from+n-1 of src.
func copyBits(dst []uint64, at int, src []uint64, from, n int) {
	for n > 0 {
		count := min(n, spikeBits-at%spikeBits, spikeBits-from%spikeBits)
		w := src[from/spikeBits] >> (from % spikeBits) & (1<<count - 1)
		dst[at/spikeBits] |= w << (at % spikeBits)
		at, from, n = at+count, from+count, n-count
	}
}

// axonCounter counts synaptic operations: spikes times the synapses of their axons.
type axonCounter struct {
	synapses   []int32
	uniform    int64    // of every axon, or -1 where they differ
	counts     []uint64 // axon → spikes so far, four lanes a word
	steps      int      // since the counts were last taken
	operations int64
}

// mostCounted is how many steps 16 bits can count.
const mostCounted = 1<<16 - 1

// newAxonCounter counts for axons of so many words of bits.
func newAxonCounter(words int, synapses []int32) axonCounter {
	c := axonCounter{synapses: synapses, uniform: int64(synapses[0])}
	if slices.ContainsFunc(synapses, func(n int32) bool { return n != synapses[0] }) {
		c.uniform, c.counts = -1, make([]uint64, words*kernel.Block16)
	}
	return c
}

// add counts n steps, at most mostCounted.
func (c *axonCounter) add(spikes []uint64, stride, n int) {
	words := (len(c.synapses) + spikeBits - 1) / spikeBits
	if c.uniform >= 0 {
		for t := range n {
			c.operations += c.uniform * int64(kernel.Ones(spikes[t*stride:][:words]))
		}
		return
	}
	if c.steps += n; c.steps > mostCounted {
		c.settle()
		c.steps = n
	}
	kernel.Count(c.counts, spikes, stride, n)
}

// settle turns the counts into operations.
func (c *axonCounter) settle() {
	for i := 0; i < len(c.synapses); i += laneUnit {
		w := c.counts[i/laneUnit]
		if w == 0 {
			continue
		}
		c.counts[i/laneUnit] = 0
		for _, s := range c.synapses[i:min(i+laneUnit, len(c.synapses))] {
			c.operations += int64(uint16(w)) * int64(s)
			w >>= 16
		}
	}
}

// total returns the operations since the last call.
func (c *axonCounter) total() int64 {
	if c.counts != nil {
		c.settle()
	}
	n := c.operations
	c.operations, c.steps = 0, 0
	return n
}

// operations returns the synaptic operations of steps from..to-1, the last ones that were taken. The spikes of a direct
// source are counted here, all steps at once, or where every spike is as many operations and all steps are asked for not
// at all: their number is known. They must still be held.
func (a *axonState) operations(from, to int) int64 {
	if !a.direct {
		return a.counter.total()
	}
	s, steps := a.sources[0], a.session.engine.img.Steps
	src := a.session.cores[s.core]
	if s.delay == 0 && a.counter.uniform >= 0 && to-from == steps && src.planes == 1 {
		return a.counter.uniform * a.session.result.Counters.Spikes[s.core]
	}
	last := min(steps, to-s.delay)
	for t := max(0, from-s.delay); t < last; t += mostCounted {
		a.counter.add(src.plane(t, a.plane), src.stride(), min(mostCounted, last-t))
	}
	return a.counter.total()
}
