package emulator

import (
	"spikec/quantize/fixedpoint"
	"spikec/target/chip"
)

func init() { registerOp("decay", compileDecay) }

// compileDecay builds var = arith(round(var · mul / 2^shift)).
func compileDecay(c *program, m chip.MicroOp) (operation, error) {
	v, err := c.variable(m.Var)
	if err != nil {
		return nil, err
	}
	mul, err := c.expression("mul", m.Mul)
	if err != nil {
		return nil, err
	}
	shift, err := c.expression("shift", m.Shift)
	if err != nil {
		return nil, err
	}
	round, err := c.rounding(m.Round)
	if err != nil {
		return nil, err
	}
	arith, err := c.arith(m.Arith)
	if err != nil {
		return nil, err
	}
	return perNeuron(func(s *coreState, n int, row []int64) {
		f, k := mul(row), shift(row)
		if f < -factor || f > factor || k < 0 || k > 63 {
			s.fail(n, "%s decayed by %d / 2^%d", m.Var, f, k)
			return
		}
		s.store(n, v, fixedpoint.Decay(row[v], f, uint(k), round), arith)
	}), nil
}
