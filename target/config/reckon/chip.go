// Package reckon reads and writes what ReckOn is programmed with: the words on its SPI bus, and images of its memories. It turns
// them into a core of an image and back, and says what the chip sends of the outputs at the end of a sample. Sources are
// srnn.v and spi_slave.v of the chip's RTL, and its doc/README.md. Learning is off throughout.
package reckon

import (
	"spikec/internal/diag"
)

// Diagnostics of configurations. The numbers are stable.
const (
	idForm        = "SPK-RECKON-001" // not the lines that the file should hold
	idFile        = "SPK-RECKON-002" // a file is missing, or is none of the chip's
	idTransaction = "SPK-RECKON-003" // words on the bus that program nothing
	idRegister    = "SPK-RECKON-004" // a register that the chip does not have, or a value that it does not hold
	idSetting     = "SPK-RECKON-005" // a setting of a register that is not emulated
	idCore        = "SPK-RECKON-006" // a core of an image that the chip cannot hold
	idMore        = "SPK-RECKON-007" // more findings than are listed
	idOther       = "SPK-RECKON-008" // neurons or weights where the layers of a network have none
)

// Sizes of the chip (srnn.v).
const (
	Neurons = 256 // hidden ones, and inputs
	Pairs   = Neurons / 2
	Outputs = 16
)

// Memories are the chip's memories. Membranes, thresholds and leaks are part of the words of Neurons; see Pair.
type Memories struct {
	Neurons   [Pairs][4]uint32 // a pair of neurons: four chunks of 32 bits, the lowest first
	Input     [Neurons][Neurons]int8
	Recurrent [Neurons][Neurons]int8 // weights [source][target]
	Output    [Neurons][Outputs]int8
}

// Chip is what programming leaves in the chip.
type Chip struct {
	Memories
	// Written marks the pairs of which a chunk was written since the last sample ended: the membranes of others read as 0.
	Written [Pairs]bool
	values  [len(registers)]uint32
}

// New returns the chip after its reset. What its memories hold then is not known; they are taken as empty.
func New() *Chip {
	c := &Chip{}
	for i, r := range registers {
		c.values[i] = r.reset
	}
	return c
}

// EndSample does what the end of a sample does: it clears all marks, so that membranes read as 0 until they are programmed again.
func (c *Chip) EndSample() { c.Written = [Pairs]bool{} }

// Pair is what the chip holds of neurons 2p and 2p+1 but for the traces of learning.
type Pair struct {
	U         [2]int16 // membranes at the start of the next sample
	Threshold int16
	Alpha     uint16 // leak factor in units of 2^−15, 0x7000..0x8FFF
}

// The leak factors that can be programmed: 12 bits in the neuron's word, above one of two bases that ALPHA_CONF chooses.
const (
	alphaLow  = 0x7000
	alphaHigh = 0x8000
	alphaMask = 0xfff
)

// Pair returns what pair p holds.
func (c *Chip) Pair(p int) Pair {
	w := &c.Memories.Neurons[p]
	base := uint16(alphaLow)
	if c.Get(AlphaConf0+Register(p/32))>>(p%32)&1 == 1 {
		base = alphaHigh
	}
	return Pair{U: [2]int16{int16(field(w, 0, 16)), int16(field(w, 50, 16))}, Threshold: int16(field(w, 100, 16)), Alpha: base | uint16(field(w, 116, 12))}
}

// SetPair programs pair p and marks it as written. Alpha must be one of 0x7000..0x8FFF.
func (c *Chip) SetPair(p int, v Pair) {
	w := &c.Memories.Neurons[p]
	setField(w, 0, 16, uint32(uint16(v.U[0])))
	setField(w, 50, 16, uint32(uint16(v.U[1])))
	setField(w, 100, 16, uint32(uint16(v.Threshold)))
	setField(w, 116, 12, uint32(v.Alpha&alphaMask))
	conf, bit := AlphaConf0+Register(p/32), uint32(1)<<(p%32)
	if v.Alpha >= alphaHigh {
		c.Set(conf, c.Get(conf)|bit)
	} else {
		c.Set(conf, c.Get(conf)&^bit)
	}
	c.Written[p] = true
}

// field returns bits low..low+width-1 of a word of four chunks; width is at most 32.
func field(w *[4]uint32, low, width int) uint32 {
	chunk, at := low/32, low%32
	v := uint64(w[chunk])
	if at+width > 32 {
		v |= uint64(w[chunk+1]) << 32
	}
	return uint32(v >> at & (1<<width - 1))
}

// setField sets these bits.
func setField(w *[4]uint32, low, width int, value uint32) {
	for i := range width {
		chunk, bit := (low+i)/32, uint32(1)<<((low+i)%32)
		if value>>i&1 == 1 {
			w[chunk] |= bit
		} else {
			w[chunk] &^= bit
		}
	}
}

// checker collects what is wrong with a configuration.
type checker struct{ diag.Bounded }

// mostFindings is how many findings are listed.
const mostFindings = 50

func newChecker() *checker { return &checker{diag.Bounded{Most: mostFindings}} }

// err returns everything found as a *diag.Failure, or nil.
func (k *checker) err() error { return k.Err(idMore, "reckon") }
