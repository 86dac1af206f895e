package quantize

import "spikec/models/snn"

// signedNeurons are signed neurons in 32 bits. Behind the first line of a step (neurons) they do
//
//	if v >= threshold << shift { spike of +1; v -= threshold << shift; count = min(count + 1, CountMax) }
//	else if v < 0 && count > 0 { spike of −1; v += threshold << shift; count-- }
type signedNeurons struct {
	*neurons
	count []int32 // positive minus negative spikes
}

// Begin forgets all spikes.
func (n *signedNeurons) Begin(drive, base []int32) {
	clear(n.count)
	n.neurons.Begin(drive, base)
}

// Step takes the neurons through a block of steps, without branches, which no processor would foresee: up and down are −1
// where a spike of +1 or −1 is sent, else 0.
func (n *signedNeurons) Step(b *snn.Block[int32]) {
	low, high, shift, most := n.fire.Low, n.fire.High, n.format.Shift, n.format.CountMax
	for t := range b.Steps {
		for i := range b.Words {
			at := b.First + i*snn.WordBits
			vs, ts, counts := (*[snn.WordBits]int32)(n.v[at:]), (*[snn.WordBits]int32)(n.threshold[at:]), (*[snn.WordBits]int32)(n.count[at:])
			xs := (*[snn.WordBits]int32)(b.Sums[t*b.SumStride+i*snn.WordBits:])
			var positive, negative uint64
			for k, x := range xs {
				v, th := min(max(vs[k]+x<<shift, low), high), ts[k]
				up := int32(^(int64(v) - int64(th)) >> 63)
				down := v >> 31 & (-counts[k] >> 31) &^ up
				counts[k] = min(counts[k]-up+down, max(counts[k], most))
				vs[k] = v - th&up + th&down
				positive, negative = positive>>1|uint64(up&1)<<63, negative>>1|uint64(down&1)<<63
			}
			b.Spikes[t*b.SpikeStride+i], b.Negative[t*b.SpikeStride+i] = positive, negative
		}
	}
}
