package emulator

// replayer goes through the spikes that arrive at a core in one step, in the order of the chip: axon by axon in ascending
// order, for every spike of an axon its synapses block by block.
type replayer struct {
	core    *refCore
	scratch *coreState
	wanted  []bool
	arrived []int32 // axon → spikes of the step, set by whoever owns the replayer
}

// newReplayer returns a replayer for one session.
func newReplayer(c *refCore) *replayer {
	return &replayer{core: c, scratch: &coreState{}, wanted: make([]bool, c.Neurons), arrived: make([]int32, c.axons)}
}

// replay calls add for every non-zero weight that reaches one of the neurons.
func (r *replayer) replay(neurons []int32, add func(neuron int, weight int32)) {
	for _, n := range neurons {
		r.wanted[n] = true
	}
	for axon, times := range r.arrived {
		if times == 0 {
			continue
		}
		synapses := r.core.synapsesOf(axon, r.scratch)
		for range times {
			for _, y := range synapses {
				if r.wanted[y.neuron] {
					add(int(y.neuron), y.weight)
				}
			}
		}
	}
	for _, n := range neurons {
		r.wanted[n] = false
	}
}
