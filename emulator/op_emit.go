package emulator

import "spikec/target/chip"

func init() { registerOp("emit", compileEmit) }

// compileEmit sends the spike of a neuron whose flag is set to where the image routes it.
func compileEmit(*program, chip.MicroOp) (operation, error) {
	return perNeuron(func(s *coreState, n int, _ []int64) { s.spikes[n] = s.fired[n] }), nil
}
