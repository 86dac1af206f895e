package quantize

import (
	"math/bits"

	"spikec/models/snn"
	"spikec/quantize/fixedpoint"
)

// wrappingNeurons are plain neurons whose membranes wrap, or that are reset below a bound of their own. A step is
//
//	v = wrap(v + sum + bias)            or clamp(…, VMin, VMax)
//	if v >= threshold  { fire; v = wrap(v − threshold), or v = 0 }
//	else if v < lower  { v = wrap(v − lower) }
//
// wrap brings a number to VMin..VMax by adding a multiple of their distance. Sums of a step may be wrapped at any time: that is order-free.
// Source: RANC, NeuronBlock.v, IntegratorUnit.v, ThresholdResetUnit.v.
type wrappingNeurons struct {
	*neurons
	zero  bool
	width int     // bits of a membrane
	lower []int32 // a channel; nil: there is none
}

// newWrapping returns the neurons.
func newWrapping(x *neurons, net *Network) *wrappingNeurons {
	return &wrappingNeurons{neurons: x, zero: net.Reset == snn.Zero, width: bits.Len64(uint64(net.Format.VMax)) + 1, lower: x.p.Lower}
}

// Step takes the neurons through a block of steps.
func (n *wrappingNeurons) Step(b *snn.Block[int32]) {
	last := min(b.First+b.Words*snn.WordBits, n.p.Size())
	for t := range b.Steps {
		sums := b.Sums[t*b.SumStride:]
		for from := b.First; from < last; from += snn.WordBits {
			word := uint64(0)
			for i := from; i < min(from+snn.WordBits, last); i++ {
				if n.step(i, int64(sums[i-b.First])) {
					word |= 1 << (i - from)
				}
			}
			b.Spikes[t*b.SpikeStride+(from-b.First)/snn.WordBits] = word
		}
	}
}

// step takes neuron i through a step, and reports whether it fires.
func (n *wrappingNeurons) step(i int, sum int64) bool {
	c := i % n.p.Shape[0]
	v, threshold := n.bring(int64(n.v[i])+sum), int64(n.p.Threshold[c])
	fires := v >= threshold
	switch {
	case fires && n.zero:
		v = 0
	case fires:
		v = n.bring(v - threshold)
	case n.lower != nil && v < int64(n.lower[c]):
		v = n.bring(v - int64(n.lower[c]))
	}
	n.v[i] = int32(v)
	return fires
}

// bring brings a sum to VMin..VMax.
func (n *wrappingNeurons) bring(v int64) int64 {
	f := n.format
	if !f.Wraps {
		return min(max(v, f.VMin), f.VMax)
	}
	return fixedpoint.Wrap(v, n.width)
}
