package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// or generates orGo.
func or() {
	TEXT("orAVX2", NOSPLIT, "func(dst, spikes []uint64, stride, steps int)")
	Doc("orAVX2 is orGo for at least one step.")
	dst, n := argument(Param("dst").Base()), argument(Param("dst").Len())
	spikes, stride := argument(Param("spikes").Base()), argument(Param("stride"))
	SHLQ(Imm(3), stride)
	for _, b := range []struct {
		label string
		words int
	}{{"four", 4}, {"one", 1}} {
		Label(b.label)
		CMPQ(n, Imm(uint64(b.words)))
		JLT(LabelRef("behind" + b.label))
		at, steps := GP64(), argument(Param("steps"))
		MOVQ(spikes, at)
		x, w := YMM(), GP64()
		VPXOR(x, x, x)
		XORQ(w, w)
		Label(b.label + "Step")
		if b.words == 4 {
			VPOR(Mem{Base: at}, x, x)
		} else {
			ORQ(Mem{Base: at}, w)
		}
		ADDQ(stride, at)
		DECQ(steps)
		JNZ(LabelRef(b.label + "Step"))
		if b.words == 4 {
			VMOVDQU(x, Mem{Base: dst})
		} else {
			MOVQ(w, Mem{Base: dst})
		}
		ADDQ(Imm(uint64(8*b.words)), dst)
		ADDQ(Imm(uint64(8*b.words)), spikes)
		SUBQ(Imm(uint64(b.words)), n)
		JMP(LabelRef(b.label))
		Label("behind" + b.label)
	}
	VZEROUPPER()
	RET()
}
