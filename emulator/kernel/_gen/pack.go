package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pack generates packGo, which is the same for both levels: it moves memory. The number of words is a multiple of 4.
func pack() {
	TEXT("packAVX2", NOSPLIT, "func(dst []uint64, a, b []int32)")
	Doc("packAVX2 is packGo for a multiple of four words.")
	dst, n := argument(Param("dst").Base()), argument(Param("dst").Len())
	a, b := argument(Param("a").Base()), argument(Param("b").Base())
	SHRQ(Imm(2), n)
	JE(LabelRef("done"))
	mask, t := YMM(), GP64()
	MOVQ(U32(0xffff), t)
	x := XMM()
	VMOVD(t.As32(), x)
	VPBROADCASTD(x, mask)
	Label("words")
	lo, hi := YMM(), YMM()
	for h, v := range []reg.VecVirtual{lo, hi} {
		VMOVDQU(Mem{Base: a, Disp: 32 * h}, v)
		VPADDD(Mem{Base: b, Disp: 32 * h}, v, v)
		VPAND(mask, v, v)
	}
	VPACKUSDW(hi, lo, lo)
	VPERMQ(Imm(0xd8), lo, lo)
	VMOVDQU(lo, Mem{Base: dst})
	ADDQ(Imm(64), a)
	ADDQ(Imm(64), b)
	ADDQ(Imm(32), dst)
	DECQ(n)
	JNZ(LabelRef("words"))
	Label("done")
	VZEROUPPER()
	RET()
}
