package odin

import (
	"fmt"
	"slices"

	"spikec/internal/diag"
	"spikec/target/image"
)

// Configure returns the configuration of a chip that computes a core. Neurons that the core does not have get the largest
// threshold and are disabled; synapses of weight 0 are zeros, so not mapped. On ODIN a row is inhibitory if a weight of it is
// negative. Everything that the chip cannot hold is reported at once, each kind with the first place and how many there are.
func Configure(c *Chip, core *image.Core) (*Memory, error) {
	b := &builder{memory: NewMemory(c), core: core}
	if core.Neurons < 1 || core.Neurons > Size || core.Axons() > Size {
		b.found.Add(diag.Diagnostic{ID: "SPK-ODIN-010", Severity: diag.Error, Subject: core.Population,
			Message: fmt.Sprintf("%d neurons and %d axons: the chip has %d of each", core.Neurons, core.Axons(), Size)})
		return nil, b.found.Err()
	}
	b.options()
	b.neurons()
	b.synapses()
	if err := b.found.Err(); err != nil {
		return nil, err
	}
	return b.memory, nil
}

// builder fills memories from a core.
type builder struct {
	memory *Memory
	core   *image.Core
	found  diag.List
}

// within reports the values of a list that are out of their range.
func (b *builder) within(subject string, values []int32, lo, hi int64) {
	first, count := 0, 0
	for i, x := range values {
		if int64(x) < lo || int64(x) > hi {
			if count++; count == 1 {
				first = i
			}
		}
	}
	if count > 0 {
		b.found.Add(diag.Diagnostic{ID: "SPK-ODIN-011", Severity: diag.Error, Subject: b.core.Population + ", " + subject,
			Message: fmt.Sprintf("got %d, want %d..%d (%d values, first at %d)", values[first], lo, hi, count, first)})
	}
}

// register returns a register of the core by name; one that is missing is reported.
func (b *builder) register(name string) []int32 {
	values := b.core.Registers[name]
	switch len(values) {
	case 1, b.core.Shape[0], b.core.Neurons:
		return values
	}
	b.found.Errorf("SPK-ODIN-012", b.core.Population+", "+name, "%d values: want 1, one a channel or one a neuron", len(values))
	return nil
}

// options writes the configuration registers.
func (b *builder) options() {
	known := []string{}
	for i, r := range b.memory.Chip.registers {
		b.memory.Registers[i] = 0
		if r.role != option {
			continue
		}
		known = append(known, r.name)
		values := b.register(r.name)
		b.within(r.name, values, 0, 1<<r.bits-1)
		if len(values) > 0 {
			if slices.ContainsFunc(values, func(x int32) bool { return x != values[0] }) {
				b.found.Errorf("SPK-ODIN-012", b.core.Population+", "+r.name, "differs between neurons, of which the chip has one value")
			}
			b.memory.Registers[i] = uint32(values[0])
		}
	}
	for _, f := range b.memory.Chip.fields() {
		known = append(known, f.name)
	}
	for _, name := range sortedKeys(b.core.Registers) {
		if !slices.Contains(known, name) {
			b.found.Errorf("SPK-ODIN-012", b.core.Population+", "+name, "is no register of the chip: %v", known)
		}
	}
}

// sortedKeys returns the names of registers in order.
func sortedKeys(m map[string][]int32) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// neurons writes the neuron memory.
func (b *builder) neurons() {
	m, c := b.memory, b.memory.Chip
	lo, hi := c.vRange()
	b.within("initial membranes", b.core.InitialV, lo, hi)
	for n := range Size {
		for _, f := range c.fixed {
			f.set(m.neuron(n), f.want)
		}
		if n >= b.core.Neurons {
			c.threshold.set(m.neuron(n), 1<<c.threshold.bits-1)
			c.disable.set(m.neuron(n), 1)
			continue
		}
		c.v.set(m.neuron(n), uint32(b.core.Channel(b.core.InitialV, n)))
	}
	for _, f := range c.fields() {
		values := b.register(f.name)
		b.within(f.name, values, 0, 1<<f.bits-1)
		for n := range b.core.Neurons {
			f.set(m.neuron(n), uint32(b.core.Channel(values, n)))
		}
	}
}

// synapses writes the synapse memory. Several synapses of one axon and neuron add up.
func (b *builder) synapses() {
	weights := make([]int64, Size*Size)
	for _, block := range b.core.Synapses {
		for a := range block.Synapses.Axons() {
			block.Synapses.Each(a, func(n int, w int32) {
				if n < Size {
					weights[(block.FirstAxon+a)*Size+n] += int64(w)
				}
			})
		}
	}
	lo, hi := int64(-8), int64(7)
	if b.memory.Chip.magnitude {
		lo = -hi
	}
	tooLarge, mixed := violation{}, violation{}
	for row := range Size {
		negative, positive := false, false
		for n, w := range weights[row*Size : (row+1)*Size] {
			negative, positive = negative || w < 0, positive || w > 0
			if w < lo || w > hi {
				tooLarge.add(row, fmt.Sprintf("weight %d to neuron %d, want %d..%d", w, n, lo, hi))
				continue
			}
			b.memory.setSynapse(row, n, b.memory.Chip.nibble(int32(w)))
		}
		if b.memory.Chip.magnitude && negative {
			b.memory.Registers[registerSigns+row/16] |= 1 << (row % 16)
			if positive {
				mixed.add(row, "weights of both signs: the chip has one sign a row")
			}
		}
	}
	tooLarge.report(b, "SPK-ODIN-013", "synapses")
	mixed.report(b, "SPK-ODIN-014", "rows")
}

// nibble returns the four bits of a weight.
func (c *Chip) nibble(w int32) uint32 {
	switch {
	case !c.magnitude || w == 0:
		return uint32(w) & 15
	case w < 0:
		w = -w
	}
	return 8 | uint32(w)
}

// violation counts what is wrong in one way, and keeps the first place.
type violation struct {
	count, row int
	text       string
}

func (v *violation) add(row int, text string) {
	if v.count++; v.count == 1 {
		v.row, v.text = row, text
	}
}

func (v *violation) report(b *builder, id, what string) {
	if v.count > 0 {
		b.found.Errorf(id, fmt.Sprintf("%s, axon %d", b.core.Population, v.row), "%s (%d %s)", v.text, v.count, what)
	}
}
