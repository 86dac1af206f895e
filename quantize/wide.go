package quantize

import (
	"spikec/models/snn"
)

// wideNeurons are neurons of any kind that are computed in 64 bits, one by one, because their sums leave 32 bits.
type wideNeurons struct {
	*neurons
	zero      bool
	threshold []int64 // << shift
	input     []int64 // what every step adds: bias and drive, in the membrane's units
	count     []int32 // of signed neurons (signedNeurons); nil for others
}

// newWide returns neurons in 64 bits.
func newWide(x *neurons, net *Network) *wideNeurons {
	w := &wideNeurons{neurons: x, zero: net.Reset == snn.Zero, threshold: make([]int64, len(x.v)), input: make([]int64, len(x.v))}
	for i := range x.p.Size() {
		w.threshold[i] = int64(x.p.Threshold[i%x.p.Shape[0]]) << net.Format.Shift
	}
	if net.Firing == snn.Signed {
		w.count = make([]int32, len(x.v))
	}
	return w
}

// Begin presets the membranes and rounds the drive; sums start with nothing.
func (n *wideNeurons) Begin(drive, base []int32) {
	copy(n.v, n.initial)
	clear(base)
	clear(n.count)
	c := n.p.Shape[0]
	for i := range base {
		in := int64(n.p.Bias[i%c])
		if drive != nil {
			in += shiftDrive(int64(drive[i]), n.p.DriveShift)
		}
		n.input[i] = in << n.format.Shift
	}
}

// Step takes the neurons through a block of steps.
func (n *wideNeurons) Step(b *snn.Block[int32]) {
	last := min(b.First+b.Words*snn.WordBits, n.p.Size())
	for t := range b.Steps {
		if b.Sums != nil {
			for i, sum := range b.Sums[t*b.SumStride:][:last-b.First] {
				n.add(b.First+i, sum)
			}
		}
		if b.Spikes == nil {
			continue
		}
		for from := b.First; from < last; from += snn.WordBits {
			up, down := n.fireWord(from, min(from+snn.WordBits, last))
			at := t*b.SpikeStride + (from-b.First)/snn.WordBits
			if b.Spikes[at] = up; b.Negative != nil {
				b.Negative[at] = down
			}
		}
	}
}

// add adds the sum of a step to a membrane.
func (n *wideNeurons) add(i int, sum int32) {
	v := int64(n.v[i]) + int64(sum)<<n.format.Shift + n.input[i]
	n.v[i] = int32(min(max(v, n.format.VMin), n.format.VMax))
}

// fireWord lets neurons from..to-1 fire, which share a word of spikes.
func (n *wideNeurons) fireWord(from, to int) (up, down uint64) {
	for i := from; i < to; i++ {
		v, threshold := int64(n.v[i]), n.threshold[i]
		switch {
		case v >= threshold:
			up |= 1 << (i - from)
			if v -= threshold; n.zero {
				v = 0
			}
			if n.count != nil {
				n.count[i] = min(n.count[i]+1, n.format.CountMax)
			}
		case v < 0 && n.count != nil && n.count[i] > 0:
			down |= 1 << (i - from)
			v += threshold
			n.count[i]--
		}
		n.v[i] = int32(v)
	}
	return up, down
}
