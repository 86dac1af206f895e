// Package ranc reads and writes what a grid of RANC cores is configured with: the JSON files of its simulator and the memory
// files of its RTL, and turns them into cores of an image and back. Source of both forms: RANC's simulator/README.md, CSRAM.v,
// TokenController.v and the test benches in hardware/IP/RANCNetwork.
package ranc

import (
	"fmt"
	"math/bits"

	"spikec/internal/diag"
)

// Diagnostics of configurations. The numbers are stable.
const (
	idForm        = "SPK-RANC-001" // not the JSON, or not the lines, that the file should hold
	idFile        = "SPK-RANC-002" // a file is missing, or is none of RANC's
	idSize        = "SPK-RANC-003" // sizes that the chip, or this program, does not take
	idRange       = "SPK-RANC-004" // a value outside its format
	idPlace       = "SPK-RANC-005" // a core outside the grid, or where something else is
	idDestination = "SPK-RANC-006" // a packet that goes to no core and not to the output bus
	idDelay       = "SPK-RANC-007" // a tick field that addresses the slot in use
	idRule        = "SPK-RANC-008" // a setting of the simulator that is not the RTL's rule
	idCores       = "SPK-RANC-009" // cores of an image that a grid cannot hold
	idWaits       = "SPK-RANC-011" // a neuron that its leak would reset before its window opens
	idMore        = "SPK-RANC-010" // more findings than are listed
)

// The chip's limits, with the parameters of the Verilog at their defaults. Sizes of a core may be smaller.
const (
	mostCores = 999 // RANCNetworkGrid.v: three digits in the names of files
	mostSize  = 256 // axons and neurons of a core, outputs of the bus (Core.v, OutputBus.v)
	numTypes  = 4   // of axons, and weights of a neuron (Core.v NUM_WEIGHTS)
	slots     = 16  // of the scheduler (SchedulerSRAM.v)
	mostDelay = slots - 2
	valueBits = 9 // of weights, potentials, leak, thresholds and offsets
	valueMin  = -1 << (valueBits - 1)
	valueMax  = 1<<(valueBits-1) - 1
	mostTicks = 1 << 20 // of packets: a bound of this program
)

// Architecture is the size of a grid, which the RTL has as parameters.
type Architecture struct {
	Grid    [2]int // columns and rows; coordinates are (x, y), x grows to the east and y to the north
	Axons   int    // of every core
	Neurons int    // of every core
	Bus     Bus
}

// Bus is the output bus. It stands at a place of the grid, in place of a core.
type Bus struct {
	At      [2]int
	Outputs int
}

// Network is a grid with its cores, and the packets that its host sends. Places without a core hold nothing.
type Network struct {
	Architecture
	Cores   []Core
	Packets [][]Packet // by tick: what is sent before it begins
}

// Core is one crossbar.
type Core struct {
	At      [2]int
	Types   []uint8  // of the axons, 0..3
	Neurons []Neuron // as many as the architecture has
}

// Neuron is one word of the memory of a core. All numbers are of 9 bits, two's complement.
type Neuron struct {
	Connected []bool // an axon
	Potential int32  // at the start
	Reset     int32
	Weights   [numTypes]int32 // by the type of the axon
	Leak      int32
	Positive  int32 // threshold: the neuron fires at this potential and above
	Negative  int32 // threshold: below it the neuron is reset without a spike
	Linear    bool  // reset by the thresholds, else to the reset potential and its negative
	// Where the spikes go: the core, or the bus, at this offset from the neuron's own core, an axon of it, and how many ticks
	// later than in the next one they act, 0..14. The bus sends them off at once, whatever the delay is.
	Offset [2]int
	Axon   int
	Delay  int
}

// Packet is a spike from outside. One that is sent before tick t acts in tick t + Delay.
type Packet struct {
	To          [2]int // the core
	Axon, Delay int
}

// axonBits returns the width of an axon's number in a packet.
func (a *Architecture) axonBits() int { return max(1, bits.Len(uint(a.Axons-1))) }

// number returns the number of a place in the names of files.
func (a *Architecture) number(at [2]int) int { return at[0] + at[1]*a.Grid[0] }

// inside reports whether a place is part of the grid.
func (a *Architecture) inside(at [2]int) bool {
	return at[0] >= 0 && at[1] >= 0 && at[0] < a.Grid[0] && at[1] < a.Grid[1]
}

// places returns the numbers of the cores by their places, but for cores that are not where one can be.
func (n *Network) places() map[[2]int]int {
	m := map[[2]int]int{}
	for i, c := range n.Cores {
		m[c.At] = i
	}
	return m
}

// target returns where a neuron of a core sends to.
func (c *Core) target(n *Neuron) [2]int { return [2]int{c.At[0] + n.Offset[0], c.At[1] + n.Offset[1]} }

// checker collects what is wrong with a configuration.
type checker struct{ diag.Bounded }

// mostFindings is how many findings are listed.
const mostFindings = 50

func newChecker() *checker { return &checker{diag.Bounded{Most: mostFindings}} }

// within reports a value outside lo..hi.
func (k *checker) within(id, subject, what string, value int64, lo, hi int64) {
	if value < lo || value > hi {
		k.Errorf(id, subject, "%s is %d, want %d..%d", what, value, lo, hi)
	}
}

// err returns everything found as a *diag.Failure, or nil.
func (k *checker) err() error { return k.Err(idMore, "ranc") }

// Check reports everything that a grid cannot hold, as a *diag.Failure: sizes, values outside their formats, cores outside
// the grid or at the same place, packets that lead nowhere, delays of 15, which would write into the slot that is read.
func (n *Network) Check() error {
	k := newChecker()
	if n.Architecture.check(k); len(k.Found) > 0 {
		return k.err()
	}
	taken := map[[2]int]bool{n.Bus.At: true}
	for i := range n.Cores {
		c := &n.Cores[i]
		switch subject := fmt.Sprintf("core %d", i); {
		case !n.inside(c.At):
			k.Errorf(idPlace, subject, "stands at %v, outside a grid of %d×%d", c.At, n.Grid[0], n.Grid[1])
		case taken[c.At]:
			k.Errorf(idPlace, subject, "stands at %v, where another core or the output bus is", c.At)
		}
		taken[c.At] = true
	}
	places := n.places()
	for i := range n.Cores {
		n.checkCore(k, i, places)
	}
	n.checkPackets(k, places)
	return k.err()
}

// check reports sizes that the chip does not have.
func (a *Architecture) check(k *checker) {
	if a.Grid[0] < 1 || a.Grid[1] < 1 || a.Grid[0] > mostCores || a.Grid[1] > mostCores || a.Grid[0]*a.Grid[1] > mostCores {
		k.Errorf(idSize, "grid", "%d×%d places, want 1 to %d", a.Grid[0], a.Grid[1], mostCores)
	}
	k.within(idSize, "cores", "the number of axons", int64(a.Axons), 1, mostSize)
	k.within(idSize, "cores", "the number of neurons", int64(a.Neurons), 1, mostSize)
	k.within(idSize, "output bus", "the number of outputs", int64(a.Bus.Outputs), 1, mostSize)
	if !a.inside(a.Bus.At) {
		k.Errorf(idPlace, "output bus", "stands at %v, outside a grid of %d×%d", a.Bus.At, a.Grid[0], a.Grid[1])
	}
}

// checkCore reports what is wrong with core i.
func (n *Network) checkCore(k *checker, i int, places map[[2]int]int) {
	c, subject := &n.Cores[i], fmt.Sprintf("core %d", i)
	if len(c.Types) != n.Axons || len(c.Neurons) != n.Neurons {
		k.Errorf(idSize, subject, "%d axons and %d neurons, want %d and %d", len(c.Types), len(c.Neurons), n.Axons, n.Neurons)
	}
	for a, t := range c.Types {
		if t >= numTypes {
			k.within(idRange, subject, fmt.Sprintf("the type of axon %d", a), int64(t), 0, numTypes-1)
		}
	}
	for j := range c.Neurons {
		u, subject := &c.Neurons[j], fmt.Sprintf("core %d, neuron %d", i, j)
		if len(u.Connected) != n.Axons {
			k.Errorf(idSize, subject, "%d connections, want %d", len(u.Connected), n.Axons)
		}
		for _, v := range u.values() {
			k.within(idRange, subject, v.name, int64(v.value), valueMin, valueMax)
		}
		for d := range u.Offset {
			k.within(idRange, subject, "an offset of its destination", int64(u.Offset[d]), valueMin, valueMax)
		}
		n.checkDestination(k, subject, c.target(u), u.Axon, u.Delay, places, true)
	}
}

// values returns the numbers of a neuron that have the common format, with their names.
func (u *Neuron) values() []struct {
	name  string
	value int32
} {
	type named = struct {
		name  string
		value int32
	}
	list := []named{{"the potential", u.Potential}, {"the reset potential", u.Reset}}
	for i, w := range u.Weights {
		list = append(list, named{fmt.Sprintf("weight %d", i), w})
	}
	return append(list, named{"the leak", u.Leak}, named{"the positive threshold", u.Positive}, named{"the negative threshold", u.Negative})
}

// checkDestination reports packets that lead nowhere, or into the slot in use.
func (n *Network) checkDestination(k *checker, subject string, to [2]int, axon, delay int, places map[[2]int]int, bus bool) {
	if delay == slots-1 {
		k.Errorf(idDelay, subject, "the destination tick is %d, which addresses the slot in use; want 0..%d", delay, mostDelay)
	} else {
		k.within(idRange, subject, "the destination tick", int64(delay), 0, mostDelay)
	}
	_, core := places[to]
	switch {
	case core:
		k.within(idRange, subject, "the destination axon", int64(axon), 0, int64(n.Axons)-1)
	case bus && to == n.Bus.At:
		k.within(idRange, subject, "the output", int64(axon), 0, min(int64(n.Bus.Outputs), 1<<n.axonBits())-1)
	default:
		k.Errorf(idDestination, subject, "sends to %v, where there is no core%s", to, map[bool]string{true: " and no output bus"}[bus])
	}
}

// checkPackets reports what is wrong with the packets of the host, which reach cores only.
func (n *Network) checkPackets(k *checker, places map[[2]int]int) {
	k.within(idSize, "packets", "the number of ticks", int64(len(n.Packets)), 0, mostTicks)
	for t, list := range n.Packets {
		for i, p := range list {
			n.checkDestination(k, fmt.Sprintf("packet %d before tick %d", i, t), p.To, p.Axon, p.Delay, places, false)
		}
	}
}
