package emulator

import (
	"spikec/quantize/fixedpoint"
	"spikec/target/chip"
)

func init() { registerOp("clamp", compileClamp) }

// compileClamp builds var = min(max(var, min), max).
func compileClamp(c *program, m chip.MicroOp) (operation, error) {
	v, err := c.variable(m.Var)
	if err != nil {
		return nil, err
	}
	lower, err := c.expression("min", m.Min)
	if err != nil {
		return nil, err
	}
	upper, err := c.expression("max", m.Max)
	if err != nil {
		return nil, err
	}
	return perNeuron(func(s *coreState, n int, row []int64) {
		lo, hi := lower(row), upper(row)
		if lo > hi {
			s.fail(n, "%s clamped to %d..%d", m.Var, lo, hi)
			return
		}
		x := fixedpoint.Clamp(row[v], lo, hi)
		if x != row[v] {
			s.saturations++
		}
		s.store(n, v, x, fixedpoint.Arith{})
	}), nil
}
