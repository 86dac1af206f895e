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
	value := func(_ *coreState, _ int, row []int64) int64 { return from(row) }
	if m.Shift != "" {
		if value, err = c.shiftedWeight(from, m.Shift); err != nil {
			return nil, err
		}
	}
	weight := c.slots[weightName]
	return func(s *coreState) {
		for axon, times := range s.arrived {
			for range times {
				synapses := s.core.synapsesOf(axon, s)
				for _, y := range synapses {
					n := int(y.neuron)
					row := s.row(n)
					row[weight] = int64(y.weight)
					s.store(n, into, row[into]+value(s, n, row), arith)
				}
				s.operations += int64(len(synapses))
			}
		}
	}, nil
}

// shiftedWeight compiles from << shift.
func (c *program) shiftedWeight(from func([]int64) int64, by string) (func(*coreState, int, []int64) int64, error) {
	shift, err := c.expression("shift", by)
	if err != nil {
		return nil, err
	}
	return func(s *coreState, n int, row []int64) int64 {
		x, ok := shifted(from(row), shift(row))
		if !ok {
			s.fail(n, "a weight shifted by %d", shift(row))
		}
		return x
	}, nil
}
