package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// count generates countGo.
func count(l level) {
	TEXT("count"+l.name, NOSPLIT, "func(counts, spikes []uint64, stride, steps int)")
	Doc("count" + l.name + " is countGo.")
	counts, n := argument(Param("counts").Base()), argument(Param("counts").Len())
	spikes, stride := argument(Param("spikes").Base()), argument(Param("stride"))
	SHLQ(Imm(3), stride)
	add := l.bitAdder()
	SHRQ(log2(l.bytes/8), n) // words of four lanes → vectors
	JE(LabelRef("done"))

	Label("vector")
	acc, at, steps := l.vec(), GP64(), argument(Param("steps"))
	move(l.bytes, Mem{Base: counts}, acc)
	MOVQ(spikes, at)
	Label("step")
	w := GP64()
	MOVLQZX(Mem{Base: at}, w)
	add(w, acc)
	ADDQ(stride, at)
	DECQ(steps)
	JNZ(LabelRef("step"))
	move(l.bytes, acc, Mem{Base: counts})
	ADDQ(Imm(uint64(l.bytes)), counts)
	ADDQ(Imm(uint64(l.bytes/16)), spikes)
	DECQ(n)
	JNZ(LabelRef("vector"))
	Label("done")
	VZEROUPPER()
	RET()
}

// bitAdder returns what adds bit k of w to lane k.
func (l level) bitAdder() func(w reg.GPVirtual, acc reg.VecVirtual) {
	if l.bytes == 64 {
		one := l.ones()
		return func(w reg.GPVirtual, acc reg.VecVirtual) {
			k := K()
			KMOVD(w.As32(), k)
			VPADDW(one, acc, k, acc)
		}
	}
	sel := YMM()
	VMOVDQU(bitOfLane("bitCount"), sel)
	return func(w reg.GPVirtual, acc reg.VecVirtual) {
		x := YMM()
		broadcast16(w, x)
		VPAND(sel, x, x)
		VPCMPEQW(sel, x, x)
		VPSUBW(x, acc, acc)
	}
}
