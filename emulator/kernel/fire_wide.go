package kernel

// BlockWide is how many neurons FireWide takes at once: one word of spikes.
const BlockWide = 64

// ResetWide says how a membrane of up to 32 bits is limited and what a spike does to it.
type ResetWide struct {
	Low, High int64 // limits of the membrane
	Strict    int64 // 1 if thresholds are given plus one, else 0
	Zero      bool  // a spike sets the membrane to zero, else it subtracts the threshold
}

// FireWide adds x to membranes, limits them, compares and resets; all are of whole blocks of BlockWide neurons:
//
//	for n := range v {
//		y := v[n] + x[n] + rest[n]
//		v[n] = min(max(y, Low), High)
//		if v[n] != y { saturated++ }
//		if v[n] >= thr[n] {
//			spikes.set(n)
//			v[n] = v[n] - (thr[n] - Strict) or 0
//		}
//	}
//
// Bit n mod 64 of spikes[n/64] is neuron n; all words are written. No sum may leave 64 bits, and no membrane 32.
func FireWide(v []int32, x, rest, thr []int64, spikes []uint64, r ResetWide) (saturated int) {
	zero := int64(0)
	if r.Zero {
		zero = -1
	}
	for i := range spikes {
		at := i * BlockWide
		vs, xs := (*[BlockWide]int32)(v[at:]), (*[BlockWide]int64)(x[at:])
		rs, ts := (*[BlockWide]int64)(rest[at:]), (*[BlockWide]int64)(thr[at:])
		out := uint64(0)
		for k := range vs {
			y := int64(vs[k]) + xs[k] + rs[k]
			z := min(max(y, r.Low), r.High)
			if z != y {
				saturated++
			}
			t := ts[k]
			m := ^((z - t) >> 63) // all ones where the neuron fires
			vs[k] = int32((z - m&(t-r.Strict)) &^ (m & zero))
			out = out>>1 | uint64(m)<<63
		}
		spikes[i] = out
	}
	return saturated
}

// Unpack writes the lanes' values of acc, which started at Offset, shifted left, to x, and starts the next sums:
//
//	for n := range x {
//		x[n] = s[n] << shift
//	}
//	for i := range acc { acc[i] = Offset(lanes) }
//
// x holds lanes times as many numbers as acc words.
func Unpack(x []int64, acc []uint64, lanes int, shift uint) {
	switch lanes {
	case 4:
		unpack4(x, acc, shift)
	case 2:
		unpack2(x, acc, shift)
	default:
		for i, w := range acc {
			x[i] = int64(w^1<<63) << shift
			acc[i] = 1 << 63
		}
	}
}

// unpack4 is Unpack for four lanes.
func unpack4(x []int64, acc []uint64, shift uint) {
	for i, w := range acc {
		y := (*[4]int64)(x[4*i:])
		w ^= offset16
		y[0] = int64(int16(w)) << shift
		y[1] = int64(int16(w>>16)) << shift
		y[2] = int64(int16(w>>32)) << shift
		y[3] = int64(int16(w>>48)) << shift
		acc[i] = offset16
	}
}

// unpack2 is Unpack for two lanes.
func unpack2(x []int64, acc []uint64, shift uint) {
	const start = 1<<63 | 1<<31
	for i, w := range acc {
		y := (*[2]int64)(x[2*i:])
		w ^= start
		y[0] = int64(int32(w)) << shift
		y[1] = int64(int32(w>>32)) << shift
		acc[i] = start
	}
}
