package emulator

import (
	"fmt"

	"spikec/target/chip"
)

func init() { registerOp("fire", compileFire) }

// compileFire sets the neuron's flag where var >= against (compare ge) or var > against (gt) and the condition also,
// if there is one, holds; elsewhere it takes the flag down.
func compileFire(c *program, m chip.MicroOp) (operation, error) {
	v, err := c.variable(m.Var)
	if err != nil {
		return nil, err
	}
	against, err := c.expression("against", m.Against)
	if err != nil {
		return nil, err
	}
	also, err := c.condition(m.Also)
	if err != nil {
		return nil, err
	}
	if m.Compare != "ge" && m.Compare != "gt" {
		return nil, fmt.Errorf("compare %q: want ge or gt", m.Compare)
	}
	strict := m.Compare == "gt"
	return perNeuron(func(s *coreState, n int, row []int64) {
		x, thr := row[v], against(row)
		s.fired[n] = (x > thr || x == thr && !strict) && also(row)
	}), nil
}
