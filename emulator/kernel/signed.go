package kernel

import "math"

// Signed32 takes whole-numbered membranes of 32 bits of neurons that take spikes back through a block of steps:
//
//	for t := range Steps {
//		for n := range 64 * Words {
//			v := V[n] + Sums[t*SumStride+n] << Shift
//			v = min(max(v, Low), High)
//			up := v >= Threshold[n]
//			down := v < 0 && Count[n] > 0 && !up
//			bit n of Spikes[t*SpikeStride:] = up, bit n of Negative[t*SpikeStride:] = down
//			if up { v -= Threshold[n]; Count[n] = min(Count[n]+1, Most) }
//			if down { v += Threshold[n]; Count[n]-- }
//			V[n] = v
//		}
//	}
//
// All words of spikes are written. Numbers are added, subtracted and shifted modulo 2^32. No count is above Most before.
type Signed32 struct {
	V, Threshold, Count []int32
	Sums                []int32
	SumStride           int // numbers a step; 0 for the same sums at every step
	Spikes, Negative    []uint64
	SpikeStride         int // words a step, of each
	Steps               int
	Words               int
	Low, High, Most     int32
	Shift               int
}

// Run takes the membranes through the steps.
func (f *Signed32) Run() { f.run(active) }

func (f *Signed32) run(l *level) {
	if f.Steps > 0 && f.Words > 0 {
		l.signed32(f)
	}
}

// signed32Go is Signed32.Run in plain Go, without branches, which no processor would foresee: up and down are −1 where a
// spike of +1 or −1 is sent, else 0.
func signed32Go(f *Signed32) {
	for t := range f.Steps {
		for i := range f.Words {
			vs, ts, counts := (*[64]int32)(f.V[64*i:]), (*[64]int32)(f.Threshold[64*i:]), (*[64]int32)(f.Count[64*i:])
			xs := (*[64]int32)(f.Sums[t*f.SumStride+64*i:])
			var spikes, negative uint64
			for k, x := range xs {
				v, th := min(max(vs[k]+x<<f.Shift, f.Low), f.High), ts[k]
				up := int32(^(int64(v) - int64(th)) >> 63)
				down := v >> 31 & (-counts[k] >> 31) &^ up
				counts[k] = min(counts[k]-up+down, f.Most)
				vs[k] = v - th&up + th&down
				spikes, negative = spikes>>1|uint64(up&1)<<63, negative>>1|uint64(down&1)<<63
			}
			f.Spikes[t*f.SpikeStride+i], f.Negative[t*f.SpikeStride+i] = spikes, negative
		}
	}
}

// SignedReal takes real-valued membranes of neurons that take spikes back through a block of steps:
//
//	for t := range Steps {
//		for n := range 64 * Words {
//			v := V[n] + Sums[t*SumStride+n]
//			up := v >= Threshold
//			down := v < 0 && Count[n] > 0 && !up
//			bit n of Spikes[t*SpikeStride:] = up, bit n of Negative[t*SpikeStride:] = down
//			if up { v -= Threshold; Count[n]++ }
//			if down { v += Threshold; Count[n]-- }
//			V[n] = v
//		}
//	}
//
// All words of spikes are written. No number is NaN, and no membrane infinite.
type SignedReal struct {
	V                []float32
	Count            []int32
	Sums             []float32
	SumStride        int // numbers a step; 0 for the same sums at every step
	Spikes, Negative []uint64
	SpikeStride      int // words a step, of each
	Steps            int
	Words            int
	Threshold        float32
}

// Run takes the membranes through the steps.
func (f *SignedReal) Run() { f.run(active) }

func (f *SignedReal) run(l *level) {
	if f.Steps > 0 && f.Words > 0 {
		l.signedReal(f)
	}
}

// signedRealGo is SignedReal.Run in plain Go, without branches: by signs, where −0 + 0 is 0, and masks.
func signedRealGo(f *SignedReal) {
	threshold := math.Float32bits(f.Threshold)
	for t := range f.Steps {
		for i := range f.Words {
			vs, counts := (*[64]float32)(f.V[64*i:]), (*[64]int32)(f.Count[64*i:])
			xs := (*[64]float32)(f.Sums[t*f.SumStride+64*i:])
			var spikes, negative uint64
			for k, x := range xs {
				v := vs[k] + x
				up := ^math.Float32bits(v-f.Threshold) >> 31
				down := math.Float32bits(v+0) >> 31 & (uint32(-counts[k]) >> 31) &^ up
				counts[k] += int32(up) - int32(down)
				vs[k] = v - math.Float32frombits(threshold&-up) + math.Float32frombits(threshold&-down)
				spikes, negative = spikes>>1|uint64(up)<<63, negative>>1|uint64(down)<<63
			}
			f.Spikes[t*f.SpikeStride+i], f.Negative[t*f.SpikeStride+i] = spikes, negative
		}
	}
}
