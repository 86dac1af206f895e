package quantize

import (
	"spikec/emulator/kernel"
	"spikec/models/snn"
)

// signedNeurons are signed neurons in 32 bits. Behind the first line of a step (neurons) they do
//
//	if v >= threshold << shift { spike of +1; v -= threshold << shift; count = min(count + 1, CountMax) }
//	else if v < 0 && count > 0 { spike of −1; v += threshold << shift; count-- }
type signedNeurons struct {
	*neurons
	signed kernel.Signed32
	count  []int32 // positive minus negative spikes
}

// newSigned lets neurons take spikes back.
func newSigned(n *neurons) *signedNeurons {
	f := &n.fire
	return &signedNeurons{neurons: n, signed: kernel.Signed32{Low: f.Low, High: f.High, Shift: f.Shift, Most: n.format.CountMax}, count: make([]int32, len(n.v))}
}

// Begin forgets all spikes.
func (n *signedNeurons) Begin(drive, base []int32) {
	clear(n.count)
	n.neurons.Begin(drive, base)
}

// Step takes the neurons through a block of steps.
func (n *signedNeurons) Step(b *snn.Block[int32]) {
	f := &n.signed
	f.V, f.Threshold, f.Count = n.v[b.First:], n.threshold[b.First:], n.count[b.First:]
	f.Words, f.Steps, f.Sums, f.SumStride = b.Words, b.Steps, b.Sums, b.SumStride
	f.Spikes, f.Negative, f.SpikeStride = b.Spikes, b.Negative, b.SpikeStride
	f.Run()
}
