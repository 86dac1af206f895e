package kernel

// Count adds up the spikes of every neuron over a block of steps, stride words a step; counts are four lanes of 16 bits
// a word, Block16 words for every word of spikes:
//
//	for t := range steps {
//		for n := range 4 * len(counts) {
//			counts[n] += bit n of spikes[t*stride:]
//		}
//	}
//
// len(counts) is a multiple of Block16, and no count exceeds 2^16 − 1.
func Count(counts, spikes []uint64, stride, steps int) {
	if steps > 0 {
		active.count(counts, spikes, stride, steps)
	}
}

// countGo is Count in plain Go; like the other kernels, it is for at least one step.
func countGo(counts, spikes []uint64, stride, steps int) {
	for t := range steps {
		for i, w := range spikes[t*stride:][:len(counts)/Block16] {
			c := (*[Block16]uint64)(counts[i*Block16:])
			for k := range c {
				c[k] += spread[w&15] & Ones16
				w >>= 4
			}
		}
	}
}
