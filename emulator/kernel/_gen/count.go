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
	SHRQ(Imm(3), n) // words of four lanes → 32 neurons
	JE(LabelRef("done"))

	Label("vector")
	acc, at, steps := vecs(64/l.bytes, l.vec), GP64(), argument(Param("steps"))
	for k, a := range acc {
		move(l.bytes, Mem{Base: counts, Disp: k * l.bytes}, a)
	}
	MOVQ(spikes, at)
	Label("step")
	for k, a := range acc {
		add(Mem{Base: at, Disp: k * l.bytes / 16}, a)
	}
	ADDQ(stride, at)
	DECQ(steps)
	JNZ(LabelRef("step"))
	for k, a := range acc {
		move(l.bytes, a, Mem{Base: counts, Disp: k * l.bytes})
	}
	ADDQ(Imm(64), counts)
	ADDQ(Imm(4), spikes)
	DECQ(n)
	JNZ(LabelRef("vector"))
	Label("done")
	VZEROUPPER()
	RET()
}

// bitAdder returns what adds bit k of memory to lane k.
func (l level) bitAdder() func(bits Mem, acc reg.VecVirtual) {
	if l.bytes == 64 {
		one := l.ones()
		return func(bits Mem, acc reg.VecVirtual) {
			k := K()
			KMOVD(bits, k)
			VPADDW(one, acc, k, acc)
		}
	}
	sel := YMM()
	VMOVDQU(bitOfLane("bitCount"), sel)
	return func(bits Mem, acc reg.VecVirtual) {
		x := YMM()
		VPBROADCASTW(bits, x)
		VPAND(sel, x, x)
		VPCMPEQW(sel, x, x)
		VPSUBW(x, acc, acc)
	}
}
