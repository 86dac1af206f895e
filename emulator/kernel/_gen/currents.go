package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets of Currents's fields.
const (
	currentsCodes      = 0
	currentsWeights    = 24
	currentsOut        = 48
	currentsRowStride  = 72
	currentsRowStep    = 80
	currentsColumnStep = 88
	currentsKernelRows = 96
	currentsPairs      = 104
	currentsWidth      = 112
	currentsHeight     = 120
	currentsColumns    = 128
	currentsStride     = 136
	currentsShift      = 144
	currentsRound      = 152
)

// currents generates Currents: the columns of a position by 128, 64, 32 and 16 bytes of sums.
func currents(l level) {
	f := begin("currents"+l.name, "currents"+l.name+" is currentsGo.")
	atY, left, atX := AllocLocal(8), AllocLocal(8), AllocLocal(8)
	r := load(f(currentsCodes))
	MOVQ(r, atY)
	r = load(f(currentsHeight))
	MOVQ(r, left)
	out := load(f(currentsOut))
	shift, t := XMM(), GP64()
	VMOVQ(f(currentsShift), shift)
	round := l.vec()
	VPBROADCASTD(f(currentsRound), round)
	_ = t

	Label("row")
	r = load(atY)
	MOVQ(r, atX)
	width := load(f(currentsWidth))

	Label("position")
	w, o, rest := load(f(currentsWeights)), GP64(), load(f(currentsColumns))
	MOVQ(out, o)
	bodies := []int{8, 4, 2, 1} // vectors
	if l.bytes == 64 {
		bodies = []int{8, 4, 2, 1, -1} // -1: a half vector
	}
	for i, n := range bodies {
		size := l.bytes
		if n < 0 {
			n, size = 1, l.bytes/2
		}
		next, again := fmt.Sprintf("columns%d", i+1), fmt.Sprintf("columns%d", i)
		Label(again)
		CMPQ(rest, I32(n*size/4))
		JLT(LabelRef(next))
		currentsBody(l, f, i, n, size, load(atX), w, o, round, shift)
		ADDQ(I32(n*size), w)
		ADDQ(I32(n*size), o)
		SUBQ(I32(n*size/4), rest)
		JMP(LabelRef(again))
	}
	Label(fmt.Sprintf("columns%d", len(bodies)))
	by := load(f(currentsColumnStep))
	SHLQ(Imm(1), by)
	ADDQ(by, atX)
	by = load(f(currentsStride))
	LEAQ(Mem{Base: out, Index: by, Scale: 4}, out)
	DECQ(width)
	JNZ(LabelRef("position"))
	by = load(f(currentsRowStep))
	SHLQ(Imm(1), by)
	ADDQ(by, atY)
	DECQ(left)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// currentsBody computes n vectors of columns of one position.
func currentsBody(l level, f func(int) Mem, id, n, size int, codes, weights, out reg.GPVirtual, round, shift reg.VecVirtual) {
	vec := level{bytes: size}.vec
	acc := vecs(n, vec)
	for _, a := range acc {
		src := round
		if size < l.bytes {
			src = round.AsY().(reg.VecVirtual)
		}
		if l.bytes == 64 {
			VMOVDQA64(src, a)
		} else {
			VMOVDQA(src, a)
		}
	}
	w, at, rows, by := GP64(), GP64(), load(f(currentsKernelRows)), load(f(currentsColumns))
	MOVQ(weights, w)
	MOVQ(codes, at)
	SHLQ(Imm(2), by)
	Label(fmt.Sprintf("kernel%d", id))
	code, pairs := GP64(), load(f(currentsPairs))
	MOVQ(at, code)
	Label(fmt.Sprintf("pair%d", id))
	x := vec()
	VPBROADCASTD(Mem{Base: code}, x)
	for k, a := range acc {
		m := Mem{Base: w, Disp: k * size}
		if l.bytes == 64 {
			VPDPWSSD(m, x, a)
			continue
		}
		y := vec()
		VPMADDWD(m, x, y)
		VPADDD(y, a, a)
	}
	ADDQ(by, w)
	ADDQ(Imm(4), code)
	DECQ(pairs)
	JNZ(LabelRef(fmt.Sprintf("pair%d", id)))
	step := load(f(currentsRowStride))
	LEAQ(Mem{Base: at, Index: step, Scale: 2}, at)
	DECQ(rows)
	JNZ(LabelRef(fmt.Sprintf("kernel%d", id)))
	for k, a := range acc {
		VPSRAD(shift, a, a)
		if l.bytes == 64 {
			VMOVDQU64(a, Mem{Base: out, Disp: k * size})
		} else {
			VMOVDQU(a, Mem{Base: out, Disp: k * size})
		}
	}
}
