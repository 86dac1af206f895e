package quantize

import (
	"math"
	"slices"

	"spikec/emulator/kernel"
	"spikec/models/snn"
	"spikec/quantize/fixedpoint"
)

// neurons are integer integrate-and-fire neurons. With sum what arrives at a step, a step is
//
//	v = clamp(v + (sum + bias + drive) << shift, VMin, VMax)
//	if v >= threshold << shift { fire; v -= threshold << shift, or v = 0 }
//
// Staged neurons do the first line in all steps of a picture, and then the second one in as many.
type neurons struct {
	p         *Population
	format    *Format
	initial   []int32 // << shift
	v         []int32 // whole words, like threshold
	threshold []int32 // << shift; nil in 64 bits
	fire      kernel.Fire32
}

// newNeurons returns the neurons of population i of net: in 32 bits where nothing can leave them, else in 64.
func newNeurons(net *Network, i int) snn.Neurons[int32] {
	p, zero := &net.Populations[i], net.Reset == snn.Zero
	n := snn.Words(p.Size()) * snn.WordBits
	x := &neurons{p: p, format: &net.Format, initial: make([]int32, p.Size()), v: make([]int32, n)}
	for k := range x.initial {
		x.initial[k] = p.Initial[k%p.Shape[0]] << net.Format.Shift
	}
	if net.Format.Wraps || net.Format.LowerReset {
		return newWrapping(x, net)
	}
	if net.Firing == snn.Staged && net.Format.VMax >= math.MaxInt32 || !net.fits32(i) {
		return newWide(x, net)
	}
	x.threshold = make([]int32, n)
	x.fire = kernel.Fire32{Shift: int(net.Format.Shift), Zero: zero,
		Low: int32(max(net.Format.VMin, math.MinInt32)), High: int32(min(net.Format.VMax, math.MaxInt32))}
	for k := range p.Size() {
		x.threshold[k] = p.Threshold[k%p.Shape[0]] << net.Format.Shift
	}
	switch net.Firing {
	case snn.Signed:
		return newSigned(x)
	case snn.Staged:
		return &stagedNeurons{neurons: x, never: slices.Repeat([]int32{math.MaxInt32}, n), none: make([]uint64, n/snn.WordBits), rest: make([]int32, n)}
	}
	return x
}

// fits32 reports whether no sum, membrane or threshold of population i leaves 32 bits on its way.
func (n *Network) fits32(i int) bool {
	p, shift := &n.Populations[i], n.Format.Shift
	most := int64(0) // |v|
	for c := range p.Shape[0] {
		sum := shiftDrive(n.largestSum(i, c, true), p.DriveShift) + n.largestSum(i, c, false) + abs(p.Bias[c])
		if p.Threshold[c] < 1 || sum > math.MaxInt32 {
			return false
		}
		// Spikes only bring a membrane towards zero.
		first, limit := abs(p.Initial[c])<<shift, max(n.Format.VMax, -n.Format.VMin)
		v := max(first, min(first+int64(n.Steps)*sum<<shift, limit)) + sum<<shift
		most = max(most, v, int64(p.Threshold[c])<<shift)
	}
	return most <= math.MaxInt32
}

// largestSum bounds the current of one step that channel c of population i takes from spikes, or its drive before it
// is shifted.
func (n *Network) largestSum(i, c int, drive bool) int64 {
	sum := int64(0)
	for j := range n.Projections {
		q := &n.Projections[j]
		if q.Target != i || (q.Source == 0) != drive {
			continue
		}
		times := int64(1)
		if drive {
			times = 255
		}
		if q.Pool != nil {
			times *= int64(q.Pool.Kernel[0] * q.Pool.Kernel[1])
		}
		fan := len(q.Weight) / n.Populations[i].Shape[0]
		for _, w := range q.Weight[c*fan : (c+1)*fan] {
			sum += times * abs(w)
		}
	}
	return sum
}

func abs(x int32) int64 { return max(int64(x), -int64(x)) }

// Begin presets the membranes; base is the bias and the rounded drive.
func (n *neurons) Begin(drive, base []int32) {
	copy(n.v, n.initial)
	bias := n.p.Bias
	for i := 0; i < len(base); i += len(bias) {
		copy(base[i:], bias)
	}
	if n.p.DriveShift == 0 {
		for i, d := range drive {
			base[i] += d
		}
		return
	}
	half := fixedpoint.ShiftLeft(1, n.p.DriveShift-1)
	for i, d := range drive {
		base[i] += int32(fixedpoint.Asr(int64(d)+half, n.p.DriveShift))
	}
}

// Step takes the neurons through a block of steps.
func (n *neurons) Step(b *snn.Block[int32]) { n.step(b, n.threshold) }

// step is Step with the thresholds of all neurons.
func (n *neurons) step(b *snn.Block[int32], threshold []int32) {
	f := &n.fire
	f.V, f.Threshold = n.v[b.First:], threshold[b.First:]
	f.Words, f.Steps = b.Words, b.Steps
	f.Sums, f.SumStride, f.Spikes, f.SpikeStride = b.Sums, b.SumStride, b.Spikes, b.SpikeStride
	f.Run()
}

// Membranes returns the membranes.
func (n *neurons) Membranes() []int32 { return n.v[:n.p.Size()] }

// stagedNeurons add all sums before they fire.
type stagedNeurons struct {
	*neurons
	never []int32  // thresholds that no membrane reaches
	none  []uint64 // the spikes of the first stage
	rest  []int32  // the sums of the second one
}

// Step adds sums where there are any, and else fires.
func (n *stagedNeurons) Step(b *snn.Block[int32]) {
	c := *b
	if b.Spikes == nil {
		c.Spikes, c.SpikeStride = n.none, 0
		n.step(&c, n.never)
		return
	}
	c.Sums, c.SumStride = n.rest, 0
	n.step(&c, n.threshold)
}
