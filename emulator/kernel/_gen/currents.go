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

// currents generates Currents: four or two positions at once where one body has all their columns; else
// columns by as many vectors as registers allow.
func currents(l level) {
	f := begin("currents"+l.name, "currents"+l.name+" is currentsGo.")
	atY, left, atX := AllocLocal(8), AllocLocal(8), AllocLocal(8)
	r := load(f(currentsCodes))
	MOVQ(r, atY)
	r = load(f(currentsHeight))
	MOVQ(r, left)
	out := load(f(currentsOut))
	shift := XMM()
	VMOVQ(f(currentsShift), shift)
	round := l.vec()
	VPBROADCASTD(f(currentsRound), round)

	Label("row")
	r = load(atY)
	MOVQ(r, atX)
	width := load(f(currentsWidth))

	Label("position")
	for _, p := range []struct {
		label     string
		positions int
		vectors   []int // the widths of a body; -1 is half a vector
	}{{"four", 4, []int{1}}, {"two", 2, []int{4, 2, 1}}, {"one", 1, []int{8, 4, 2, 1}}} {
		Label(p.label)
		CMPQ(width, Imm(uint64(p.positions)))
		JLT(LabelRef("not" + p.label))
		w, o, rest := load(f(currentsWeights)), GP64(), load(f(currentsColumns))
		MOVQ(out, o)
		if l.bytes == 64 {
			p.vectors = append(p.vectors, -1)
		}
		for i, n := range p.vectors {
			size := l.bytes
			if n < 0 {
				n, size = 1, l.bytes/2
			}
			next, again := fmt.Sprintf("columns%d%s", i+1, p.label), fmt.Sprintf("columns%d%s", i, p.label)
			Label(again)
			CMPQ(rest, I32(n*size/4))
			if p.positions > 1 { // or columns too many of the first would be written behind those of the second
				JNE(LabelRef(next))
			} else {
				JLT(LabelRef(next))
			}
			currentsBody(l, f, fmt.Sprint(i, p.label), p.positions, n, size, load(atX), w, o, round, shift)
			SUBQ(I32(n*size/4), rest)
			JE(LabelRef("done" + p.label))
			ADDQ(I32(n*size), w)
			ADDQ(I32(n*size), o)
			JMP(LabelRef(again))
		}
		Label(fmt.Sprintf("columns%d%s", len(p.vectors), p.label))
		if p.positions > 1 {
			JMP(LabelRef("not" + p.label))
		}
		Label("done" + p.label)
		by := load(f(currentsColumnStep))
		SHLQ(log2(2*p.positions), by)
		ADDQ(by, atX)
		by = load(f(currentsStride))
		SHLQ(log2(4*p.positions), by)
		ADDQ(by, out)
		SUBQ(Imm(uint64(p.positions)), width)
		JMP(LabelRef("position"))
		Label("not" + p.label)
	}
	by := load(f(currentsRowStep))
	SHLQ(Imm(1), by)
	ADDQ(by, atY)
	DECQ(left)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// currentsBody computes n vectors of columns of one, two or four positions.
func currentsBody(l level, f func(int) Mem, id string, positions, n, size int, codes, weights, out reg.GPVirtual, round, shift reg.VecVirtual) {
	label := func(name string) string { return name + id }
	vec := level{bytes: size}.vec
	acc := vecs(n*positions, vec)
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
	w, at, rows, by, step := GP64(), GP64(), load(f(currentsKernelRows)), load(f(currentsColumns)), load(f(currentsColumnStep))
	MOVQ(weights, w)
	MOVQ(codes, at)
	SHLQ(Imm(2), by)
	Label(label("kernel"))
	code, pairs := GP64(), load(f(currentsPairs))
	MOVQ(at, code)
	other := code // two positions on
	if positions == 4 {
		other = GP64()
		LEAQ(Mem{Base: code, Index: step, Scale: 4}, other)
	}
	Label(label("pair"))
	x := vecs(positions, vec)
	for p := range positions {
		m := Mem{Base: code}
		if p > 1 {
			m.Base = other
		}
		if p%2 == 1 {
			m.Index, m.Scale = step, 2
		}
		VPBROADCASTD(m, x[p])
	}
	for k := range n {
		m := Mem{Base: w, Disp: k * size}
		for p := range positions {
			a := acc[p*n+k]
			if l.bytes == 64 && len(acc) > 4 { // with fewer sums at work it would wait for itself
				VPDPWSSD(m, x[p], a)
				continue
			}
			y := vec()
			VPMADDWD(m, x[p], y)
			VPADDD(y, a, a)
		}
	}
	ADDQ(by, w)
	ADDQ(Imm(4), code)
	if positions == 4 {
		ADDQ(Imm(4), other)
	}
	DECQ(pairs)
	JNZ(LabelRef(label("pair")))
	row := load(f(currentsRowStride))
	LEAQ(Mem{Base: at, Index: row, Scale: 2}, at)
	DECQ(rows)
	JNZ(LabelRef(label("kernel")))
	next := load(f(currentsStride))
	third := out
	if positions == 4 {
		third = GP64()
		LEAQ(Mem{Base: out, Index: next, Scale: 8}, third)
	}
	for k, a := range acc {
		VPSRAD(shift, a, a)
		m := Mem{Base: out, Disp: k % n * size}
		if k/n > 1 {
			m.Base = third
		}
		if k/n%2 == 1 {
			m.Index, m.Scale = next, 4
		}
		if l.bytes == 64 {
			VMOVDQU64(a, m)
		} else {
			VMOVDQU(a, m)
		}
	}
}
