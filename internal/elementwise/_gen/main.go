// Command gen writes the assembly of package elementwise for amd64:
//
//	go run . -out ../vector_amd64.s
//
// What a kernel computes is said by the Go loop in the package.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// lanes is how many numbers a vector has, and unrolled how many vectors a round of a kernel does.
const (
	lanes    = 4
	unrolled = 2
)

func main() {
	ConstraintExpr("!noasm")
	arithmetic := func(f func(...Op)) func(x, y, to reg.VecVirtual, one Op) {
		return func(x, y, to reg.VecVirtual, _ Op) { f(y, x, to) }
	}
	compare := func(predicate uint64) func(x, y, to reg.VecVirtual, one Op) {
		return func(x, y, to reg.VecVirtual, one Op) {
			VCMPPD(Imm(predicate), y, x, to)
			VANDPD(one, to, to)
		}
	}
	for _, o := range []struct {
		name string
		do   func(x, y, to reg.VecVirtual, one Op)
	}{
		{"add", arithmetic(VADDPD)}, {"sub", arithmetic(VSUBPD)}, {"mul", arithmetic(VMULPD)}, {"div", arithmetic(VDIVPD)},
		{"greater", compare(0x1e)}, {"atLeast", compare(0x1d)}, // ordered, quiet: false for NaN
	} {
		kernel(o.name, "", false, false, o.do)
		kernel(o.name, "Number", false, true, o.do)
		kernel(o.name, "ToNumber", true, false, o.do)
	}
	nonzero()
	Generate()
}

// nonzero generates the kernel of NonZero.
func nonzero() {
	TEXT("nonzeroAVX2", NOSPLIT, "func(words *uint64, x *float64, n int)")
	Doc("nonzeroAVX2 does a positive multiple of 64 numbers.")
	words, x, n := Load(Param("words"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	zero := YMM()
	VXORPD(zero, zero, zero)
	Label("word")
	word := GP64()
	XORQ(word, word)
	for k := 64/lanes - 1; k >= 0; k-- { // the first numbers come to the low bits
		v, bits := YMM(), GP64()
		VCMPPD(U8(4), Mem{Base: x}.Offset(8*lanes*k), zero, v) // unequal, or not a number
		VMOVMSKPD(v, bits.As32())
		SHLQ(U8(lanes), word)
		ORQ(bits, word)
	}
	MOVQ(word, Mem{Base: words})
	ADDQ(Imm(8), words)
	ADDQ(U32(8*64), x)
	SUBQ(U8(64), n)
	JNZ(LabelRef("word"))
	VZEROUPPER()
	RET()
}

// kernel generates the loop of an operation; single operands are one number for all.
func kernel(name, suffix string, singleX, singleY bool, do func(x, y, to reg.VecVirtual, one Op)) {
	TEXT(name+suffix+"AVX2", NOSPLIT, "func(dst, x, y *float64, n int)")
	Doc(name + suffix + "AVX2 does a positive multiple of eight numbers.")
	at := GP64()
	column := func(name string) Mem {
		return Mem{Base: Load(Param(name), GP64()).(reg.GPVirtual), Index: at, Scale: 8}
	}
	operand := func(name string, single bool) func(k int) reg.VecVirtual {
		m := column(name)
		if single {
			v := YMM()
			VBROADCASTSD(Mem{Base: m.Base}, v)
			return func(int) reg.VecVirtual { return v }
		}
		return func(k int) reg.VecVirtual {
			v := YMM()
			VMOVUPD(m.Offset(8*lanes*k), v)
			return v
		}
	}
	dst, x, y, n := column("dst"), operand("x", singleX), operand("y", singleY), Load(Param("n"), GP64())
	one := YMM()
	if name == "greater" || name == "atLeast" {
		bits, low := GP64(), XMM()
		MOVQ(U64(0x3ff0000000000000), bits)
		VMOVQ(bits, low)
		VBROADCASTSD(low, one)
	}
	XORQ(at, at)
	Label("eight")
	for k := range unrolled {
		to := YMM()
		do(x(k), y(k), to, one)
		VMOVUPD(to, dst.Offset(8*lanes*k))
	}
	ADDQ(Imm(lanes*unrolled), at)
	CMPQ(at, n)
	JLT(LabelRef("eight"))
	VZEROUPPER()
	RET()
}
