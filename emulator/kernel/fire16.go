package kernel

import "math/bits"

// Block16 is how many words of four lanes belong to one word of spikes: 64 neurons.
const Block16 = 16

// Ones16 is 1 in each of four lanes.
const Ones16 = 0x0001000100010001

// Fire16 takes membranes of 16 bits through a block of steps. v, thr and sub are Words blocks of Block16 words, lanes in
// two's complement:
//
//	for t := range Steps {
//		for n := range 64 * Words {
//			x := v[n] + sums[t*SumStride+n]
//			v[n] = min(max(x, -1<<15), 1<<15-1)
//			if v[n] != x { Saturated++ }
//			if v[n] > thr[n] {
//				bit n of Spikes[t*SpikeStride:] = 1
//				v[n] = v[n] - sub[n], or 0 if Zero
//			}
//		}
//	}
//
// All words of spikes are written. v[n] − sub[n] must fit 16 bits where v[n] > thr[n].
type Fire16 struct {
	V, Threshold, Subtract []uint64
	Sums                   []uint64 // four lanes a word
	SumStride              int      // lanes a step: a multiple of 4; 0 for the same sums at every step
	Spikes                 []uint64
	SpikeStride            int // words a step
	Steps                  int // at most MaxSteps
	Words                  int
	Saturated              int // is added to
	Zero                   bool
	// Wide, if set, holds the sums as numbers of 32 bits; membranes are still of 16 bits, and v + sum must fit 32.
	Wide []int32
}

// MaxSteps is how many steps Fire16 takes at once: its kernels count in 16 bits, for two steps a lane and step.
const MaxSteps = 1 << 13

// Run takes the membranes through the steps.
func (f *Fire16) Run() { f.run(active) }

func (f *Fire16) run(l *level) {
	if f.Steps < 1 {
		return
	}
	kernels := l.fire16
	if f.Wide != nil {
		kernels = l.fire16Wide
	}
	kernels[index(f.Zero)](f)
}

// last returns the problem of the last word.
func (f *Fire16) last() Fire16 {
	w, at := f.Words-1, (f.Words-1)*Block16
	g := *f
	g.Words, g.Spikes = 1, f.Spikes[w:]
	g.V, g.Threshold, g.Subtract = f.V[at:], f.Threshold[at:], f.Subtract[at:]
	if f.Wide != nil {
		g.Wide = f.Wide[64*w:]
	} else {
		g.Sums = f.Sums[at:]
	}
	return g
}

// fire16Go is Fire16.Run in plain Go, on four lanes at once.
func fire16Go(f *Fire16) {
	for i := range f.Words {
		for t := range f.Steps {
			if f.Wide != nil {
				f.wideStep(i, t)
			} else {
				f.step(i, t)
			}
		}
	}
}

// step takes one block through one step.
func (f *Fire16) step(i, t int) {
	vs, ts := (*[Block16]uint64)(f.V[i*Block16:]), (*[Block16]uint64)(f.Threshold[i*Block16:])
	us, xs := (*[Block16]uint64)(f.Subtract[i*Block16:]), (*[Block16]uint64)(f.Sums[t*f.SumStride/4+i*Block16:])
	zero, out := uint64(0), uint64(0)
	if f.Zero {
		zero = ^uint64(0)
	}
	for k := range vs {
		a, x := vs[k], xs[k]
		d := (a ^ x) & offset16
		s := (a&^offset16 + x&^offset16) ^ d
		if o := (a ^ s) & offset16 &^ d; o != 0 {
			s = saturate16(s, a, o)
			f.Saturated += bits.OnesCount64(o)
		}
		above := greater16(s, ts[k])
		m := above<<1 - above>>15
		vs[k] = subLanes(s, m&us[k]) &^ (m & zero)
		out = out>>4 | above>>15*gather16>>60<<60
	}
	f.Spikes[t*f.SpikeStride+i] = out
}

// wideStep is step for sums of 32 bits.
func (f *Fire16) wideStep(i, t int) {
	out := uint64(0)
	for n, x := range f.Wide[t*f.SumStride+64*i:][:64] {
		k := i*Block16 + n/4
		y := int32(At(f.V[k], 4, n%4)) + x
		v := min(max(y, -1<<15), 1<<15-1)
		if v != y {
			f.Saturated++
		}
		out >>= 1
		if int64(v) > At(f.Threshold[k], 4, n%4) {
			out |= 1 << 63
			if v -= int32(At(f.Subtract[k], 4, n%4)); f.Zero {
				v = 0
			}
		}
		f.V[k] = f.V[k]&^(0xffff<<(16*(n%4))) | uint64(uint16(v))<<(16*(n%4))
	}
	f.Spikes[t*f.SpikeStride+i] = out
}

// saturate16 replaces the lanes of s whose sign bit is set in o, where a sum overflowed, by the limit on the side of a:
//
//	for k := range 4 { if o[k] { s[k] = a[k] < 0 ? -1<<15 : 1<<15-1 } }
func saturate16(s, a, o uint64) uint64 {
	m := o<<1 - o>>15
	limit := a>>15&Ones16 + ^uint64(offset16)
	return s&^m | limit&m
}

// greater16 sets the sign bit of the lanes in which a > b, all in two's complement.
func greater16(a, b uint64) uint64 {
	d := a ^ b
	less := b | offset16 - a&^offset16 // per lane 2^15 + low(b) − low(a): its sign bit is set if low(a) <= low(b)
	below := ^less & offset16          // low(a) > low(b)
	return (below&^d | b&^a&offset16&d) & offset16
}

// addLanes adds lanes of 16 bits, modulo 2^16.
func addLanes(a, b uint64) uint64 { return (a&^offset16 + b&^offset16) ^ (a^b)&offset16 }

// subLanes subtracts lanes of 16 bits, modulo 2^16.
func subLanes(a, b uint64) uint64 { return (a | offset16 - b&^offset16) ^ (a^^b)&offset16 }
