package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// widen generates widenGo.
func widen() {
	eachEight("widen", func(w, _ Mem, x reg.VecVirtual) { VPMOVSXWD(w, x) })
}

// eachEight generates a kernel that goes through eight lanes and the eight numbers that they belong to at a time; body
// makes x what the numbers become.
func eachEight(name string, body func(w, dst Mem, x reg.VecVirtual)) {
	TEXT(name+"AVX2", NOSPLIT, "func(dst []int32, w []uint64)")
	Doc(name + "AVX2 is " + name + "Go for a multiple of eight numbers.")
	dst, n := argument(Param("dst").Base()), argument(Param("dst").Len())
	w := argument(Param("w").Base())
	SHRQ(Imm(3), n)
	JE(LabelRef("done"))
	Label("eight")
	x := YMM()
	body(Mem{Base: w}, Mem{Base: dst}, x)
	VMOVDQU(x, Mem{Base: dst})
	ADDQ(Imm(16), w)
	ADDQ(Imm(32), dst)
	DECQ(n)
	JNZ(LabelRef("eight"))
	Label("done")
	VZEROUPPER()
	RET()
}
