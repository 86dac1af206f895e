package emulator

import (
	"errors"
	"math"
)

// memory is what a core's synapses are compiled to. Axons that reach the same neurons by the same weights make a group,
// which counts the spikes of its axons. Groups that reach the same neurons by different weights make a bundle. Bundles
// that reach the same stretch of neurons, among others, meet in a target: there the weights of all groups are added to
// the accumulators, each as often as its group counted. Sums are exact, so the order is free. Weights and accumulators
// are words of lanes (package kernel).
type memory struct {
	lanes   int
	weights []uint64
	bundles []bundle
	groups  []group // bundle by bundle, each bundle filled up to a multiple of groupsAtOnce
	runs    []run
	places  []place // chain by chain (fast_targets.go)
	targets []target
	// Axon a belongs to the groups axonGroup[axonStart[a]:axonStart[a+1]]: none, one, or with overlapping pooling
	// windows several.
	axonStart, axonGroup []int32
	planes               int // binary digits of the largest count, or 0 if kernel.AddRows takes fewer
}

// run is a stretch of accumulators that lies side by side with the weights that are added to it.
type run struct {
	acc, words int32 // accumulators acc..acc+words-1
	weight     int32 // weights from here on, counted from the group's base
}

// bundle is a set of groups with the same runs.
type bundle struct {
	run, runs     int32
	group, groups int32
	block         int32 // of the core's synapses
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
	lanes   int // of a word
	weights []uint64
	runs    []run
	bundles []draft
	links   []link
	axons   int
	block   int32 // that is being compiled
}

// draft is a bundle under construction.
type draft struct {
	run, runs int32
	block     int32
	groups    []group
}

// link puts an axon into a group of a bundle.
type link struct{ axon, bundle, group int32 }

// addBundle adds a bundle of the given runs.
func (b *memoryBuilder) addBundle(runs []run) int32 {
	b.bundles = append(b.bundles, draft{run: int32(len(b.runs)), runs: int32(len(runs)), block: b.block})
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
	m := &memory{lanes: b.lanes, weights: b.weights, runs: b.runs}
	for _, d := range b.bundles {
		first := int32(len(m.groups))
		m.groups = append(m.groups, d.groups...)
		for len(m.groups)%groupsAtOnce != 0 {
			m.groups = append(m.groups, group{})
		}
		m.bundles = append(m.bundles, bundle{d.run, d.runs, first, int32(len(m.groups)) - first, d.block})
	}
	m.meet()
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

// size returns how many groups have synapses.
func (m *memory) size() int {
	n := 0
	for _, g := range m.groups {
		if g.synapses > 0 {
			n++
		}
	}
	return n
}
