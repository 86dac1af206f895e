// Package odin reads and writes the configuration of ODIN and of tinyODIN: memory images (neur.hex, syn.hex), transactions
// on the chips' serial bus (.spi), and words on their event bus. The two chips have one way of addressing; where they differ is
// in a table (Chip).
//
// Sources: tinyODIN (ChFrenkel/tinyODIN) doc/README.md, spi_slave.v, controller.v, neuron_core.v; ODIN (ChFrenkel/ODIN)
// doc/README.md, src/spi_slave.v, src/controller.v, src/neuron_core.v.
package odin

import "spikec/target/image"

// What both chips have.
const (
	Size       = 256             // neurons, and rows of synapses
	rowWords   = Size / 8        // words of a row, of eight synapses each
	wordBytes  = 4               // of a word of the synapse memory
	synWords   = Size * rowWords // words of the synapse memory
	nibbleBits = 4               // of a synapse
)

// Chip is one of the chips: where its memories and registers hold what.
type Chip struct {
	ID          string // of its profile
	NeuronBytes int    // of a word of the neuron memory
	registers   []register
	v           field
	threshold   field
	disable     field
	// others are further fields, each the register of that name of an image.Core.
	others []namedField
	fixed  []fixedField
	// magnitude: a synapse is a mapping bit over a magnitude, with a sign a row; otherwise it is a number of two's complement.
	magnitude bool
	signedV   bool
	parse     func(word uint32) (image.Event, bool)
	word      func(e image.Event) (uint32, bool)
}

// role is what a register does.
type role int

const (
	gate      role = iota // 1 while memories are programmed
	option                // a register of that name of an image.Core
	signs                 // signs of 16 rows
	propagate             // 1: mapping bits have no effect
	fixed                 // what only 0 is emulated of
)

// register is a configuration register. It has no value before it is written, and cannot be read back.
type register struct {
	name string
	bits int
	role role
}

// field is a range of bits of a neuron's word.
type field struct{ low, bits int }

// namedField is a field that is a register of an image.Core.
type namedField struct {
	name string
	field
}

// fixedField is a field of which one value only is emulated.
type fixedField struct {
	field
	want  uint32
	about string // what another value means
}

// registerSigns is the first register of signs of ODIN.
const registerSigns = 2

// TinyODIN is the chip of the profile tinyodin.
var TinyODIN = &Chip{
	ID: "tinyodin", NeuronBytes: 4,
	registers: []register{{"GATE_ACTIVITY", 1, gate}, {"open_loop", 1, option}, {"aer_src", 1, option}, {"max_neur", 8, option}},
	v:         field{0, 12}, threshold: field{12, 12}, disable: field{31, 1},
	others:  []namedField{{"leak", field{24, 7}}},
	signedV: true, parse: parseTiny, word: wordTiny,
}

// ODIN is the chip of the profile odin.
var ODIN = &Chip{
	ID: "odin", NeuronBytes: 16,
	registers: odinRegisters(),
	v:         field{70, 8}, threshold: field{9, 8}, disable: field{127, 1},
	others:    []namedField{{"leak", field{1, 7}}, {"leak_en", field{8, 1}}},
	fixed:     []fixedField{{field{0, 1}, 1, "an Izhikevich neuron"}, {field{17, 1}, 0, "calcium, which is for learning"}},
	magnitude: true, parse: parseODIN, word: wordODIN,
}

// odinRegisters are ODIN's registers by their numbers.
func odinRegisters() []register {
	list := []register{{"GATE_ACTIVITY", 1, gate}, {"open_loop", 1, option}}
	for range Size / 16 {
		list = append(list, register{"SYN_SIGN", 16, signs})
	}
	return append(list, register{"BURST_TIMEREF", 20, fixed}, register{"AER_SRC_CTRL_nNEUR", 1, fixed},
		register{"OUT_AER_MONITOR_EN", 1, fixed}, register{"MONITOR_NEUR", 8, fixed}, register{"MONITOR_SYN", 8, fixed},
		register{"UPDATE_UNMAPPED_SYN", 1, fixed}, register{"PROPAGATE_UNMAPPED_SYN", 1, propagate}, register{"SDSP_ON_SYN_STIM", 1, fixed})
}

// get reads a field of a neuron's word, whose byte b holds bits 8b+7..8b.
func (f field) get(word []byte) uint32 {
	var x uint32
	for i := range f.bits {
		k := f.low + i
		x |= uint32(word[k/8]>>(k%8)&1) << i
	}
	return x
}

// set writes a field; of x its lowest bits count.
func (f field) set(word []byte, x uint32) {
	for i := range f.bits {
		k := f.low + i
		word[k/8] = word[k/8]&^(1<<(k%8)) | byte(x>>i&1)<<(k%8)
	}
}

// vRange returns the membranes that the chip holds.
func (c *Chip) vRange() (lo, hi int64) {
	if c.signedV {
		return -1 << (c.v.bits - 1), 1<<(c.v.bits-1) - 1
	}
	return 0, 1<<c.v.bits - 1
}
