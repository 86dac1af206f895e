package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// accumulate generates accumulateGo.
func accumulate() {
	TEXT("accumulateAVX2", NOSPLIT, "func(dst []int32, w []uint64)")
	Doc("accumulateAVX2 is accumulateGo for a multiple of eight numbers.")
	dst, n := argument(Param("dst").Base()), argument(Param("dst").Len())
	w := argument(Param("w").Base())
	SHRQ(Imm(3), n)
	JE(LabelRef("done"))
	Label("eight")
	x := YMM()
	VPMOVZXWD(Mem{Base: w}, x)
	VPADDD(Mem{Base: dst}, x, x)
	VMOVDQU(x, Mem{Base: dst})
	ADDQ(Imm(16), w)
	ADDQ(Imm(32), dst)
	DECQ(n)
	JNZ(LabelRef("eight"))
	Label("done")
	VZEROUPPER()
	RET()
}
