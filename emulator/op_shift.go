package emulator

import (
	"spikec/quantize/fixedpoint"
	"spikec/target/chip"
)

func init() { registerOp("shift", compileShift) }

// compileShift builds var = var << by, or where by is negative var = round(var / 2^−by).
func compileShift(c *program, m chip.MicroOp) (operation, error) {
	v, err := c.variable(m.Var)
	if err != nil {
		return nil, err
	}
	by, err := c.expression("by", m.By)
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
		k := by(row)
		x, ok := row[v], true
		if k < 0 {
			x = fixedpoint.ShiftRight(x, uint(min(-k, 63)), round)
		} else {
			x, ok = shifted(x, k)
		}
		if !ok {
			s.fail(n, "%s shifted by %d", m.Var, k)
		}
		s.store(n, v, x, arith)
	}), nil
}

// shifted returns x·2^k; ok is false where x or k are out of what a program may use.
func shifted(x, k int64) (y int64, ok bool) {
	if x < -magnitude || x > magnitude || k < 0 || k > factorBits {
		return 0, false
	}
	return fixedpoint.ShiftLeft(x, uint(k)), true
}
