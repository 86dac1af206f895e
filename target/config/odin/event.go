package odin

import (
	"fmt"

	"spikec/target/chip"
	"spikec/target/image"
)

// ParseEvent reads a word of the chip's input bus of events (10 bits, ODIN 17).
func (c *Chip) ParseEvent(word uint32) (image.Event, error) {
	e, ok := c.parse(word)
	if !ok {
		return image.Event{}, fmt.Errorf("event %#x is none that is emulated of %s", word, c.ID)
	}
	return e, nil
}

// EventWord returns the word of an event. On tinyODIN a virtual event of weight 0 has none: the chip takes its word for the
// event of a row.
func (c *Chip) EventWord(e image.Event) (uint32, error) {
	word, ok := c.word(e)
	if back, same := c.parse(word); !ok || !same || back != e {
		return 0, fmt.Errorf("odin: %s has no word for the event %+v", c.ID, e)
	}
	return word, nil
}

// row is the event of a row.
func row(axon uint32) image.Event {
	return image.Event{Name: chip.EventPre, Target: chip.TargetAll, Axon: int(axon)}
}

// one is an event of one neuron.
func one(name string, neuron uint32) image.Event {
	return image.Event{Name: name, Target: chip.TargetOne, Neuron: int(neuron)}
}

// parseTiny reads an event of tinyODIN:
//
//	00 pre          row
//	01 11111111     time reference of all neurons
//	01 n            time reference of neuron n
//	10 w[3:0] n[3:0] virtual; with w = 0 the queue's entry is that of row n
func parseTiny(word uint32) (image.Event, bool) {
	low := word & 0xff
	switch word >> 8 {
	case 0:
		return row(low), true
	case 1:
		if low == 0xff {
			return image.Event{Name: chip.EventTimeRef, Target: chip.TargetAll}, true
		}
		return one(chip.EventTimeRef, low), true
	case 2:
		e := one(chip.EventVirtual, low&15)
		e.Weight = int32(low>>4<<28) >> 28
		if e.Weight == 0 {
			e = row(low & 15)
		}
		return e, true
	}
	return image.Event{}, false
}

// wordTiny is the inverse of parseTiny.
func wordTiny(e image.Event) (uint32, bool) {
	switch (image.Event{Name: e.Name, Target: e.Target}) {
	case image.Event{Name: chip.EventPre, Target: chip.TargetAll}:
		return uint32(e.Axon), true
	case image.Event{Name: chip.EventTimeRef, Target: chip.TargetAll}:
		return 0x1ff, true
	case image.Event{Name: chip.EventTimeRef, Target: chip.TargetOne}:
		return 0x100 | uint32(e.Neuron), true
	case image.Event{Name: chip.EventVirtual, Target: chip.TargetOne}:
		return 0x200 | uint32(e.Weight&15)<<4 | uint32(e.Neuron), true
	}
	return 0, false
}

// parseODIN reads an event of ODIN. Bistability events are for learning, and refused:
//
//	1 pre post             single synapse
//	0 x 00000111           row x
//	0 x 01111111           time reference of all neurons
//	0 x 11111111           time reference of neuron x
//	0 x w[2:0] s l 001     virtual on neuron x: with l a leak, else w, negative with s; with all 0 the queue's entry is that of row x
func parseODIN(word uint32) (image.Event, bool) {
	x, low := word>>8&0xff, word&0xff
	switch {
	case word>>16 == 1:
		e := one(chip.EventPre, low)
		e.Axon = int(x)
		return e, true
	case word>>16 > 1:
		return image.Event{}, false
	case low == 0x07:
		return row(x), true
	case low == 0x7f:
		return image.Event{Name: chip.EventTimeRef, Target: chip.TargetAll}, true
	case low == 0xff:
		return one(chip.EventTimeRef, x), true
	case low&7 != 1:
		return image.Event{}, false
	case low>>3&1 == 1:
		return one(chip.EventVirtualLeak, x), true
	case low == 1:
		return row(x), true
	}
	e := one(chip.EventVirtual, x)
	if e.Weight = int32(low >> 5); low>>4&1 == 1 {
		e.Weight = -e.Weight
	}
	return e, true
}

// wordODIN is the inverse of parseODIN, with l alone where a leak is meant, and with s where the weight is 0.
func wordODIN(e image.Event) (uint32, bool) {
	switch (image.Event{Name: e.Name, Target: e.Target}) {
	case image.Event{Name: chip.EventPre, Target: chip.TargetOne}:
		return 1<<16 | uint32(e.Axon)<<8 | uint32(e.Neuron), true
	case image.Event{Name: chip.EventPre, Target: chip.TargetAll}:
		return uint32(e.Axon)<<8 | 0x07, true
	case image.Event{Name: chip.EventTimeRef, Target: chip.TargetAll}:
		return 0x7f, true
	case image.Event{Name: chip.EventTimeRef, Target: chip.TargetOne}:
		return uint32(e.Neuron)<<8 | 0xff, true
	case image.Event{Name: chip.EventVirtualLeak, Target: chip.TargetOne}:
		return uint32(e.Neuron)<<8 | 0x09, true
	case image.Event{Name: chip.EventVirtual, Target: chip.TargetOne}:
		w, sign := e.Weight, uint32(0)
		if w <= 0 {
			w, sign = -w, 1
		}
		return uint32(e.Neuron)<<8 | uint32(w&7)<<5 | sign<<4 | 1, true
	}
	return 0, false
}
