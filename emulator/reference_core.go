package emulator

import (
	"fmt"
	"maps"
	"slices"

	"spikec/quantize/fixedpoint"
	"spikec/target/image"
)

// maxSynapses is how many synapses the reference engine keeps as lists, over all cores; a core for which no room is left
// has each axon's list made anew for every spike.
const maxSynapses = 1 << 26 // 512 MiB

// refSynapse is one synapse of an axon: the neuron of the core that it reaches, and the weight.
type refSynapse struct{ neuron, weight int32 }

// refCore is what the reference engine knows of a core.
type refCore struct {
	*image.Core
	axons    int
	shows    string                // the variable that counts as the membrane; "" is v
	memories map[string]*refMemory // by the names of their blocks; "" is that of blocks without one
}

// refMemory is one synapse memory of a core: its blocks.
type refMemory struct {
	blocks []image.Block
	first  int            // its first axon
	axons  int            // of the core, up to the last one that it has
	lists  [][]refSynapse // axon of the core → its non-zero synapses; nil where there was no room for them
}

// newRefCore lists the core's synapses, up to room of them, which it takes off room.
func newRefCore(c *image.Core, room *int) *refCore {
	r := &refCore{Core: c, axons: c.Axons(), memories: map[string]*refMemory{"": {}}}
	for _, b := range c.Synapses {
		m := r.memories[b.Name]
		if m == nil {
			m = &refMemory{}
			r.memories[b.Name] = m
		}
		if len(m.blocks) == 0 || b.FirstAxon < m.first {
			m.first = b.FirstAxon
		}
		m.blocks, m.axons = append(m.blocks, b), max(m.axons, b.FirstAxon+b.Synapses.Axons())
	}
	for _, name := range slices.Sorted(maps.Keys(r.memories)) {
		r.memories[name].makeLists(room)
	}
	return r
}

// makeLists lists the memory's synapses if there is room for all of them.
func (m *refMemory) makeLists(room *int) {
	lists := make([][]refSynapse, m.axons)
	left := *room
	for a := range lists {
		lists[a] = m.list(a, nil)
		if left -= len(lists[a]); left < 0 {
			return
		}
	}
	m.lists, *room = lists, left
}

// list appends the non-zero synapses of an axon to dst, block by block.
func (m *refMemory) list(axon int, dst []refSynapse) []refSynapse {
	for _, b := range m.blocks {
		if a := axon - b.FirstAxon; a >= 0 && a < b.Synapses.Axons() {
			b.Synapses.Each(a, func(n int, w int32) {
				if w != 0 {
					dst = append(dst, refSynapse{int32(n), w})
				}
			})
		}
	}
	return dst
}

// synapsesOf returns the non-zero synapses that an axon has in a memory, none where the core has no such memory; the slice
// is valid until the next call with the same state.
func (r *refCore) synapsesOf(memory string, axon int, s *coreState) []refSynapse {
	m := r.memories[memory]
	switch {
	case m == nil || axon >= m.axons:
		return nil
	case m.lists != nil:
		return m.lists[axon]
	}
	s.scratch = m.list(axon, s.scratch[:0])
	return s.scratch
}

// coreState is the state of one core in one session.
type coreState struct {
	core    *refCore
	program *program
	neurons int
	stride  int
	rows    []int64 // neuron × stride: a neuron's variables, then its registers
	rest    []int64 // the rows at the start of a picture, without drives
	shown   int     // the variable that counts as the membrane
	first   int     // the neurons that are stepped are first..end-1
	end     int
	fired   []bool   // the flag that fire sets and reset reads
	lowered []bool   // the flag that lower_fire sets and lower_reset reads
	spikes  []int8   // what emit sent: 1, −1 or 0
	queued  []bool   // whether emit sent a spike to the chip's queue
	arrived arrivals // in this step
	reached []bool   // neurons that integrate added a weight to; for its use
	touched []int    // the same neurons, where it combines memories
	sums    []int64  // neuron → the sum that it combines
	pending []arrivals
	stage   int // of the window
	scratch []refSynapse
	observe func(operation int) // called behind each operation of a step, if it is not nil
	source  *spikeHost          // of a core that is the host, which takes the place of the program

	operations  int64
	saturations int64
	lowerResets int64
	fault       error // the first step that left the numbers that can be emulated
}

// arrivals counts the spikes that arrive on each axon of a core in one step, by their signs.
type arrivals struct{ positive, negative []int32 }

// newArrivals returns room for so many axons.
func newArrivals(axons int) arrivals {
	return arrivals{make([]int32, axons), make([]int32, axons)}
}

// clear forgets all spikes.
func (a arrivals) clear() {
	clear(a.positive)
	clear(a.negative)
}

// merge makes one spike of several of one sign on an axon.
func (a arrivals) merge() {
	for axon := range a.positive {
		a.positive[axon], a.negative[axon] = min(a.positive[axon], 1), min(a.negative[axon], 1)
	}
}

// newCoreState returns the state of a core on whose axons spikes arrive up to travel steps after they were sent.
func newCoreState(r *refCore, p *program, travel int) *coreState {
	s := &coreState{core: r, program: p, neurons: r.Neurons, end: r.Neurons, stride: p.stride(), shown: p.slots["v"]}
	if r.shows != "" {
		s.shown = p.slots[r.shows]
	}
	s.rows = make([]int64, s.neurons*s.stride)
	s.rest = make([]int64, s.neurons*s.stride)
	s.fired, s.lowered, s.spikes = make([]bool, s.neurons), make([]bool, s.neurons), make([]int8, s.neurons)
	s.reached, s.queued, s.sums = make([]bool, s.neurons), make([]bool, s.neurons), make([]int64, s.neurons)
	for range travel + 1 {
		s.pending = append(s.pending, newArrivals(r.axons))
	}
	for n := range s.neurons {
		row := s.rest[n*s.stride : (n+1)*s.stride]
		row[s.shown] = int64(r.Channel(r.InitialV, n))
		for i, name := range p.registers {
			row[p.variables+i] = int64(r.Channel(r.Registers[name], n))
		}
	}
	return s
}

// start sets the core to the start of a picture.
func (s *coreState) start() {
	copy(s.rows, s.rest)
	clear(s.fired)
	clear(s.lowered)
	clear(s.spikes)
	for _, p := range s.pending {
		p.clear()
	}
	s.operations, s.saturations, s.lowerResets, s.fault = 0, 0, 0, nil
}

// row returns a neuron's variables and registers.
func (s *coreState) row(n int) []int64 { return s.rows[n*s.stride : (n+1)*s.stride] }

// step runs the program once for every neuron, in a stage of the window.
func (s *coreState) step(stage int, arrived arrivals) {
	s.stage = stage
	s.run(s.program.ops, arrived)
}

// run does operations for the neurons that are stepped.
func (s *coreState) run(ops []operation, arrived arrivals) {
	s.arrived = arrived
	if s.program.profile.Execution.Merge {
		arrived.merge()
	}
	clear(s.spikes)
	clear(s.queued)
	for n := s.first; n < s.end; n++ {
		row := s.row(n)
		for i, keep := range s.program.persistent {
			if !keep {
				row[i] = 0
			}
		}
	}
	for i, op := range ops {
		op(s)
		if s.observe != nil {
			s.observe(i)
		}
	}
}

// touch notes a neuron that integrate combines weights for.
func (s *coreState) touch(n int) {
	if !s.reached[n] {
		s.reached[n], s.touched = true, append(s.touched, n)
	}
}

// values returns a variable of all neurons, or false where the program has none of that name.
func (s *coreState) values(name string) ([]int64, bool) {
	slot, ok := s.program.slots[name]
	if !ok || slot >= s.program.variables {
		return nil, false
	}
	values := make([]int64, s.neurons)
	for n := range values {
		values[n] = s.row(n)[slot]
	}
	return values, true
}

// store writes x to a variable of neuron n through an arithmetic, and counts where that changes x.
func (s *coreState) store(n, variable int, x int64, arith fixedpoint.Arith) {
	y := arith.Apply(x)
	if y != x {
		s.saturations++
	}
	s.set(n, variable, y)
}

// set writes x to a variable of neuron n.
func (s *coreState) set(n, variable int, x int64) {
	if x < -magnitude || x > magnitude {
		s.fail(n, "a variable of the value %d", x)
		return
	}
	s.row(n)[variable] = x
}

// fail records that neuron n did something that is not emulated.
func (s *coreState) fail(n int, format string, args ...any) {
	if s.fault == nil {
		what := fmt.Sprintf(format, args...)
		s.fault = fmt.Errorf("emulator: core of %s, neuron %d: %s is beyond what is emulated", s.core.Population, s.core.Index(n), what)
	}
}

// membrane returns the membrane of a neuron; where the synapses of a core lead into another variable, it is that one.
func (s *coreState) membrane(n int) int32 {
	v := s.row(n)[s.shown]
	if v != int64(int32(v)) {
		s.fail(n, "a membrane of the value %d", v)
	}
	return int32(v)
}
