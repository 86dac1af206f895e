package emulator

import (
	"fmt"

	"spikec/quantize/fixedpoint"
	"spikec/target/chip"
)

func init() { registerOp("reset", compileReset) }

// resetRegister is the register that chooses between the reset modes of an operation with mode cfg.
const resetRegister = "reset"

// compileReset acts on the membrane of a neuron whose flag is set: with mode subtract v = arith(v − value), with zero
// v = 0, with value v = value. With cfg the register reset chooses, 0 subtract or 1 zero; in a core without it the
// first mode of the profile holds.
func compileReset(c *program, m chip.MicroOp) (operation, error) {
	v, err := c.variable("v")
	if err != nil {
		return nil, err
	}
	arith, err := c.arith(m.Arith)
	if err != nil {
		return nil, err
	}
	value, err := c.optional("value", m.Value, 0)
	if err != nil {
		return nil, err
	}
	subtract := func(s *coreState, n int, row []int64) { s.store(n, v, row[v]-value(row), arith) }
	zero := func(_ *coreState, _ int, row []int64) { row[v] = 0 }
	assign := func(s *coreState, n int, row []int64) { s.store(n, v, value(row), fixedpoint.Arith{}) }
	modes := map[string]func(*coreState, int, []int64){"subtract": subtract, "zero": zero, "value": assign}
	act := modes[m.Mode]
	if m.Mode == "cfg" {
		act, err = c.configuredReset(modes)
	}
	if err != nil {
		return nil, err
	}
	if act == nil {
		return nil, fmt.Errorf("mode %q: want subtract, zero, value or cfg", m.Mode)
	}
	return perNeuron(func(s *coreState, n int, row []int64) {
		if s.fired[n] {
			act(s, n, row)
		}
	}), nil
}

// configuredReset returns the action of mode cfg.
func (c *program) configuredReset(modes map[string]func(*coreState, int, []int64)) (func(*coreState, int, []int64), error) {
	if len(c.profile.Reset.Modes) == 0 || modes[c.profile.Reset.Modes[0]] == nil {
		return nil, fmt.Errorf("mode cfg: the profile's reset modes %v start with none of subtract, zero, value", c.profile.Reset.Modes)
	}
	byDefault := modes[c.profile.Reset.Modes[0]]
	slot, ok := c.slots[resetRegister]
	if !ok {
		return byDefault, nil
	}
	return func(s *coreState, n int, row []int64) {
		switch {
		case len(s.core.Registers[resetRegister]) == 0:
			byDefault(s, n, row)
		case row[slot] == 0:
			modes["subtract"](s, n, row)
		case row[slot] == 1:
			modes["zero"](s, n, row)
		default:
			s.fail(n, "register reset is %d: want 0 or 1", row[slot])
		}
	}, nil
}
