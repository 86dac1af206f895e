package emulator

import (
	"fmt"

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
	axons int
	lists [][]refSynapse // axon → its non-zero synapses; nil where there was no room for them
}

// newRefCore lists the core's synapses, up to room of them, which it takes off room.
func newRefCore(c *image.Core, room *int) *refCore {
	r := &refCore{Core: c, axons: c.Axons()}
	lists := make([][]refSynapse, r.axons)
	left := *room
	for a := range lists {
		lists[a] = r.list(a, nil)
		if left -= len(lists[a]); left < 0 {
			return r
		}
	}
	r.lists, *room = lists, left
	return r
}

// list appends the non-zero synapses of an axon to dst, block by block.
func (r *refCore) list(axon int, dst []refSynapse) []refSynapse {
	for _, b := range r.Synapses {
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

// synapsesOf returns the non-zero synapses of an axon; the slice is valid until the next call with the same state.
func (r *refCore) synapsesOf(axon int, s *coreState) []refSynapse {
	if r.lists != nil {
		return r.lists[axon]
	}
	s.scratch = r.list(axon, s.scratch[:0])
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
	first   int     // the neurons that are stepped are first..end-1
	end     int
	fired   []bool   // the flag that fire sets and reset reads
	lowered []bool   // the flag that lower_fire sets and lower_reset reads
	spikes  []int8   // what emit sent: 1, −1 or 0
	queued  []bool   // whether emit sent a spike to the chip's queue
	arrived arrivals // in this step
	reached []bool   // neurons that integrate added a weight to; for its use
	pending []arrivals
	stage   int // of the window
	scratch []refSynapse
	source  *spikeHost // of a core that is the host, which takes the place of the program

	operations  int64
	saturations int64
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

// newCoreState returns the state of a core on whose axons spikes arrive latency steps after they were sent.
func newCoreState(r *refCore, p *program, latency int) *coreState {
	s := &coreState{core: r, program: p, neurons: r.Neurons, end: r.Neurons, stride: p.stride()}
	s.rows = make([]int64, s.neurons*s.stride)
	s.rest = make([]int64, s.neurons*s.stride)
	s.fired, s.lowered, s.spikes = make([]bool, s.neurons), make([]bool, s.neurons), make([]int8, s.neurons)
	s.reached, s.queued = make([]bool, s.neurons), make([]bool, s.neurons)
	for range latency + 1 {
		s.pending = append(s.pending, newArrivals(r.axons))
	}
	for n := range s.neurons {
		row := s.rest[n*s.stride : (n+1)*s.stride]
		row[p.slots["v"]] = int64(r.Channel(r.InitialV, n))
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
	s.operations, s.saturations, s.fault = 0, 0, nil
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
	for _, op := range ops {
		op(s)
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
		s.fault = fmt.Errorf("emulator: core of %s, neuron %d: %s is beyond what is emulated", s.core.Population, s.core.First+n, what)
	}
}

// membrane returns the membrane of a neuron.
func (s *coreState) membrane(n int) int32 {
	v := s.row(n)[s.program.slots["v"]]
	if v != int64(int32(v)) {
		s.fail(n, "a membrane of the value %d", v)
	}
	return int32(v)
}
