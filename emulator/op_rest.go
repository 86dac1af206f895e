package emulator

import "spikec/target/chip"

func init() { registerOp("rest", compileRest) }

// compileRest counts the steps that a neuron still has to rest after a spike:
//
//	if fired { var = by } ;  var = max(var − 1, 0)
//
// By 1 there is no step of rest. Source: nengo_loihi/emulator/interface.py, CompartmentState.update.
func compileRest(c *program, m chip.MicroOp) (operation, error) {
	v, err := c.variable(m.Var)
	if err != nil {
		return nil, err
	}
	by, err := c.expression("by", m.By)
	if err != nil {
		return nil, err
	}
	return perNeuron(func(s *coreState, n int, row []int64) {
		x := row[v]
		if s.fired[n] {
			x = by(row)
		}
		s.set(n, v, max(x-1, 0))
	}), nil
}
