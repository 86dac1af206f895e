package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// addScaled generates addScaledGo.
func addScaled() {
	TEXT("addScaledAVX2", NOSPLIT, "func(acc, w []int32, k int32)")
	Doc("addScaledAVX2 is addScaledGo for a multiple of eight numbers.")
	acc, n := argument(Param("acc").Base()), argument(Param("acc").Len())
	w := argument(Param("w").Base())
	k, low := YMM(), XMM()
	VMOVD(Load(Param("k"), GP32()), low)
	VPBROADCASTD(low, k)
	SHRQ(Imm(3), n)
	JE(LabelRef("done"))
	Label("eight")
	x := YMM()
	VPMULLD(Mem{Base: w}, k, x)
	VPADDD(Mem{Base: acc}, x, x)
	VMOVDQU(x, Mem{Base: acc})
	ADDQ(Imm(32), w)
	ADDQ(Imm(32), acc)
	DECQ(n)
	JNZ(LabelRef("eight"))
	Label("done")
	VZEROUPPER()
	RET()
}
