// Package image holds what is on the chip, and what its host has to do, for one network: cores, their registers,
// synapse memories and routes, the drive that the host computes, and the read-out. An emulator runs from an Image
// and the chip's profile alone.
//
// Neurons of a population are numbered in H,W,C order everywhere in this package: neuron (y·W + x)·C + c, so that
// the channels of one position lie side by side. Vectors are maps with H = W = 1.
package image

import (
	"spikec/emulator/encoder"
	"spikec/target/chip"
)

// Image is one network on one chip. It is immutable once it is built or read.
type Image struct {
	Chip   string // profile ID
	Steps  int    // T: the steps in which every core integrates and fires, or of each stage where it does one after the other
	Input  Input
	Cores  []Core // every core stands after the cores that feed it
	Output Output
}

// Input says how one picture reaches the chip. A picture is C·H·W codes 0..255, in C,H,W order.
type Input struct {
	Shape [3]int  `json:"shape"` // C, H, W of the picture; of signed data that are split, C counts both halves
	Step  float64 `json:"step"`  // code = min(255, round(|stored value| / Step)); 1 for stored pixels
	// Encoding is constant or regular, see Drives, or the name of an encoder (package emulator/encoder): then cores that
	// are a Source play spikes, and Seed and Parameter are those of the coding.
	Encoding  string `json:"encoding"`
	Seed      uint64 `json:"seed"`
	Parameter int    `json:"parameter"`
	// Drives are added, at every step of a core's window, to a register of its neurons: the host computes each once
	// a picture. With encoding constant the drive is the first layer of the network; with encoding regular it is
	// the code itself and the core is a population of integrate-and-fire neurons, one a pixel.
	Drives []Drive `json:"-"`
}

// Drive is an integer current that the host computes once a picture for the neurons of some cores:
//
//	I[n] = (Σ_a code[a]·w[a][n] + 2^(Shift−1)) >> Shift      (no rounding term if Shift is 0)
//
// where a runs over the codes in H,W,C order and the sum is exact (64 bits). Shift is arithmetic (floor).
type Drive struct {
	Cores    []int    // which cores take it, in ascending order
	Register string   // the register that the drive is added to
	Shift    uint     // 0..31
	Synapses Synapses // axons are codes in H,W,C order, targets are neurons of the whole population
}

// Core is one core, or one of the unlimited cores of a target that has no core limit.
type Core struct {
	Population string // the layer, for messages
	Shape      [3]int // C, H, W of the whole population
	First      int    // the population's neurons First..First+Neurons-1 are on this core
	Neurons    int
	// Members, if it is not nil, says instead which neuron of the population each of the core's is; First is 0 then. A neuron
	// may be on several cores, and several times on one: copies of it, which have the same synapses and so the same spikes,
	// for chips whose neurons send to one place each. Members have no convolutions and are no output.
	Members []int32
	// Place is where the core stands on the chip's grid, column and row, or nil where that is not said.
	Place *[2]int
	Start int // the step at which the core's window opens
	// Source says that this is no core of the chip but the host: its neurons, one a code of the picture in H,W,C order,
	// fire as Input.Coding says, in a window of T steps on every chip. It has no registers, membranes or synapses; its spikes
	// go to the chip by Routes.
	Source bool
	// Registers hold what the profile's program names: one value for the core, one a channel (neuron n of the core
	// takes value Index(n) mod C), or one a neuron.
	Registers map[string][]int32
	InitialV  []int32 // membranes at the start of a picture; same three lengths; nil = 0
	Synapses  []Block
	Routes    []Route // where the spikes of this core's neurons go
}

// Block gives a part of a core's input axons their synapses.
type Block struct {
	// Name is that of the synapse memory which holds the block, on chips whose program tells several apart, else ""; axons of
	// one memory may be those of another one.
	Name      string
	FirstAxon int // the block's axon a is the core's axon FirstAxon + a
	Synapses  Synapses
}

// Route sends the spikes of neurons First..First+Count-1 of a core to the axons Axon.. of another core, one by one.
type Route struct {
	First int `json:"first"`
	Count int `json:"count"`
	Core  int `json:"core"`
	Axon  int `json:"axon"`
	Delay int `json:"delay,omitempty"` // steps beyond the chip's latency; 0 in images
}

// Synapses is what one synapse memory holds: for each axon, the neurons that it reaches and the weights. The same
// neuron may occur more than once for one axon; the weights then add.
type Synapses interface {
	// Kind is the tag of the stored form: table, conv2d, dense, identity or typed.
	Kind() string
	// Axons returns how many axons there are.
	Axons() int
	// Each calls yield for every synapse of the axon, in ascending order of neurons where the kind has a natural
	// one. Neurons count from the core's first neuron (for a Drive: the population's).
	Each(axon int, yield func(neuron int, weight int32))
}

// Output says where the answer is read, and how: the neurons of Cores, in order, are the classes. Steps are those of the
// windows of these cores.
type Output struct {
	Cores   []int  `json:"cores"`
	Classes int    `json:"classes"`
	Readout string `json:"readout"` // membrane, count or first-spike
	// Delay is T0, 0..T−1: only what happens in steps (T0, T] counts.
	Delay int `json:"delay"`
	// SpikesOnly: the host cannot read membranes, and where the spikes of several classes are alike takes the lowest of them.
	SpikesOnly bool `json:"spikesOnly"`
	// EarlyExit is a second way to the answer: the host watches the output step by step and ends the picture once the
	// leading class is sure. Empty: it does not. ExitExact: no other class can catch up. ExitMargin: the lead is at least
	// Margin, in spikes with read-out count and in units of the membrane with read-out membrane.
	EarlyExit string `json:"earlyExit"`
	Margin    int32  `json:"margin"` // at least 1 with ExitMargin, else 0
}

// The read-outs, and the rules of an early exit.
const (
	Membrane   = "membrane"
	Count      = "count"
	FirstSpike = "first-spike"

	ExitExact  = "exact"
	ExitMargin = "margin"
)

// EveryStep reports whether the host looks at the output in every step behind the delay.
func (o *Output) EveryStep() bool { return o.Readout == FirstSpike || o.EarlyExit != "" }

// Index returns which neuron of the population neuron n of the core is.
func (c *Core) Index(n int) int {
	if c.Members != nil {
		return int(c.Members[n])
	}
	return c.First + n
}

// Channel returns the element of a register (or of InitialV) that belongs to neuron n of the core; 0 where it is empty.
func (c *Core) Channel(values []int32, n int) int32 {
	switch len(values) {
	case 0:
		return 0
	case 1:
		return values[0]
	case c.Neurons:
		return values[n]
	default:
		return values[c.Index(n)%c.Shape[0]]
	}
}

// Axons returns how many input axons the core has.
func (c *Core) Axons() int {
	n := 0
	for _, b := range c.Synapses {
		n = max(n, b.FirstAxon+b.Synapses.Axons())
	}
	return n
}

// Coding returns how the sources play the codes; ok is false where spikes are not played.
func (in *Input) Coding() (c encoder.Coding, ok bool) {
	if in.Encoding == "constant" || in.Encoding == "regular" {
		return c, false
	}
	return encoder.Coding{Name: in.Encoding, Seed: in.Seed, Parameter: in.Parameter}, true
}

// Duration returns the steps that one picture takes: up to the end of the last window to open, which has T steps for each
// of the chip's stages.
func (m *Image) Duration(p *chip.Profile) int {
	d := 0
	for i := range m.Cores {
		d = max(d, m.Cores[i].Start+m.Cores[i].Stages(p)*m.Steps)
	}
	return d
}

// Stages returns of how many stages of T steps the core's window is: of as many as the chip's, or of one where the host
// plays spikes.
func (c *Core) Stages(p *chip.Profile) int {
	if c.Source {
		return 1
	}
	return p.Execution.StageCount()
}

// Arrival returns how many steps after the window of a core opens spikes of it can arrive first: they are sent in the last
// stage of the window, and travel.
func (m *Image) Arrival(core int, p *chip.Profile) int {
	return (m.Cores[core].Stages(p)-1)*m.Steps + p.Execution.Latency
}
