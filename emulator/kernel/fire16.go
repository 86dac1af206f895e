package kernel

import "math/bits"

// Block16 is how many words of four lanes the kernels on membranes take at once: 64 neurons, one word of spikes.
const Block16 = 16

// Reset16 says how a membrane of 16 bits fires and what a spike does to it.
type Reset16 struct {
	// Strict is 1 in every lane if thresholds are given plus one, because a membrane fires above and not at its
	// threshold; else 0.
	Strict uint64
	// Zero is all ones if a spike sets the membrane to zero, 0 if it subtracts the threshold.
	Zero uint64
}

// Ones16 is 1 in each of four lanes.
const Ones16 = 0x0001000100010001

// Fire16 adds the sums of a step to membranes of 16 bits, saturates, compares and resets, and starts the next sums. v
// and thr are lanes in two's complement, acc and rest are sums that started at Offset; all are whole blocks of Block16
// words, and thr is 0..2^15 in every lane, read without sign, and at least Strict. With s = the lanes' value of acc:
//
//	for n := range 4 * len(v) {
//		x := v[n] + s[n]
//		v[n] = min(max(x, -1<<15), 1<<15-1)
//		if v[n] != x { saturated++ }
//		acc[n] = rest[n]
//		if v[n] >= thr[n] {
//			spikes.set(n)
//			v[n] = v[n] - (thr[n] - strict) or 0
//		}
//	}
//
// Bit n mod 64 of spikes[n/64] is neuron n; all words are written.
func Fire16(v, acc, rest, thr, spikes []uint64, r Reset16) (saturated int) {
	for i := range spikes {
		at := i * Block16
		vs, as := (*[Block16]uint64)(v[at:]), (*[Block16]uint64)(acc[at:])
		rs, ts := (*[Block16]uint64)(rest[at:]), (*[Block16]uint64)(thr[at:])
		out := uint64(0)
		for k := range vs {
			a, x := vs[k], as[k]^offset16
			as[k] = rs[k]
			d := (a ^ x) & offset16
			s := (a&^offset16 + x&^offset16) ^ d
			if o := (a ^ s) & offset16 &^ d; o != 0 {
				s = saturate16(s, a, o)
				saturated += bits.OnesCount64(o)
			}
			t := ts[k]
			f := (s | offset16 - t) &^ s & offset16
			m := f<<1 - f>>15
			vs[k] = (s - m&(t-r.Strict)) &^ (m & r.Zero)
			out = out>>4 | f>>15*gather16>>60<<60
		}
		spikes[i] = out
	}
	return saturated
}

// Drive16 is Fire16 for neurons whose sum is the same in every step: x holds it, in two's complement.
//
//	for n := range 4 * len(v) {
//		y := v[n] + x[n]
//		v[n] = min(max(y, -1<<15), 1<<15-1)
//		if v[n] != y { saturated++ }
//		if v[n] >= thr[n] {
//			spikes.set(n)
//			v[n] = v[n] - (thr[n] - strict) or 0
//		}
//	}
func Drive16(v, x, thr, spikes []uint64, r Reset16) (saturated int) {
	for i := range spikes {
		at := i * Block16
		vs, xs, ts := (*[Block16]uint64)(v[at:]), (*[Block16]uint64)(x[at:]), (*[Block16]uint64)(thr[at:])
		out := uint64(0)
		for k := range vs {
			a, x := vs[k], xs[k]
			d := (a ^ x) & offset16
			s := (a&^offset16 + x&^offset16) ^ d
			if o := (a ^ s) & offset16 &^ d; o != 0 {
				s = saturate16(s, a, o)
				saturated += bits.OnesCount64(o)
			}
			t := ts[k]
			f := (s | offset16 - t) &^ s & offset16
			m := f<<1 - f>>15
			vs[k] = (s - m&(t-r.Strict)) &^ (m & r.Zero)
			out = out>>4 | f>>15*gather16>>60<<60
		}
		spikes[i] = out
	}
	return saturated
}

// saturate16 replaces the lanes of s whose sign bit is set in o, where a sum overflowed, by the limit on the side of a:
//
//	for k := range 4 { if o[k] { s[k] = a[k] < 0 ? -1<<15 : 1<<15-1 } }
func saturate16(s, a, o uint64) uint64 {
	m := o<<1 - o>>15
	limit := a>>15&Ones16 + ^uint64(offset16)
	return s&^m | limit&m
}
