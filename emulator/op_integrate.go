package emulator

import (
	"fmt"
	"slices"

	"spikec/quantize/fixedpoint"
	"spikec/target/chip"
)

func init() { registerOp("integrate", compileIntegrate) }

// weightName is the name under which an expression of a program sees the weight of the synapse at hand.
const weightName = "w"

// compileIntegrate builds, for every spike that arrives, in ascending order of axons, and every synapse that its axon has in
// the memory from:
//
//	into = arith(into + (w << shift))
//
// where shift is an expression of registers and of the weight w. From w is the memory of the blocks of synapses without a
// name; it may be an expression of w and of registers, which then takes the place of w. A spike of −1 has −w for w; of several
// spikes on one axon, the positive ones come first. Where the arithmetic wraps, the order of the
// weights does not matter, nor when it is applied: that is then done once, when all have been added, and counts as one
// saturation of the neuron in the step, however often a chip may have wrapped on the way. With combine, see integrateCombined.
func compileIntegrate(c *program, m chip.MicroOp) (operation, error) {
	into, err := c.variable(m.Into)
	if err != nil {
		return nil, err
	}
	arith, err := c.arith(m.Arith)
	if err != nil {
		return nil, err
	}
	if m.Combine != "" {
		return c.integrateCombined(into, m, arith)
	}
	from, err := c.weightsOf(m.From, m.Shift)
	if err != nil {
		return nil, err
	}
	if arith.OrderFree() {
		return c.integrateOnce(into, from, arith), nil
	}
	return func(s *coreState) {
		c.eachArrival(s, from, func(n int, row []int64) { s.store(n, into, row[into]+from.value(s, n, row), arith) })
	}, nil
}

// weights are what integrate takes from one synapse memory.
type weights struct {
	name  string                                       // of its blocks
	value func(s *coreState, n int, row []int64) int64 // what a synapse to neuron n adds, with its weight in the row
}

// weightsOf compiles from << shift of one memory.
func (c *program) weightsOf(from, shift string) (weights, error) {
	m := weights{}
	text := from
	if slices.Contains(c.profile.Memories(), from) {
		m.name, text = from, weightName
	}
	weight, err := c.expression("from", text)
	if err != nil {
		return m, err
	}
	if err := c.onlyRegisters(text, shift); err != nil {
		return m, err
	}
	m.value = func(_ *coreState, _ int, row []int64) int64 { return weight(row) }
	if shift != "" {
		m.value, err = c.shiftedWeight(weight, shift)
	}
	return m, err
}

// eachArrival calls add, with its weight in the row of the neuron, for every synapse of a memory and every spike that arrives
// there, in ascending order of axons.
func (c *program) eachArrival(s *coreState, from weights, add func(n int, row []int64)) {
	for axon := range s.arrived.positive {
		c.takeAxon(s, from, axon, add)
	}
}

// takeAxon is eachArrival for the spikes on one axon.
func (c *program) takeAxon(s *coreState, from weights, axon int, add func(n int, row []int64)) {
	weight := c.slots[weightName]
	positive := s.arrived.positive[axon]
	for k := range positive + s.arrived.negative[axon] {
		sign := signOf(k, positive)
		synapses := s.core.synapsesOf(from.name, axon, s)
		for _, y := range synapses {
			n := int(y.neuron)
			row := s.row(n)
			row[weight] = sign * int64(y.weight)
			add(n, row)
		}
		s.operations += int64(len(synapses))
	}
}

// signOf returns the sign of spike k on an axon, of which so many are positive: those come first.
func signOf(k, positive int32) int64 {
	if k < positive {
		return 1
	}
	return -1
}

// integrateOnce is integrate for an arithmetic that is applied once, to the neurons that weights arrive at.
func (c *program) integrateOnce(into int, from weights, arith fixedpoint.Arith) operation {
	return func(s *coreState) {
		c.eachArrival(s, from, func(n int, row []int64) {
			s.set(n, into, row[into]+from.value(s, n, row))
			s.reached[n] = true
		})
		for n, reached := range s.reached {
			if reached {
				s.store(n, into, s.row(n)[into], arith)
				s.reached[n] = false
			}
		}
	}
}

// integrateCombined takes several memories at once. A source is an axon in each of them, counted from the first one of the
// memory. For every source, in ascending order, and every neuron that spikes of it reach:
//
//	into = arith(into + combine(Σ w << shift))
//
// where the sum runs over the memories, each with a shift of its own.
// Source: ReckOn, srnn.v (input and recurrent weights of one index are added before the membrane takes them).
func (c *program) integrateCombined(into int, m chip.MicroOp, arith fixedpoint.Arith) (operation, error) {
	combine, err := c.arith(m.Combine)
	if err != nil {
		return nil, err
	}
	names, shifts := chip.List(m.From), chip.List(m.Shift)
	if len(names) < 2 || len(shifts) != len(names) {
		return nil, fmt.Errorf("combine with %d memories and %d shifts: want two or more, and as many shifts", len(names), len(shifts))
	}
	memories := make([]weights, len(names))
	for i := range names {
		if memories[i], err = c.weightsOf(names[i], shifts[i]); err != nil {
			return nil, err
		}
	}
	return func(s *coreState) {
		var found []*refMemory
		var from []weights
		sources := 0
		for _, m := range memories {
			if r := s.core.memories[m.name]; r != nil {
				found, from, sources = append(found, r), append(from, m), max(sources, r.axons-r.first)
			}
		}
		for source := range sources {
			for i, r := range found {
				if axon := r.first + source; axon < r.axons {
					c.takeAxon(s, from[i], axon, func(n int, row []int64) {
						s.sums[n] = min(max(s.sums[n]+from[i].value(s, n, row), -magnitude), magnitude)
						s.touch(n)
					})
				}
			}
			for _, n := range s.touched {
				x := combine.Apply(s.sums[n])
				if x != s.sums[n] {
					s.saturations++
				}
				s.sums[n], s.reached[n] = 0, false
				s.store(n, into, s.row(n)[into]+x, arith)
			}
			s.touched = s.touched[:0]
		}
	}, nil
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
