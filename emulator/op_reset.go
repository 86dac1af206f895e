package emulator

import (
	"fmt"

	"spikec/target/chip"
)

func init() {
	registerOp("reset", func(c *program, m chip.MicroOp) (operation, error) {
		return compileReset(c, m, func(s *coreState) []bool { return s.fired })
	})
}

// resetRegister is the register that chooses between the reset modes of an operation with mode cfg.
const resetRegister = "reset"

// resetModes are the modes by the numbers that the register reset has for them.
var resetModes = []string{"subtract", "zero", "value"}

// resetAction is what a reset does to the membrane of a neuron, given its row.
type resetAction func(s *coreState, n int, row []int64)

// compileReset acts on the membrane of a neuron whose flag is set: with mode subtract v = arith(v − value), with zero
// v = 0, with value v = arith(to), where an absent to is value. With cfg the register reset chooses, 0 subtract, 1 zero
// or 2 value; in a core without it the first mode of the profile holds.
func compileReset(c *program, m chip.MicroOp, flags func(*coreState) []bool) (operation, error) {
	actions, err := c.resetActions(m)
	if err != nil {
		return nil, err
	}
	act := actions[m.Mode]
	if m.Mode == "cfg" {
		act, err = c.configuredReset(actions)
	}
	if err != nil {
		return nil, err
	}
	if act == nil {
		return nil, fmt.Errorf("mode %q: want subtract, zero, value or cfg", m.Mode)
	}
	return perNeuron(func(s *coreState, n int, row []int64) {
		if flags(s)[n] {
			act(s, n, row)
		}
	}), nil
}

// resetActions returns the action of each mode.
func (c *program) resetActions(m chip.MicroOp) (map[string]resetAction, error) {
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
	to := value
	if m.To != "" {
		if to, err = c.expression("to", m.To); err != nil {
			return nil, err
		}
	}
	return map[string]resetAction{
		"subtract": func(s *coreState, n int, row []int64) { s.store(n, v, row[v]-value(row), arith) },
		"zero":     func(_ *coreState, _ int, row []int64) { row[v] = 0 },
		"value":    func(s *coreState, n int, row []int64) { s.store(n, v, to(row), arith) },
	}, nil
}

// configuredReset returns the action of mode cfg.
func (c *program) configuredReset(actions map[string]resetAction) (resetAction, error) {
	if len(c.profile.Reset.Modes) == 0 || actions[c.profile.Reset.Modes[0]] == nil {
		return nil, fmt.Errorf("mode cfg: the profile's reset modes %v start with none of subtract, zero, value", c.profile.Reset.Modes)
	}
	byDefault := actions[c.profile.Reset.Modes[0]]
	slot, ok := c.slots[resetRegister]
	if !ok {
		return byDefault, nil
	}
	return func(s *coreState, n int, row []int64) {
		k := row[slot]
		switch {
		case len(s.core.Registers[resetRegister]) == 0:
			byDefault(s, n, row)
		case k >= 0 && k < int64(len(resetModes)):
			actions[resetModes[k]](s, n, row)
		default:
			s.fail(n, "register reset is %d, not 0, 1 or 2, which", k)
		}
	}, nil
}
