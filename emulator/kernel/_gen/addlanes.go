package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// addLanes generates addLanesGo.
func addLanes() {
	TEXT("addLanesAVX2", NOSPLIT, "func(dst, w []uint64)")
	Doc("addLanesAVX2 is addLanesGo.")
	dst, w, n := argument(Param("dst").Base()), argument(Param("w").Base()), argument(Param("w").Len())
	Label("four")
	CMPQ(n, Imm(4))
	JLT(LabelRef("one"))
	x := YMM()
	VMOVDQU(Mem{Base: w}, x)
	VPADDW(Mem{Base: dst}, x, x)
	VMOVDQU(x, Mem{Base: dst})
	ADDQ(Imm(32), dst)
	ADDQ(Imm(32), w)
	SUBQ(Imm(4), n)
	JMP(LabelRef("four"))
	Label("one")
	TESTQ(n, n)
	JE(LabelRef("done"))
	a, b := XMM(), XMM()
	VMOVQ(Mem{Base: w}, a)
	VMOVQ(Mem{Base: dst}, b)
	VPADDW(b, a, a)
	VMOVQ(a, Mem{Base: dst})
	ADDQ(Imm(8), dst)
	ADDQ(Imm(8), w)
	DECQ(n)
	JMP(LabelRef("one"))
	Label("done")
	VZEROUPPER()
	RET()
}
