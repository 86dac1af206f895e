package emulator

import (
	"errors"
	"math"

	"spikec/emulator/kernel"
)

// memory is what a core's synapses are compiled to: groups of axons that reach the same neurons by the same weights,
// and bundles of groups that reach the same neurons by different weights. A group counts the spikes of its axons, and
// its weights are added to the accumulators as often; sums are exact, so the order is free. Weights and accumulators
// are words of lanes (package kernel).
type memory struct {
	lanes   int
	weights []uint64
	runs    []run
	bundles []bundle
	groups  []group // bundle by bundle, each bundle filled up to a multiple of groupsAtOnce
	// Axon a belongs to the groups axonGroup[axonStart[a]:axonStart[a+1]]: none, one, or with overlapping pooling
	// windows several.
	axonStart, axonGroup []int32
}

// run is a stretch of accumulators that lies side by side with the weights that are added to it.
type run struct {
	acc, words int32 // accumulators acc..acc+words-1
	weight     int32 // weights from here on, counted from the group's base
}

// bundle is a set of groups that reach the same accumulators.
type bundle struct {
	run, runs     int32
	group, groups int32
}

// group is a set of axons with the same synapses.
type group struct {
	base     int32 // where its weights begin
	synapses int32 // stored synapses of each of its axons that are not zero
}

// groupsAtOnce is how many counts are looked at together.
const groupsAtOnce = 4

// maxCount is the largest number of spikes that a group may receive in one step.
const maxCount = math.MaxUint16

// maxWords bounds the weights and runs of one core's memory.
const maxWords = math.MaxInt32

// addCounts adds, for every group, its weights times its count to the accumulators, sets the counts to zero, and
// returns the number of synaptic operations.
func (m *memory) addCounts(acc []uint64, counts []uint16, s *rowLists) (operations int64) {
	for i := range m.bundles {
		b := &m.bundles[i]
		ops, any := s.collect(m.groups[b.group:b.group+b.groups], counts[b.group:b.group+b.groups])
		if !any {
			continue
		}
		operations += ops
		for _, r := range m.runs[b.run : b.run+b.runs] {
			a, w := acc[r.acc:r.acc+r.words], m.weights[r.weight:]
			if len(s.once) > 0 {
				kernel.AddRows(a, w, s.once)
			}
			if len(s.often) > 0 {
				kernel.AddRowsScaled(a, w, s.often, s.times)
			}
		}
	}
	return operations
}

// rowLists are the rows of one bundle that are to be added.
type rowLists struct {
	once  []int32 // bases of the groups that count 1
	often []int32 // bases of the groups that count more
	times []uint64
}

// newRowLists returns lists that are long enough for every bundle of the memory.
func newRowLists(m *memory) *rowLists {
	n := int32(0)
	for _, b := range m.bundles {
		n = max(n, b.groups)
	}
	return &rowLists{make([]int32, 0, n), make([]int32, 0, n), make([]uint64, 0, n)}
}

// collect lists the groups with a count, sets the counts to zero, and returns the number of synaptic operations that
// the counts stand for. The number of groups is a multiple of groupsAtOnce.
func (s *rowLists) collect(groups []group, counts []uint16) (operations int64, any bool) {
	s.once, s.often, s.times = s.once[:0], s.often[:0], s.times[:0]
	for len(counts) >= groupsAtOnce && len(groups) >= groupsAtOnce {
		c, g := (*[groupsAtOnce]uint16)(counts), (*[groupsAtOnce]group)(groups)
		counts, groups = counts[groupsAtOnce:], groups[groupsAtOnce:]
		if uint64(c[0])|uint64(c[1])<<16|uint64(c[2])<<32|uint64(c[3])<<48 == 0 {
			continue
		}
		for k, n := range c {
			switch {
			case n == 0:
				continue
			case n == 1:
				s.once = append(s.once, g[k].base)
			default:
				s.often, s.times = append(s.often, g[k].base), append(s.times, uint64(n))
			}
			operations += int64(n) * int64(g[k].synapses)
		}
		*c = [groupsAtOnce]uint16{}
	}
	return operations, len(s.once)+len(s.often) > 0
}

// reach returns how many accumulators the axon's groups touch, with repetition.
func (m *memory) reach(axon int) int {
	n := 0
	for _, g := range m.axonGroups(axon) {
		for _, r := range m.bundleRuns(g) {
			n += int(r.words)
		}
	}
	return n
}

// axonGroups returns the groups of an axon.
func (m *memory) axonGroups(axon int) []int32 {
	return m.axonGroup[m.axonStart[axon]:m.axonStart[axon+1]]
}

// bundleRuns returns the runs of the bundle that a group belongs to.
func (m *memory) bundleRuns(g int32) []run {
	lo, hi := 0, len(m.bundles)
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; m.bundles[mid].group <= g {
			lo = mid
		} else {
			hi = mid
		}
	}
	b := m.bundles[lo]
	return m.runs[b.run : b.run+b.runs]
}

// memoryBuilder collects a memory in the order in which its parts are found.
type memoryBuilder struct {
	layout  layout
	weights []uint64
	runs    []run
	bundles []draft
	links   []link
	axons   int
}

// draft is a bundle under construction.
type draft struct {
	run, runs int32
	groups    []group
}

// link puts an axon into a group of a bundle.
type link struct{ axon, bundle, group int32 }

// addBundle adds a bundle of the given runs.
func (b *memoryBuilder) addBundle(runs []run) int32 {
	b.bundles = append(b.bundles, draft{run: int32(len(b.runs)), runs: int32(len(runs))})
	b.runs = append(b.runs, runs...)
	return int32(len(b.bundles) - 1)
}

// addGroup adds a group to a bundle and returns its number there.
func (b *memoryBuilder) addGroup(bundle int32, g group) int32 {
	d := &b.bundles[bundle]
	d.groups = append(d.groups, g)
	return int32(len(d.groups) - 1)
}

// connect puts an axon of the core into a group of a bundle.
func (b *memoryBuilder) connect(axon int, bundle, group int32) {
	b.links = append(b.links, link{int32(axon), bundle, group})
}

// reserve appends zero weights and returns where they begin.
func (b *memoryBuilder) reserve(words int) (int32, error) {
	at := len(b.weights)
	if words > maxWords-at {
		return 0, errors.New("the synapses need more than 2^31 words")
	}
	b.weights = append(b.weights, make([]uint64, words)...)
	return int32(at), nil
}

// finish numbers the groups bundle by bundle and sorts the links by axon.
func (b *memoryBuilder) finish() *memory {
	m := &memory{lanes: b.layout.lanes, weights: b.weights, runs: b.runs}
	for _, d := range b.bundles {
		first := int32(len(m.groups))
		m.groups = append(m.groups, d.groups...)
		for len(m.groups)%groupsAtOnce != 0 {
			m.groups = append(m.groups, group{})
		}
		m.bundles = append(m.bundles, bundle{d.run, d.runs, first, int32(len(m.groups)) - first})
	}
	m.axonStart = make([]int32, b.axons+1)
	for _, l := range b.links {
		m.axonStart[l.axon+1]++
	}
	for a := range b.axons {
		m.axonStart[a+1] += m.axonStart[a]
	}
	next := append([]int32(nil), m.axonStart...)
	m.axonGroup = make([]int32, len(b.links))
	for _, l := range b.links {
		m.axonGroup[next[l.axon]] = m.bundles[l.bundle].group + l.group
		next[l.axon]++
	}
	return m
}
