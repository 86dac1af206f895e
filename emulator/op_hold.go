package emulator

import "spikec/target/chip"

func init() { registerOp("hold", compileHold) }

// compileHold builds var = value where the condition holds.
func compileHold(c *program, m chip.MicroOp) (operation, error) {
	v, err := c.variable(m.Var)
	if err != nil {
		return nil, err
	}
	value, err := c.expression("value", m.Value)
	if err != nil {
		return nil, err
	}
	holds, err := c.condition(m.While)
	if err != nil {
		return nil, err
	}
	return perNeuron(func(s *coreState, n int, row []int64) {
		if holds(row) {
			s.set(n, v, value(row))
		}
	}), nil
}
