package emulator

import "spikec/target/chip"

func init() { registerOp("count", compileCount) }

// compileCount builds, for the neurons of which a flag is set:
//
//	var = arith(var + 1)      the spike flag
//	var = arith(var − 1)      the lower flag
func compileCount(c *program, m chip.MicroOp) (operation, error) {
	v, err := c.variable(m.Var)
	if err != nil {
		return nil, err
	}
	arith, err := c.arith(m.Arith)
	if err != nil {
		return nil, err
	}
	return perNeuron(func(s *coreState, n int, row []int64) {
		switch {
		case s.fired[n]:
			s.store(n, v, row[v]+1, arith)
		case s.lowered[n]:
			s.store(n, v, row[v]-1, arith)
		}
	}), nil
}
