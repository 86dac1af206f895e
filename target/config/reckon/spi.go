package reckon

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// Codes of the memories in an address word.
const (
	codeRegister  = 0
	codeNeuron    = 1
	codeInput     = 3
	codeRecurrent = 4
	codeOutput    = 5
)

// What a transaction addresses: code → name and number of data words.
var memorySizes = map[int]struct {
	name  string
	words int
}{
	codeNeuron:    {"neuron", Pairs * 4},
	codeInput:     {"input weights", Neurons * Neurons / 4},
	codeRecurrent: {"recurrent weights", Neurons * Neurons / 4},
	codeOutput:    {"output weights", Neurons * Outputs / 4},
}

// addressWord builds an address word: a write of n words to a memory from an address on.
func addressWord(code, n, address int) uint32 {
	return uint32(code)<<28 | uint32(n)<<16 | uint32(address)
}

// EncodeSPI returns the words that program the chip, as text: a transaction a line, its address word and its data words, each of
// 8 hexadecimal digits. Registers come first, with EN_CONF 1, then the words of the pairs that are marked as written or not 0,
// the three matrices, and EN_CONF at last.
func EncodeSPI(c *Chip) []byte {
	var b bytes.Buffer
	b.WriteString("# registers\n")
	for i, r := range registers {
		value := c.values[i]
		if r.number == EnConf {
			value = 1
		}
		writeLine(&b, codeRegister, int(r.number), value)
	}
	b.WriteString("# neurons\n")
	for p, word := range c.Memories.Neurons {
		if c.Written[p] || word != [4]uint32{} {
			writeLine(&b, codeNeuron, p<<2, word[:]...)
		}
	}
	b.WriteString("# input weights\n")
	for pre := range Neurons {
		writeLine(&b, codeInput, pre<<6, packed(c.Input[pre][:])...)
	}
	b.WriteString("# recurrent weights\n")
	for pre := range Neurons {
		writeLine(&b, codeRecurrent, pre<<6, packed(c.Recurrent[pre][:])...)
	}
	b.WriteString("# output weights\n")
	for pre := range Neurons {
		writeLine(&b, codeOutput, pre<<2, packed(c.Output[pre][:])...)
	}
	b.WriteString("# run\n")
	writeLine(&b, codeRegister, int(EnConf), c.Get(EnConf))
	return b.Bytes()
}

// writeLine writes a transaction.
func writeLine(b *bytes.Buffer, code, address int, words ...uint32) {
	fmt.Fprintf(b, "%08x", addressWord(code, len(words), address))
	for _, w := range words {
		fmt.Fprintf(b, " %08x", w)
	}
	b.WriteByte('\n')
}

// packed returns weights four a word, the first in the lowest byte.
func packed(weights []int8) []uint32 {
	words := make([]uint32, len(weights)/4)
	for i, w := range weights {
		words[i/4] |= uint32(uint8(w)) << (i % 4 * 8)
	}
	return words
}

// DecodeSPI returns what words on the bus leave in an empty chip; see Replay.
func DecodeSPI(data []byte) (*Chip, error) {
	c := New()
	if err := c.Replay(data); err != nil {
		return nil, err
	}
	return c, nil
}

// Replay does what words on the bus, in the form of EncodeSPI, do to the chip; # starts a comment. Everything that programs
// nothing, or that inference does not use, is an error, all reported at once as a *diag.Failure: reads, memories that do not
// take weights or neurons, addresses beyond a memory, writes to a memory while EN_CONF is 0, values wider than their
// register. In a burst to a register the address does not advance: the last word stays.
func (c *Chip) Replay(data []byte) error {
	k := newChecker()
	number := 0
	for line := range bytes.Lines(data) {
		number++
		text, _, _ := strings.Cut(string(line), "#")
		fields := strings.Fields(text)
		if len(fields) == 0 {
			continue
		}
		subject := fmt.Sprintf("line %d", number)
		words, ok := hexWords(k, subject, fields)
		if !ok {
			continue
		}
		c.transaction(k, subject, words[0], words[1:])
	}
	return k.err()
}

// hexWords reads words of 8 digits.
func hexWords(k *checker, subject string, fields []string) ([]uint32, bool) {
	words := make([]uint32, len(fields))
	for i, f := range fields {
		v, err := strconv.ParseUint(f, 16, 32)
		if err != nil || len(f) != 8 {
			k.Errorf(idForm, subject, "%.40q is no word of 8 hexadecimal digits", f)
			return nil, false
		}
		words[i] = uint32(v)
	}
	return words, true
}

// transaction does one transaction.
func (c *Chip) transaction(k *checker, subject string, head uint32, words []uint32) {
	code, count, address := int(head>>28&7), int(head>>16&0xfff), int(head&0xffff)
	memory, known := memorySizes[code]
	switch {
	case head>>31 == 1:
		k.Errorf(idTransaction, subject, "a read programs nothing")
	case count != len(words) || count == 0:
		k.Errorf(idTransaction, subject, "the address word counts %d data words, %d follow; want 1 to 4095", count, len(words))
	case code == codeRegister:
		c.writeRegister(k, subject, Register(address), words)
	case !known:
		k.Errorf(idTransaction, subject, "memory %d takes neither neurons nor weights", code)
	case c.Get(EnConf) == 0:
		k.Errorf(idTransaction, subject, "a write to the memory of %s while EN_CONF is 0 is lost", memory.name)
	case code == codeNeuron && address+count > memory.words && address>>9&1 == 1:
		k.Errorf(idTransaction, subject, "address %#x has bit 9, which writes a spike flag too", address)
	case address+count > memory.words:
		k.Errorf(idTransaction, subject, "words %d..%d of the memory of %s, which has %d", address, address+count-1, memory.name, memory.words)
	default:
		for i, w := range words {
			c.write(code, address+i, w)
		}
	}
}

// writeRegister writes words to one register, one after the other.
func (c *Chip) writeRegister(k *checker, subject string, r Register, words []uint32) {
	i := indexOf(r)
	if i < 0 {
		k.Errorf(idRegister, subject, "register %d is not one that inference uses", r)
		return
	}
	for _, w := range words {
		if bits := registers[i].bits; uint64(w)>>bits != 0 {
			k.Errorf(idRegister, subject, "register %s of %d bits is %#x", registers[i].name, bits, w)
			return
		}
		c.values[i] = w
	}
}

// write writes a data word to a memory.
func (c *Chip) write(code, address int, w uint32) {
	unpack := func(row []int8, at int) {
		for i := range 4 {
			row[4*at+i] = int8(w >> (8 * i))
		}
	}
	switch code {
	case codeNeuron:
		c.Memories.Neurons[address>>2][address&3] = w
		c.Written[address>>2] = true
	case codeInput:
		unpack(c.Input[address>>6][:], address&63)
	case codeRecurrent:
		unpack(c.Recurrent[address>>6][:], address&63)
	case codeOutput:
		unpack(c.Output[address>>2][:], address&3)
	}
}
