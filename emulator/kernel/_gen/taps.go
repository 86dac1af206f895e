package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets of Taps's fields.
const (
	tapsSpikes      = 0
	tapsSpikeStride = 24
	tapsTaps        = 32
	tapsFirst       = 56
	tapsChannels    = 80
	tapsWeights     = 88
	tapsSums        = 112
	tapsSumStride   = 136
	tapsPadded      = 144
	tapsFrom        = 152
	tapsTo          = 160
	tapsSteps       = 168
	tapBytes        = 8
)

// taps generates Taps.
func taps(l level) {
	f := begin("taps"+l.name, "taps"+l.name+" is tapsGo.")
	mask := l.masker()
	first := load(f(tapsFirst))
	p, left := load(f(tapsFrom)), AllocLocal(8)
	LEAQ(Mem{Base: first, Index: p, Scale: 4}, first)
	to := load(f(tapsTo))
	SUBQ(p, to)
	JLE(LabelRef("done"))
	MOVQ(to, left)
	atP := load(f(tapsSums))

	Label("position")
	sums, spikes, steps := GP64(), load(f(tapsSpikes)), load(f(tapsSteps))
	MOVQ(atP, sums)

	Label("step")
	c := GP64()
	XORQ(c, c)

	Label("channels")
	tap, end, base := GP64(), GP64(), load(f(tapsTaps))
	MOVLQSX(Mem{Base: first}, tap)
	MOVLQSX(Mem{Base: first, Disp: 4}, end)
	LEAQ(Mem{Base: base, Index: tap, Scale: tapBytes}, tap)
	LEAQ(Mem{Base: base, Index: end, Scale: tapBytes}, end)
	acc := l.vec()
	move(l.bytes, Mem{Base: sums, Index: c, Scale: 2}, acc)
	Label("tap")
	CMPQ(tap, end)
	JGE(LabelRef("store"))
	bit, w, at, weight := GP64(), GP64(), GP64(), GP64()
	MOVLQSX(Mem{Base: tap}, bit)
	MOVLQSX(Mem{Base: tap, Disp: 4}, weight)
	ADDQ(Imm(tapBytes), tap)
	ADDQ(c, bit)
	ADDQ(c, weight)
	MOVQ(bit, at)
	SHRQ(Imm(3), at)
	MOVQ(Mem{Base: spikes, Index: at, Scale: 1}, w)
	ANDQ(Imm(7), bit)
	SHRXQ(bit, w, w)
	weights := load(f(tapsWeights))
	mask(w, Mem{Base: weights, Index: weight, Scale: 2}, acc)
	JMP(LabelRef("tap"))
	Label("store")
	move(l.bytes, acc, Mem{Base: sums, Index: c, Scale: 2})
	ADDQ(Imm(uint64(l.bytes/2)), c)
	CMPQ(c, f(tapsChannels))
	JLT(LabelRef("channels"))

	by := load(f(tapsSpikeStride))
	LEAQ(Mem{Base: spikes, Index: by, Scale: 8}, spikes)
	by = load(f(tapsSumStride))
	LEAQ(Mem{Base: sums, Index: by, Scale: 2}, sums)
	DECQ(steps)
	JNZ(LabelRef("step"))
	ADDQ(Imm(4), first)
	by = load(f(tapsPadded))
	LEAQ(Mem{Base: atP, Index: by, Scale: 2}, atP)
	DECQ(left)
	JNZ(LabelRef("position"))
	Label("done")
	VZEROUPPER()
	RET()
}

// masker returns what adds the lanes of a vector whose bit in w is 1.
func (l level) masker() func(w reg.GPVirtual, weights Mem, acc reg.VecVirtual) {
	if l.bytes == 64 {
		return func(w reg.GPVirtual, weights Mem, acc reg.VecVirtual) {
			k := K()
			KMOVD(w.As32(), k)
			VPADDW(weights, acc, k, acc)
		}
	}
	sel := YMM()
	VMOVDQU(bitOfLane("bitTaps"), sel)
	return func(w reg.GPVirtual, weights Mem, acc reg.VecVirtual) {
		x := YMM()
		broadcast16(w, x)
		VPAND(sel, x, x)
		VPCMPEQW(sel, x, x)
		VPAND(weights, x, x)
		VPADDW(x, acc, acc)
	}
}

// bitOfLane holds 1 << k in lane k of 16.
func bitOfLane(name string) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for k := range 16 {
		DATA(2*k, U16(1<<k))
	}
	return m
}
