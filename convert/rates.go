package convert

import (
	"slices"

	"spikec/internal/parallel"
	"spikec/models/ann"
	"spikec/models/snn"
)

// meter simulates a network in which the first layers are lowered already, and gives the student's rectifiers the rates
// that it measures: λ·N/T, N being the spikes of T steps. It is not safe for concurrent use.
type meter struct {
	net        *snn.Network
	population map[int]int // by node
	read       []bool      // by node: regressions read its value
	trains     *trains
	loop       *snn.Loop[float32]
	hwc        []float32
	counts     []int32
	counter    func(hwc []int32, picture int) ([][]int32, error) // in place of loop; nil: loop
	codes      []int32                                           // for it
}

// meters are a meter a goroutine; nil where nothing is measured.
type meters []*meter

// newMeters returns meters of the network that b has built so far; kept holds what earlier meters of b simulated.
func newMeters(b *builder, kept *trains, jobs int) (meters, error) {
	if len(b.net.Populations) < 2 {
		return nil, nil // the input alone has no rates
	}
	all, read := make(meters, parallel.Jobs(jobs)), inputsOfLayers(b.s.Graph, b.s.studentLayers())
	if counters := b.s.Options.Counters; counters != nil {
		counter, err := counters(b.net)
		if err != nil {
			return nil, err
		}
		for i := range all {
			if counter == nil {
				break
			}
			size := b.net.Populations[0].Size()
			all[i] = &meter{net: b.net, population: b.population, read: read, counter: counter(), hwc: make([]float32, size), codes: make([]int32, size)}
		}
		if counter != nil {
			return all, nil
		}
	}
	sim, err := snn.NewSimulator(b.net, b.net.Steps)
	if err != nil {
		return nil, err
	}
	kept.advance(b)
	for i := range all {
		all[i] = &meter{net: b.net, population: b.population, read: read, trains: kept, loop: sim.NewLoop(), hwc: make([]float32, b.net.Populations[0].Size())}
		all[i].loop.Watch()
	}
	return all, nil
}

// of returns the meter of goroutine k.
func (m meters) of(k int) *meter {
	if m == nil {
		return nil
	}
	return m[k]
}

// run presents image i and computes those of the student's nodes first to last that are read: populations by their rates.
func (m *meter) run(student *ann.Executor, i int, codes []float32, first, last int) error {
	snn.ToHWC(m.hwc, codes, m.net.Populations[0].Shape)
	counts, err := m.simulate(i)
	if err != nil {
		return err
	}
	for node := first; node <= last; node++ {
		p, ok := m.population[node]
		switch {
		case ok && p > 0:
			snn.Rates(student.Value(node), counts(p), &m.net.Populations[p], m.net.Steps)
		case node > 0 && m.read[node]:
			student.Continue(node, node)
		}
	}
	return nil
}

// simulate presents image i, whose codes are in hwc, and returns what has the spikes of each population.
func (m *meter) simulate(i int) (func(p int) []int32, error) {
	if m.counter != nil {
		for k, c := range m.hwc {
			m.codes[k] = int32(c)
		}
		counts, err := m.counter(m.codes, i)
		return func(p int) []int32 { return counts[p] }, err
	}
	known := m.trains.restore(i, m.loop)
	if _, err := m.loop.Resume(known+1, m.hwc, i, nil); err != nil {
		return nil, err
	}
	m.trains.save(i, m.loop)
	return func(p int) []int32 {
		m.counts = append(m.counts[:0], make([]int32, m.net.Populations[p].Size())...)
		m.loop.Counts(p, m.counts)
		return m.counts
	}, nil
}

// inputsOfLayers marks the nodes that layers get their inputs from, and those between these and the rectifiers: all whose values
// count where rectifiers have rates.
func inputsOfLayers(g *ann.Graph, layers []layer) []bool {
	read, rectified := make([]bool, len(g.Nodes)), make([]bool, len(g.Nodes))
	for _, l := range layers {
		rectified[l.node] = true
		for _, t := range l.terms {
			if t.weighted >= 0 {
				read[g.Nodes[t.weighted].Inputs[0]] = true
			} else {
				read[t.value] = true
			}
		}
	}
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		if read[i] && !rectified[i] {
			for _, in := range g.Nodes[i].Inputs {
				read[in] = true
			}
		}
	}
	return read
}

// trains are the spikes that populations sent on the calibration images, as far as later layers read them: a layer is then
// simulated without all layers before it. Bits, T steps a neuron.
type trains struct {
	known    int          // the populations up to this one were simulated
	last     int          // of the network that is simulated now
	needed   []bool       // by population: a layer that is still to come reads it
	images   [][][]uint64 // by image and population
	limit    int          // 64-bit words
	overflow bool         // those of the network that is simulated now would be more: none is kept
}

// trainWords is the limit of trains: 512 MiB.
const trainWords = 64 << 20

// newTrains returns trains of n images; nothing is known yet.
func newTrains(n int) *trains { return &trains{images: make([][][]uint64, n), limit: trainWords} }

// advance makes ready for the network that b has built: what the networks before it simulated is known, and what no layer
// reads that is still to be simulated is dropped. Where the rest is too large nothing is known, and this network is
// simulated as a whole; of the next one, whose layers to come read other populations, it may not be.
func (t *trains) advance(b *builder) {
	t.known, t.last = max(0, len(t.images[0])-1), len(b.net.Populations)-1
	t.needed = make([]bool, t.last+1)
	words := 0
	for _, l := range b.s.studentLayers() {
		target, lowered := b.population[l.node]
		if lowered && target <= t.known {
			continue
		}
		for _, x := range l.terms {
			// What this network simulates and reads need not be kept for that.
			if p, ok := b.population[x.source]; ok && p > 0 && !t.needed[p] && !(lowered && p > t.known) {
				t.needed[p] = true
				words += b.net.Steps * b.net.Firing.Planes() * snn.Words(b.net.Populations[p].Size())
			}
		}
	}
	if t.overflow = words*len(t.images) > t.limit; t.overflow {
		t.known = 0
		clear(t.images)
	}
	for i := range t.images {
		for p := range t.images[i] {
			if !t.needed[p] {
				t.images[i][p] = nil
			}
		}
	}
}

// restore makes the loop hold what the known populations sent on image i, and returns the last one of them.
func (t *trains) restore(i int, l *snn.Loop[float32]) int {
	for p, spikes := range t.images[i] {
		if spikes != nil {
			copy(l.Spikes(p), spikes)
		}
	}
	return t.known
}

// save keeps what the populations sent that were not known.
func (t *trains) save(i int, l *snn.Loop[float32]) {
	if t.overflow {
		return
	}
	t.images[i] = append(t.images[i], make([][]uint64, t.last+1-len(t.images[i]))...)
	for p := t.known + 1; p <= t.last; p++ {
		if t.needed[p] {
			t.images[i][p] = slices.Clone(l.Spikes(p))
		}
	}
}
