package emulator

import "spikec/target/chip"

func init() { registerOp("add", compileAdd) }

// compileAdd builds var = arith(var + term).
func compileAdd(c *program, m chip.MicroOp) (operation, error) {
	v, err := c.variable(m.Var)
	if err != nil {
		return nil, err
	}
	term, err := c.expression("term", m.Term)
	if err != nil {
		return nil, err
	}
	arith, err := c.arith(m.Arith)
	if err != nil {
		return nil, err
	}
	return perNeuron(func(s *coreState, n int, row []int64) {
		s.store(n, v, row[v]+term(row), arith)
	}), nil
}
