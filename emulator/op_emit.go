package emulator

import "spikec/target/chip"

func init() { registerOp("emit", compileEmit) }

// compileEmit sends the spike of a neuron whose flag is set to where the image routes it; with lower negative, also a
// spike of −1 of a neuron whose lower flag is set and whose spike flag is not.
func compileEmit(_ *program, m chip.MicroOp) (operation, error) {
	negative := m.Lower == "negative"
	return perNeuron(func(s *coreState, n int, _ []int64) {
		switch {
		case s.fired[n]:
			s.spikes[n] = 1
		case negative && s.lowered[n]:
			s.spikes[n] = -1
		default:
			s.spikes[n] = 0
		}
	}), nil
}
