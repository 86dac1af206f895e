package odin

import (
	"bytes"
	"fmt"
	"strconv"
)

// An address word is {read, write, command, address}, a data word of a memory {0000, mask, byte}; both have 20 bits.
const (
	spiWrite     = 1 << 18
	spiRead      = 1 << 19
	spiNeurons   = 1 << 16 // command 1
	spiSynapses  = 2 << 16 // command 2
	spiCommand   = 3 << 16
	spiAddress   = 1<<16 - 1
	spiBits      = 20
	neuronShift  = 8  // of the byte in a neuron's address
	synapseShift = 13 // of the byte in the address of a word of synapses
)

// SPI returns the transactions that program the chip, in the order in which they are sent: gate on, open loop, the other
// registers, the memories byte by byte, open loop as wanted, gate off. A line has the address word and the data word, five
// hexadecimal digits each. All registers must have been written.
func (m *Memory) SPI() ([]byte, error) {
	if err := m.written(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	send := func(address, data uint32) { fmt.Fprintf(&b, "%05x %05x\n", address, data) }
	register := func(r, value uint32) { send(spiWrite|r, value) }
	fmt.Fprintf(&b, "# %s: address word, data word\n", m.Chip.ID)
	register(registerGate, 1)
	register(registerOpenLoop, 1)
	for r := uint32(registerOpenLoop + 1); r < uint32(len(m.Registers)); r++ {
		register(r, m.Registers[r])
	}
	for i, x := range m.Neurons {
		n, at := uint32(i/m.Chip.NeuronBytes), uint32(i%m.Chip.NeuronBytes)
		send(spiWrite|spiNeurons|at<<neuronShift|n, uint32(x))
	}
	for i, x := range m.Synapses {
		send(spiWrite|spiSynapses|uint32(i%wordBytes)<<synapseShift|uint32(i/wordBytes), uint32(x))
	}
	register(registerOpenLoop, m.Registers[registerOpenLoop])
	register(registerGate, m.Registers[registerGate])
	return b.Bytes(), nil
}

// Numbers of registers that both chips have.
const (
	registerGate     = 0
	registerOpenLoop = 1
)

// written reports registers without a value.
func (m *Memory) written() error {
	for i, x := range m.Registers {
		if x == Unwritten {
			return fmt.Errorf("odin: register %d (%s) has no value", i, m.Chip.registers[i].name)
		}
	}
	return nil
}

// ReadSPI replays transactions into empty memories. Only writes are transactions of a configuration; bits that the chip does
// not look at must be 0. Registers and bytes that no transaction wrote are refused, for a chip that was just switched on holds
// anything there. # starts a comment.
func ReadSPI(c *Chip, name string, text []byte) (*Memory, error) {
	l := newLines(name)
	if !l.fits(text) {
		return nil, l.Found.Err()
	}
	r := &replay{Memory: NewMemory(c), neurons: make([]bool, Size*c.NeuronBytes), synapses: make([]bool, synWords*wordBytes)}
	for line := range l.each(text, "#") {
		address, data, ok := transaction(line)
		if !ok {
			l.errorf("SPK-ODIN-021", "got %q, want an address word and a data word of 5 hexadecimal digits each", clip(line))
			continue
		}
		if err := r.write(address, data); err != nil {
			l.errorf("SPK-ODIN-023", "%v", err)
		}
	}
	if err := l.err(); err != nil {
		return nil, err
	}
	r.missing(&l)
	if err := l.err(); err != nil {
		return nil, err
	}
	return r.Memory, nil
}

// transaction takes a line apart.
func transaction(line []byte) (address, data uint32, ok bool) {
	words := bytes.Fields(line)
	if len(words) != 2 || len(words[0]) != spiBits/4 || len(words[1]) != spiBits/4 {
		return 0, 0, false
	}
	a, err1 := strconv.ParseUint(string(words[0]), 16, spiBits)
	d, err2 := strconv.ParseUint(string(words[1]), 16, spiBits)
	return uint32(a), uint32(d), err1 == nil && err2 == nil
}

// replay is memories, and which of their bytes were written.
type replay struct {
	*Memory
	neurons, synapses []bool
}

// write does one transaction.
func (r *replay) write(address, data uint32) error {
	at := address & spiAddress
	switch command := address & spiCommand; {
	case address&spiRead != 0 || address&spiWrite == 0:
		return fmt.Errorf("address %05x does not write", address)
	case command == 0:
		return r.SetRegister(at, data)
	case command == spiNeurons:
		b := int(at >> neuronShift)
		if b >= r.Chip.NeuronBytes {
			return fmt.Errorf("address %05x is byte %d of a neuron of %d", address, b, r.Chip.NeuronBytes)
		}
		return store(r.Memory.Neurons, r.neurons, int(at&(Size-1))*r.Chip.NeuronBytes+b, data)
	case command == spiSynapses:
		b := int(at >> synapseShift)
		if b >= wordBytes {
			return fmt.Errorf("address %05x is byte %d of a word of %d", address, b, wordBytes)
		}
		return store(r.Memory.Synapses, r.synapses, int(at&(synWords-1))*wordBytes+b, data)
	}
	return fmt.Errorf("address %05x is of no memory", address)
}

// store writes the bits of a byte that the mask does not keep. A byte counts as written where none of its bits was kept.
func store(memory []byte, written []bool, at int, data uint32) error {
	if data>>16 != 0 {
		return fmt.Errorf("data word %05x: want 0, mask and byte", data)
	}
	mask := byte(data >> 8)
	memory[at] = memory[at]&mask | byte(data)&^mask
	written[at] = written[at] || mask == 0
	return nil
}

// missing reports what was not written.
func (r *replay) missing(l *lines) {
	for i, x := range r.Registers {
		if x == Unwritten {
			l.Found.Errorf("SPK-ODIN-024", l.name, "register %d (%s) is not written", i, r.Chip.registers[i].name)
		}
	}
	for _, k := range []struct {
		name    string
		written []bool
		width   int
	}{{"neuron", r.neurons, r.Chip.NeuronBytes}, {"synapse", r.synapses, wordBytes}} {
		first, count := 0, 0
		for i, w := range k.written {
			if !w {
				if count++; count == 1 {
					first = i
				}
			}
		}
		if count > 0 {
			l.Found.Errorf("SPK-ODIN-024", l.name, "%d bytes of the %s memory are not written, the first is byte %d of word %d", count, k.name, first%k.width, first/k.width)
		}
	}
}
