package emulator

import (
	"fmt"

	"spikec/target/chip"
)

func init() { registerOp("lower_fire", compileLowerFire) }

// compileLowerFire sets the neuron's lower flag where var < against (compare lt) or var <= against (le), the condition also
// holds, if there is one, and its spike flag is not set; elsewhere it takes the lower flag down. So a neuron that a spike
// left below the bound, as a reset to a value may, is not reset a second time. An absent var is the membrane.
// Source: RANC, ThresholdResetUnit.v (else branch of the positive threshold).
func compileLowerFire(c *program, m chip.MicroOp) (operation, error) {
	name := m.Var
	if name == "" {
		name = "v"
	}
	v, err := c.variable(name)
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
	if m.Compare != "lt" && m.Compare != "le" {
		return nil, fmt.Errorf("compare %q: want lt or le", m.Compare)
	}
	strict := m.Compare == "lt"
	return perNeuron(func(s *coreState, n int, row []int64) {
		x, bound := row[v], against(row)
		s.lowered[n] = !s.fired[n] && (x < bound || x == bound && !strict) && also(row)
	}), nil
}
