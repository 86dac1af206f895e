package odin

import (
	"fmt"

	"spikec/internal/diag"
	"spikec/target/image"
)

// Unwritten is the value of a register that was never written.
const Unwritten = 1<<32 - 1

// Memory is everything that configures a chip, bit by bit as the chip has it.
type Memory struct {
	Chip      *Chip
	Registers []uint32 // by number; Unwritten
	// Neurons is the neuron memory: byte b of neuron n, bits 8b+7..8b of its word, is Neurons[n·NeuronBytes + b].
	Neurons []byte
	// Synapses is the synapse memory: byte b of word s is Synapses[4·s + b]. The synapse from row i to neuron j is bits
	// 4(j mod 8)+3..4(j mod 8) of word 32·i + j/8.
	Synapses []byte
}

// NewMemory returns memories of zeros, and registers that were never written.
func NewMemory(c *Chip) *Memory {
	m := &Memory{Chip: c, Registers: make([]uint32, len(c.registers)), Neurons: make([]byte, Size*c.NeuronBytes), Synapses: make([]byte, synWords*wordBytes)}
	for i := range m.Registers {
		m.Registers[i] = Unwritten
	}
	return m
}

// SetRegister writes a register.
func (m *Memory) SetRegister(number, value uint32) error {
	if number >= uint32(len(m.Registers)) {
		return fmt.Errorf("register %d: %s has 0..%d", number, m.Chip.ID, len(m.Registers)-1)
	}
	if r := m.Chip.registers[number]; value >= 1<<r.bits {
		return fmt.Errorf("register %d (%s): got %d, want 0..%d", number, r.name, value, 1<<r.bits-1)
	}
	m.Registers[number] = value
	return nil
}

// neuron returns a neuron's word.
func (m *Memory) neuron(n int) []byte {
	return m.Neurons[n*m.Chip.NeuronBytes : (n+1)*m.Chip.NeuronBytes]
}

// synapse returns the four bits of a synapse.
func (m *Memory) synapse(row, neuron int) uint32 {
	return uint32(m.Synapses[(row*Size+neuron)/2]) >> (neuron % 2 * nibbleBits) & 15
}

// setSynapse writes the four bits of a synapse.
func (m *Memory) setSynapse(row, neuron int, x uint32) {
	b := &m.Synapses[(row*Size+neuron)/2]
	shift := neuron % 2 * nibbleBits
	*b = *b&^(15<<shift) | byte(x&15)<<shift
}

// role returns the value of the register of a role, 0 where the chip has none.
func (m *Memory) role(r role) uint32 {
	for i, x := range m.Chip.registers {
		if x.role == r {
			return m.Registers[i]
		}
	}
	return 0
}

// weight returns what a synapse adds to a membrane.
func (m *Memory) weight(row, neuron int) int32 {
	x := m.synapse(row, neuron)
	if !m.Chip.magnitude {
		return int32(x<<28) >> 28
	}
	if x>>3 == 0 && m.role(propagate) == 0 {
		return 0
	}
	if m.Registers[registerSigns+row/16]>>(row%16)&1 == 1 {
		return -int32(x & 7)
	}
	return int32(x & 7)
}

// Core returns what the chip computes, for its profile: 256 neurons, a row of weights an axon, in one dense block. What has no
// effect on that is not in it, such as the magnitude of a synapse that is not mapped. Everything that the emulator does not
// compute is refused at once.
func (m *Memory) Core() (image.Core, error) {
	if err := m.check(); err != nil {
		return image.Core{}, err
	}
	c := image.Core{Population: m.Chip.ID, Shape: [3]int{Size, 1, 1}, Neurons: Size, Registers: map[string][]int32{}, InitialV: make([]int32, Size)}
	for i, r := range m.Chip.registers {
		if r.role == option {
			c.Registers[r.name] = []int32{int32(m.Registers[i])}
		}
	}
	for _, f := range m.Chip.fields() {
		values := make([]int32, Size)
		for n := range values {
			values[n] = int32(f.get(m.neuron(n)))
		}
		c.Registers[f.name] = values
	}
	for n, v := range m.Membranes() {
		c.InitialV[n] = int32(v)
	}
	weights := make([]int32, Size*Size)
	for k := range weights {
		weights[k] = m.weight(k/Size, k%Size)
	}
	c.Synapses = []image.Block{{Synapses: &image.Dense{Inputs: Size, Neurons: Size, Weight: weights}}}
	return c, nil
}

// fields are the fields of a neuron that are registers of an image.Core.
func (c *Chip) fields() []namedField {
	return append([]namedField{{"thr", c.threshold}, {"disable", c.disable}}, c.others...)
}

// check reports what the emulator does not compute.
func (m *Memory) check() error {
	var found diag.List
	for i, r := range m.Chip.registers {
		subject := fmt.Sprintf("register %d (%s)", i, r.name)
		switch x := m.Registers[i]; {
		case x == Unwritten:
			found.Errorf("SPK-ODIN-001", subject, "was never written, and has no value of its own")
		case r.role == fixed && x != 0:
			found.Errorf("SPK-ODIN-002", subject, "got %d, of which only 0 is emulated", x)
		case r.role == gate && x != 0:
			found.Errorf("SPK-ODIN-002", subject, "got %d: the chip is still being programmed", x)
		}
	}
	for _, f := range m.Chip.fixed {
		first, count := 0, 0
		for n := range Size {
			if f.get(m.neuron(n)) != f.want {
				if count++; count == 1 {
					first = n
				}
			}
		}
		if count > 0 {
			found.Errorf("SPK-ODIN-003", fmt.Sprintf("neuron %d", first), "bit %d is %d: %s, which is not emulated (%d neurons)", f.low, 1-f.want, f.about, count)
		}
	}
	return found.Err()
}

// Membranes returns the membranes of all neurons.
func (m *Memory) Membranes() []int64 {
	lo, _ := m.Chip.vRange()
	values := make([]int64, Size)
	for n := range values {
		values[n] = int64(m.Chip.v.get(m.neuron(n)))
		if lo < 0 && values[n] >= -lo {
			values[n] += 2 * lo
		}
	}
	return values
}

// SetMembranes writes the membranes of all neurons.
func (m *Memory) SetMembranes(v []int64) error {
	lo, hi := m.Chip.vRange()
	if len(v) != Size {
		return fmt.Errorf("odin: %d membranes, want %d", len(v), Size)
	}
	for n, x := range v {
		if x < lo || x > hi {
			return fmt.Errorf("odin: membrane of neuron %d: got %d, want %d..%d", n, x, lo, hi)
		}
		m.Chip.v.set(m.neuron(n), uint32(x))
	}
	return nil
}
