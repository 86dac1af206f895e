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
	x := correlation{level: l, f: f, atX: atX, width: width, out: out, round: round, shift: shift}
	x.positions("four", 4, 1)
	x.positions("two", 2, 4, 2, 1)
	x.positions("one", 1, 8, 4, 2, 1)
	by := load(f(currentsRowStep))
	SHLQ(Imm(1), by)
	ADDQ(by, atY)
	DECQ(left)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// correlation is what the positions of a row are computed with.
type correlation struct {
	level
	f            func(int) Mem
	atX          Mem           // where the codes of the next position are
	width, out   reg.GPVirtual // how many positions remain, and where the currents of the next one are
	round, shift reg.VecVirtual
}

// positions computes so many positions at once while there are as many, by bodies of so many vectors of columns, and by
// half a vector of 64 bytes. If it is more than one position, only a body that has all columns will do.
func (x correlation) positions(name string, positions int, vectors ...int) {
	Label(name)
	CMPQ(x.width, Imm(uint64(positions)))
	JLT(LabelRef("not" + name))
	w, o, rest := load(x.f(currentsWeights)), GP64(), load(x.f(currentsColumns))
	MOVQ(x.out, o)
	var bodies []columns
	for _, n := range vectors {
		bodies = append(bodies, columns{positions, n, x.bytes})
	}
	if x.bytes == 64 {
		bodies = append(bodies, columns{positions, 1, x.bytes / 2})
	}
	for i, c := range bodies {
		next, again := fmt.Sprintf("columns%d%s", i+1, name), fmt.Sprintf("columns%d%s", i, name)
		Label(again)
		CMPQ(rest, I32(c.n*c.size/4))
		if positions > 1 { // or columns too many of the first would be written behind those of the second
			JNE(LabelRef(next))
		} else {
			JLT(LabelRef(next))
		}
		x.body(fmt.Sprint(i, name), c, load(x.atX), w, o)
		SUBQ(I32(c.n*c.size/4), rest)
		JE(LabelRef("done" + name))
		ADDQ(I32(c.n*c.size), w)
		ADDQ(I32(c.n*c.size), o)
		JMP(LabelRef(again))
	}
	Label(fmt.Sprintf("columns%d%s", len(bodies), name))
	if positions > 1 {
		JMP(LabelRef("not" + name))
	}
	Label("done" + name)
	by := load(x.f(currentsColumnStep))
	SHLQ(log2(2*positions), by)
	ADDQ(by, x.atX)
	by = load(x.f(currentsStride))
	SHLQ(log2(4*positions), by)
	ADDQ(by, x.out)
	SUBQ(Imm(uint64(positions)), x.width)
	JMP(LabelRef("position"))
	Label("not" + name)
}

// columns are n vectors of a size at each of one, two or four positions.
type columns struct{ positions, n, size int }

// vec returns a vector register.
func (c columns) vec() reg.VecVirtual { return level{bytes: c.size}.vec() }

// body computes columns: kernel row by kernel row, pair by pair.
func (x correlation) body(id string, c columns, codes, weights, out reg.GPVirtual) {
	acc := x.rounded(c)
	w, at, rows := GP64(), GP64(), load(x.f(currentsKernelRows))
	by, step := load(x.f(currentsColumns)), load(x.f(currentsColumnStep))
	MOVQ(weights, w)
	MOVQ(codes, at)
	SHLQ(Imm(2), by)
	Label("kernel" + id)
	code, pairs := GP64(), load(x.f(currentsPairs))
	MOVQ(at, code)
	other := code // two positions on
	if c.positions == 4 {
		other = GP64()
		LEAQ(Mem{Base: code, Index: step, Scale: 4}, other)
	}
	Label("pair" + id)
	x.pair(c, acc, code, other, step, w)
	ADDQ(by, w)
	ADDQ(Imm(4), code)
	if c.positions == 4 {
		ADDQ(Imm(4), other)
	}
	DECQ(pairs)
	JNZ(LabelRef("pair" + id))
	row := load(x.f(currentsRowStride))
	LEAQ(Mem{Base: at, Index: row, Scale: 2}, at)
	DECQ(rows)
	JNZ(LabelRef("kernel" + id))
	x.store(c, acc, out)
}

// rounded returns the sums that columns start with.
func (x correlation) rounded(c columns) []reg.VecVirtual {
	acc := vecs(c.n*c.positions, c.vec)
	for _, a := range acc {
		src := x.round
		if c.size < x.bytes {
			src = x.round.AsY().(reg.VecVirtual)
		}
		if x.bytes == 64 {
			VMOVDQA64(src, a)
		} else {
			VMOVDQA(src, a)
		}
	}
	return acc
}

// pair adds the products of two codes of each position, step apart, and the weights at w.
func (x correlation) pair(c columns, acc []reg.VecVirtual, code, other, step, w reg.GPVirtual) {
	both := vecs(c.positions, c.vec)
	for p := range both {
		VPBROADCASTD(position(code, other, step, p, 2, 0), both[p])
	}
	for k := range c.n {
		m := Mem{Base: w, Disp: k * c.size}
		for p := range both {
			a := acc[p*c.n+k]
			if x.bytes == 64 && len(acc) > 4 { // with fewer sums at work it would wait for itself
				VPDPWSSD(m, both[p], a)
				continue
			}
			y := c.vec()
			VPMADDWD(m, both[p], y)
			VPADDD(y, a, a)
		}
	}
}

// store shifts and stores the sums.
func (x correlation) store(c columns, acc []reg.VecVirtual, out reg.GPVirtual) {
	next := load(x.f(currentsStride))
	third := out
	if c.positions == 4 {
		third = GP64()
		LEAQ(Mem{Base: out, Index: next, Scale: 8}, third)
	}
	for k, a := range acc {
		VPSRAD(x.shift, a, a)
		m := position(out, third, next, k/c.n, 4, k%c.n*c.size)
		if x.bytes == 64 {
			VMOVDQU64(a, m)
		} else {
			VMOVDQU(a, m)
		}
	}
}

// position is where position p of four is, each step numbers of so many bytes behind the one before: the first two are
// counted from first, the others from third.
func position(first, third, step reg.GPVirtual, p int, bytes uint8, disp int) Mem {
	m := Mem{Base: first, Disp: disp}
	if p > 1 {
		m.Base = third
	}
	if p%2 == 1 {
		m.Index, m.Scale = step, bytes
	}
	return m
}
