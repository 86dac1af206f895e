package image

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// Difference says in what b first differs from m, or returns "": two images without a difference do the same, spike by spike, and
// their counters are equal. Synapses are compared one by one, whatever kind of memory holds them; zero weights are none.
// Registers and initial membranes are compared neuron by neuron, in whichever of their lengths they are given.
func (m *Image) Difference(b *Image) string {
	// What is not on the chip has one stored form, but for the kinds of the drives' memories, which are the host's own.
	var x, y bytes.Buffer
	if err := errors.Join(Encode(&x, m.Host()), Encode(&y, b.Host())); err != nil {
		return err.Error()
	}
	if !bytes.Equal(x.Bytes(), y.Bytes()) {
		return "they have other cores or axons, or what the host does differs"
	}
	for i := range m.Cores {
		if d := m.Cores[i].difference(&b.Cores[i]); d != "" {
			return fmt.Sprintf("core %d (%s): %s", i, m.Cores[i].Population, d)
		}
	}
	return ""
}

// difference is Difference for two cores with the same neurons and axons.
func (c *Core) difference(d *Core) string {
	if x, y := sortedKeys(c.Registers), sortedKeys(d.Registers); !slices.Equal(x, y) {
		return fmt.Sprintf("registers %v and %v", x, y)
	}
	for _, name := range sortedKeys(c.Registers) {
		if t := c.valuesDiffer(c.Registers[name], d.Registers[name]); t != "" {
			return "register " + name + ": " + t
		}
	}
	if t := c.valuesDiffer(c.InitialV, d.InitialV); t != "" {
		return "initial membranes: " + t
	}
	if !slices.Equal(c.Routes, d.Routes) {
		return fmt.Sprintf("routes %v and %v", c.Routes, d.Routes)
	}
	for k := range c.Synapses {
		x, y := &c.Synapses[k], &d.Synapses[k]
		for a := range x.Synapses.Axons() {
			if s, t := synapsesOf(x.Synapses, a), synapsesOf(y.Synapses, a); !slices.Equal(s, t) {
				i := 0
				for i < min(len(s), len(t)) && s[i] == t[i] {
					i++
				}
				return fmt.Sprintf("axon %d: %s and %s", x.FirstAxon+a, synapseText(s, i), synapseText(t, i))
			}
		}
	}
	return ""
}

// valuesDiffer compares two registers neuron by neuron.
func (c *Core) valuesDiffer(x, y []int32) string {
	for n := range c.Neurons {
		if a, b := c.Channel(x, n), c.Channel(y, n); a != b {
			return fmt.Sprintf("neuron %d has %d and %d", c.Index(n), a, b)
		}
	}
	return ""
}

// synapse is one synapse of an axon.
type synapse struct {
	neuron int
	weight int32
}

// synapsesOf lists the synapses of an axon by neurons; those to one neuron keep their order.
func synapsesOf(s Synapses, axon int) []synapse {
	var list []synapse
	s.Each(axon, func(n int, w int32) {
		if w != 0 {
			list = append(list, synapse{n, w})
		}
	})
	slices.SortStableFunc(list, func(a, b synapse) int { return a.neuron - b.neuron })
	return list
}

// synapseText says what synapse i of a list is.
func synapseText(list []synapse, i int) string {
	if i >= len(list) {
		return "no further synapse"
	}
	return fmt.Sprintf("weight %d to neuron %d", list[i].weight, list[i].neuron)
}
