package emulator

// replayer goes through the spikes that arrive at a core in one step, in the order of the chip: axon by axon in ascending
// order, for every spike of an axon its synapses block by block.
type replayer struct {
	core     *refCore
	incoming *incoming
	scratch  *coreState
	wanted   []bool
	arrived  []int32 // axon → spikes of the step, set by whoever owns the replayer
}

// newReplayer returns a replayer for one session; incoming may be nil.
func newReplayer(c *refCore, in *incoming) *replayer {
	return &replayer{core: c, incoming: in, scratch: &coreState{}, wanted: make([]bool, c.Neurons), arrived: make([]int32, c.axons)}
}

// replay calls add for every non-zero weight that reaches one of the neurons.
func (r *replayer) replay(neurons []int32, add func(neuron int, weight int32)) {
	if r.incoming != nil && r.incoming.count(neurons) < r.count() {
		for _, n := range neurons {
			r.incoming.replay(int(n), r.arrived, add)
		}
		return
	}
	for _, n := range neurons {
		r.wanted[n] = true
	}
	for axon, times := range r.arrived {
		if times == 0 {
			continue
		}
		synapses := r.core.synapsesOf("", axon, r.scratch)
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

// count returns how many synapses the spikes of the step take.
func (r *replayer) count() int {
	n := 0
	for axon, times := range r.arrived {
		if times != 0 {
			n += int(times) * len(r.core.memories[""].lists[axon])
		}
	}
	return n
}

// incoming lists the synapses of a core neuron by neuron, those of one neuron in the order of the chip.
type incoming struct {
	start   []int // neuron n has synapses[start[n]:start[n+1]]
	axon    []int32
	weights []int32
}

// newIncoming sorts the synapses that a core lists; nil if it does not list them.
func newIncoming(c *refCore) *incoming {
	lists := c.memories[""].lists
	if lists == nil {
		return nil
	}
	in := &incoming{start: make([]int, c.Neurons+2)}
	for _, list := range lists {
		for _, y := range list {
			in.start[y.neuron+2]++
		}
	}
	for n := range c.Neurons {
		in.start[n+2] += in.start[n+1]
	}
	total := in.start[c.Neurons+1]
	in.axon, in.weights = make([]int32, total), make([]int32, total)
	for axon, list := range lists {
		for _, y := range list {
			at := &in.start[y.neuron+1]
			in.axon[*at], in.weights[*at] = int32(axon), y.weight
			*at++
		}
	}
	return in
}

// count returns how many synapses neurons have.
func (in *incoming) count(neurons []int32) int {
	total := 0
	for _, n := range neurons {
		total += in.start[n+1] - in.start[n]
	}
	return total
}

// replay calls add for every weight that reaches a neuron.
func (in *incoming) replay(neuron int, arrived []int32, add func(neuron int, weight int32)) {
	end := in.start[neuron+1]
	for i := in.start[neuron]; i < end; {
		axon, next := in.axon[i], i+1
		for next < end && in.axon[next] == axon {
			next++
		}
		for range arrived[axon] {
			for _, w := range in.weights[i:next] {
				add(neuron, w)
			}
		}
		i = next
	}
}
