package emulator

import (
	"slices"

	"spikec/target/chip"
)

func init() { registerOp("emit", compileEmit) }

// compileEmit sends the spike of a neuron whose flag is set, if the condition also holds where there is one; with lower
// negative, also a spike of −1 of a neuron whose lower flag is set and whose spike flag is not. The name queue sends it to the
// chip's own queue of events, any other to where the image routes it.
func compileEmit(c *program, m chip.MicroOp) (operation, error) {
	also, err := c.condition(m.Also)
	if err != nil {
		return nil, err
	}
	negative := m.Lower == "negative"
	names := chip.List(m.To)
	queue := slices.Contains(names, chip.Queue)
	routed := !queue || len(names) > 1
	return perNeuron(func(s *coreState, n int, row []int64) {
		spike := int8(0)
		switch {
		case !also(row):
		case s.fired[n]:
			spike = 1
		case negative && s.lowered[n]:
			spike = -1
		}
		if routed {
			s.spikes[n] = spike
		}
		if queue {
			s.queued[n] = spike != 0
		}
	}), nil
}
