package emulator

import (
	"fmt"
	"math"

	"spikec/quantize/fixedpoint"
	"spikec/target/chip"
)

func init() { registerOp("leak", compileLeak) }

// compileLeak builds the linear leak by a number that is not negative:
//
//	toward zero:  if var > 0 { var = max(var − by, 0) } else { var = min(var + by, 0) }
//	toward floor: if var > floor { var = max(var − by, floor) }
//
// where the floor is the least value that the profile's state gives the variable. To stop at zero or at the floor is what
// a leak does, so it counts as no saturation.
// Source: tinyODIN, lif_neuron.v (zero); ODIN, lif_neuron_state.v (floor).
func compileLeak(c *program, m chip.MicroOp) (operation, error) {
	v, err := c.variable(m.Var)
	if err != nil {
		return nil, err
	}
	by, err := c.expression("by", m.By)
	if err != nil {
		return nil, err
	}
	leaked, err := c.leakToward(m)
	if err != nil {
		return nil, err
	}
	return perNeuron(func(s *coreState, n int, row []int64) {
		k := by(row)
		if k < 0 || k > magnitude {
			s.fail(n, "%s leaked by %d", m.Var, k)
			return
		}
		row[v] = leaked(row[v], k)
	}), nil
}

// leakToward returns the function of the value and the leak.
func (c *program) leakToward(m chip.MicroOp) (func(x, by int64) int64, error) {
	switch m.Toward {
	case "zero":
		return func(x, by int64) int64 { return x - fixedpoint.Clamp(x, -by, by) }, nil
	case "floor":
		floor, err := c.floor(m.Var)
		return func(x, by int64) int64 { return fixedpoint.Clamp(x-by, min(x, floor), math.MaxInt64) }, err
	}
	return nil, fmt.Errorf("toward %q: want zero or floor", m.Toward)
}

// floor returns the least value of a variable.
func (c *program) floor(name string) (int64, error) {
	format := stateOf(c.profile, name)
	if format == nil {
		return 0, fmt.Errorf("toward floor: the profile's state gives %s no least value", name)
	}
	return format.Min, nil
}
