package emulator

import (
	"errors"
	"fmt"

	"spikec/quantize/fixedpoint"
	"spikec/target/chip"
)

func init() { registerOp("integrate", compileIntegrate) }

// weightName is the name under which an expression of a program sees the weight of the synapse at hand.
const weightName = "w"

// compileIntegrate builds, for every spike that arrives, in ascending order of axons, and every synapse of its axon:
//
//	into = arith(into + (from << shift))
//
// where from and shift are expressions of the weight w and of registers. A spike of −1 has −w for w; of several spikes on one
// axon, the positive ones come first. Where the arithmetic wraps, the order of the
// weights does not matter, nor when it is applied: that is then done once, when all have been added, and counts as one
// saturation of the neuron in the step, however often a chip may have wrapped on the way.
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
	if err := c.onlyRegisters(m.From, m.Shift); err != nil {
		return nil, err
	}
	if arith.OrderFree() {
		return c.integrateOnce(into, value, arith), nil
	}
	weight := c.slots[weightName]
	return func(s *coreState) {
		for axon, positive := range s.arrived.positive {
			for k := range positive + s.arrived.negative[axon] {
				sign := signOf(k, positive)
				synapses := s.core.synapsesOf(axon, s)
				for _, y := range synapses {
					n := int(y.neuron)
					row := s.row(n)
					row[weight] = sign * int64(y.weight)
					s.store(n, into, row[into]+value(s, n, row), arith)
				}
				s.operations += int64(len(synapses))
			}
		}
	}, nil
}

// signOf returns the sign of spike k on an axon, of which so many are positive: those come first.
func signOf(k, positive int32) int64 {
	if k < positive {
		return 1
	}
	return -1
}

// integrateOnce is integrate for an arithmetic that is applied once, to the neurons that weights arrive at.
func (c *program) integrateOnce(into int, value func(*coreState, int, []int64) int64, arith fixedpoint.Arith) operation {
	weight := c.slots[weightName]
	return func(s *coreState) {
		for axon, positive := range s.arrived.positive {
			for k := range positive + s.arrived.negative[axon] {
				sign := signOf(k, positive)
				synapses := s.core.synapsesOf(axon, s)
				for _, y := range synapses {
					n := int(y.neuron)
					row := s.row(n)
					row[weight] = sign * int64(y.weight)
					s.set(n, into, row[into]+value(s, n, row))
					s.reached[n] = true
				}
				s.operations += int64(len(synapses))
			}
		}
		for n, reached := range s.reached {
			if reached {
				s.store(n, into, s.row(n)[into], arith)
				s.reached[n] = false
			}
		}
	}
}

// onlyRegisters refuses expressions, of which some may be absent, that name a variable other than the weight.
func (c *program) onlyRegisters(expressions ...string) error {
	for _, text := range expressions {
		if text == "" {
			continue
		}
		e, err := chip.ParseExpr(text)
		if err != nil {
			return err
		}
		for _, name := range e.Names() {
			if slot, ok := c.slots[name]; ok && slot < c.variables && name != weightName {
				return fmt.Errorf("%q depends on %s: want the weight and registers", text, name)
			}
		}
	}
	return nil
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
