package quantize

import (
	"math"

	"spikec/emulator/kernel"
	"spikec/models/snn"
	"spikec/quantize/fixedpoint"
)

// neurons are integer integrate-and-fire neurons. With sum what arrives at a step, a step is
//
//	v = clamp(v + (sum + bias + drive) << shift, VMin, VMax)
//	if v >= threshold << shift { fire; v -= threshold << shift, or v = 0 }
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
	if !net.fits32(i) {
		return &wideNeurons{neurons: x, zero: zero, input: make([]int64, n)}
	}
	x.threshold = make([]int32, n)
	x.fire = kernel.Fire32{Shift: int(net.Format.Shift), Zero: zero,
		Low: int32(max(net.Format.VMin, math.MinInt32)), High: int32(min(net.Format.VMax, math.MaxInt32))}
	for k := range p.Size() {
		x.threshold[k] = p.Threshold[k%p.Shape[0]] << net.Format.Shift
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
func (n *neurons) Step(b *snn.Block[int32]) {
	f := &n.fire
	f.V, f.Threshold = n.v[b.First:], n.threshold[b.First:]
	f.Words, f.Steps = b.Words, b.Steps
	f.Sums, f.SumStride, f.Spikes, f.SpikeStride = b.Sums, b.SumStride, b.Spikes, b.SpikeStride
	f.Run()
}

// Membranes returns the membranes.
func (n *neurons) Membranes() []int32 { return n.v[:n.p.Size()] }

// wideNeurons are neurons that are computed in 64 bits, one by one.
type wideNeurons struct {
	*neurons
	zero  bool
	input []int64 // what every step adds: bias and drive, in the membrane's units
}

// Begin presets the membranes and rounds the drive; sums start with nothing.
func (n *wideNeurons) Begin(drive, base []int32) {
	copy(n.v, n.initial)
	clear(base)
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
		spikes := b.Spikes[t*b.SpikeStride:][:b.Words]
		clear(spikes)
		for i, sum := range b.Sums[t*b.SumStride:][:last-b.First] {
			if n.step(b.First+i, sum) {
				spikes[i/snn.WordBits] |= 1 << (i % snn.WordBits)
			}
		}
	}
}

// step takes one neuron through one step.
func (n *wideNeurons) step(i int, sum int32) (fired bool) {
	f := n.format
	v := int64(n.v[i]) + int64(sum)<<f.Shift + n.input[i]
	v = min(max(v, f.VMin), f.VMax)
	if th := int64(n.p.Threshold[i%n.p.Shape[0]]) << f.Shift; v >= th {
		fired = true
		if v -= th; n.zero {
			v = 0
		}
	}
	n.v[i] = int32(v)
	return fired
}
