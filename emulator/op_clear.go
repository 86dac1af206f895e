package emulator

import "spikec/target/chip"

func init() { registerOp("clear", compileClear) }

// compileClear builds var = 0.
func compileClear(c *program, m chip.MicroOp) (operation, error) {
	v, err := c.variable(m.Var)
	if err != nil {
		return nil, err
	}
	return perNeuron(func(_ *coreState, _ int, row []int64) { row[v] = 0 }), nil
}
