package emulator

import (
	"errors"

	"spikec/target/chip"
)

func init() { registerOp("integrate", compileIntegrate) }

// weightName is the name under which an expression of a program sees the weight of the synapse at hand.
const weightName = "w"

// compileIntegrate builds, for every spike that arrives, in ascending order of axons, and every synapse of its axon:
//
//	into = arith(into + (from << shift))
//
// where from is an expression of the weight w and of registers.
func compileIntegrate(c *program, m chip.MicroOp) (operation, error) {
	if m.Combine != "" {
		return nil, errors.New("combined synapse memories are not emulated")
	}
	into, err := c.variable(m.Into)
	if err != nil {
		return nil, err
	}
	arith, err := c.arith(m.Arith)
	if err != nil {
		return nil, err
	}
	from, err := c.expression("from", m.From)
	if err != nil {
		return nil, err
	}
	shift, err := c.optional("shift", m.Shift, 0)
	if err != nil {
		return nil, err
	}
	weight := c.slots[weightName]
	return func(s *coreState) {
		for axon, times := range s.arrived {
			for range times {
				synapses := s.core.synapsesOf(axon, s)
				for _, y := range synapses {
					row := s.row(int(y.neuron))
					row[weight] = int64(y.weight)
					x, ok := shifted(from(row), shift(row))
					if !ok {
						s.fail(int(y.neuron), "a weight shifted by %d", shift(row))
					}
					s.store(int(y.neuron), into, row[into]+x, arith)
				}
				s.operations += int64(len(synapses))
			}
		}
	}, nil
}
