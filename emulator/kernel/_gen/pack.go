package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// argument loads a component of a parameter.
func argument(c gotypes.Component) reg.GPVirtual { return Load(c, GP64()).(reg.GPVirtual) }

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

// widen generates widenGo.
func widen() {
	TEXT("widenAVX2", NOSPLIT, "func(dst []int32, w []uint64)")
	Doc("widenAVX2 is widenGo for a multiple of eight numbers.")
	dst, n := argument(Param("dst").Base()), argument(Param("dst").Len())
	w := argument(Param("w").Base())
	SHRQ(Imm(3), n)
	JE(LabelRef("done"))
	Label("eight")
	x := YMM()
	VPMOVSXWD(Mem{Base: w}, x)
	VMOVDQU(x, Mem{Base: dst})
	ADDQ(Imm(16), w)
	ADDQ(Imm(32), dst)
	DECQ(n)
	JNZ(LabelRef("eight"))
	Label("done")
	VZEROUPPER()
	RET()
}

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
