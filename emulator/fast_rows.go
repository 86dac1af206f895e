package emulator

import (
	"fmt"
	"slices"

	"spikec/emulator/kernel"
	"spikec/target/image"
)

// rows is the method for synapses of every kind: what arrives is counted by groups of equal synapses, and the weights of
// the groups are added as often (fast_memory.go), all lanes of the core at once.
type rows struct {
	memory *memory
	feeds  []*feed
	direct bool
	words  int // of spikes of the core
}

// newRows compiles blocks of synapses; times says how many spikes may arrive on each axon in a step.
func newRows(e *fast, c *fastCore, i int, blocks []image.Block, plane int, times func(axon int) int64) (*rows, error) {
	sum, err := bounds(blocks, c.Neurons, times)
	if err != nil {
		return nil, err
	}
	m := &rows{words: c.layout.words()}
	lanes := c.layout.lanesIn(c.Neurons, lanesFor(sum))
	if m.memory, err = compileSynapses(blocks, c.layout, lanes, c.First, c.Neurons, c.Axons()); err != nil {
		return nil, err
	}
	if err := m.memory.countUpTo(times); err != nil {
		return nil, err
	}
	m.direct = m.memory.isDirect()
	for k := range i {
		if slices.ContainsFunc(e.img.Cores[k].Routes, func(r image.Route) bool { return r.Core == i }) {
			m.feeds = append(m.feeds, newFeed(e, k, i, plane, m.memory, m.direct))
		}
	}
	return m, nil
}

// String names the method.
func (m *rows) String() string {
	how := "counted and added by rows"
	if m.direct {
		how = "added word by word, for they reach few neurons"
	}
	return fmt.Sprintf("spikes on %d axons in %d groups of equal synapses, %s of %d lanes a word", len(m.memory.axonStart)-1, m.memory.size(), how, m.memory.lanes)
}

// unit: all lanes at once.
func (m *rows) unit() int { return m.words }

// newState returns the state of one session.
func (m *rows) newState(s *fastSession, _ *eventLists) methodState {
	st := &rowsState{rows: m, session: s, acc: aligned(m.words * spikeBits / m.memory.lanes)}
	for i := range st.acc {
		st.acc[i] = kernel.Offset(m.memory.lanes)
	}
	if !m.direct {
		st.counts, st.lists = make([]uint16, len(m.memory.groups)), newRowLists(m.memory)
	}
	return st
}

// rowsState is the method at work.
type rowsState struct {
	*rows
	session *fastSession
	acc     []uint64
	counts  []uint16
	lists   *rowLists
	t, n    int
	done    int64 // operations
}

// take notes the steps.
func (m *rowsState) take(t, n int) { m.t, m.n = t, n }

// add adds what arrives step by step.
func (m *rowsState) add(x *sums) {
	x.fill()
	for k := range m.n {
		if m.arrive(m.t + k) {
			m.hand(x, k)
		}
	}
}

// arrive adds the weights of the spikes of a step to the accumulators; it reports whether there were any.
func (m *rowsState) arrive(t int) bool {
	steps, before := m.session.engine.img.Steps, m.done
	for _, f := range m.feeds {
		sent := t - f.delay
		if sent < 0 || sent >= steps {
			continue
		}
		src := m.session.cores[f.source]
		spikes := src.plane(sent, f.plane)[:src.words]
		if f.direct != nil {
			m.done += f.addDirect(spikes, m.acc)
		} else {
			f.count(spikes, m.counts)
		}
	}
	if m.counts != nil {
		m.done += m.memory.addCounts(m.acc, m.counts, m.lists)
	}
	return m.done != before
}

// hand adds the accumulators to the sums of a step and starts them anew.
func (m *rowsState) hand(x *sums, step int) {
	lanes := m.memory.lanes
	start := kernel.Offset(lanes)
	if lanes == laneUnit && x.wide == nil {
		kernel.AddWords(x.narrow[step*x.stride/laneUnit:], m.acc)
		return
	}
	for i, w := range m.acc {
		if w == start {
			continue
		}
		m.acc[i] = start
		for k := range lanes {
			x.lane(step, i*lanes+k, int32(kernel.Signed(w, lanes, k)))
		}
	}
}

// operations returns the synaptic operations.
func (m *rowsState) operations(int, int) int64 {
	n := m.done
	m.done = 0
	return n
}
