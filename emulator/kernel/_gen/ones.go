package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// ones generates onesGo.
func ones() {
	TEXT("onesAVX2", NOSPLIT, "func(w []uint64) int")
	Doc("onesAVX2 is onesGo.")
	w, n := argument(Param("w").Base()), argument(Param("w").Len())
	sum := []reg.GPVirtual{GP64(), GP64()}
	for _, s := range sum {
		XORQ(s, s)
	}
	Label("four")
	CMPQ(n, Imm(4))
	JLT(LabelRef("one"))
	for k := range 4 {
		x := GP64()
		POPCNTQ(Mem{Base: w, Disp: 8 * k}, x)
		ADDQ(x, sum[k%2])
	}
	ADDQ(Imm(32), w)
	SUBQ(Imm(4), n)
	JMP(LabelRef("four"))
	Label("one")
	TESTQ(n, n)
	JE(LabelRef("done"))
	x := GP64()
	POPCNTQ(Mem{Base: w}, x)
	ADDQ(x, sum[0])
	ADDQ(Imm(8), w)
	DECQ(n)
	JMP(LabelRef("one"))
	Label("done")
	ADDQ(sum[1], sum[0])
	Store(sum[0], ReturnIndex(0))
	RET()
}
