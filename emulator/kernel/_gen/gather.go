package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets of Gather's fields.
const (
	gatherEntries     = 0
	gatherRanks       = 24
	gatherEntryStride = 48
	gatherRankStride  = 56
	gatherSegments    = 64
	gatherFirst       = 88
	gatherRows        = 112
	gatherRowBytes    = 136
	gatherSums        = 144
	gatherSumStride   = 168
	gatherPadded      = 176
	gatherScratch     = 184
	gatherFrom        = 208
	gatherTo          = 216
	gatherSteps       = 224
	gatherWide        = 232
	gatherPad         = 256
	segmentBytes      = 12
	chunk             = 256
)

// gather generates Gather for sums of 16 bits or, if wide, of 32.
func gather(l level, wide bool) {
	name, sum, sums := "gather", 2, gatherSums
	if wide {
		name, sum, sums = "gatherWide", 4, gatherWide
	}
	f := begin(name+l.name, name+l.name+" is gatherGo.")
	// Sums of the position and what is left of it are kept on the stack.
	atP, firstP, left, rankT, entryT, sumT := AllocLocal(8), AllocLocal(8), AllocLocal(8), AllocLocal(8), AllocLocal(8), AllocLocal(8)
	r := load(f(gatherFirst))
	from := load(f(gatherFrom))
	LEAQ(Mem{Base: r, Index: from, Scale: 4}, r)
	MOVQ(r, firstP)
	to := load(f(gatherTo))
	SUBQ(from, to)
	JLE(LabelRef("done"))
	MOVQ(to, left)
	r = load(f(sums))
	MOVQ(r, atP)

	Label("position")
	r = load(f(gatherEntries))
	MOVQ(r, entryT)
	r = load(f(gatherRanks))
	MOVQ(r, rankT)
	r = load(atP)
	MOVQ(r, sumT)
	steps := load(f(gatherSteps))

	Label("step")
	scratch := load(f(gatherScratch))
	dst := GP64()
	MOVQ(scratch, dst)
	window(l, f, firstP, rankT, entryT, dst)
	n := GP64()
	MOVQ(dst, n)
	SUBQ(scratch, n)
	JE(LabelRef("next"))
	padList(f, dst)
	SHRQ(Imm(1), n)
	ADDQ(Imm(3), n)
	ANDQ(I8(-4), n)

	w, s, rest, rowBytes := load(f(gatherRows)), load(sumT), load(f(gatherRowBytes)), load(f(gatherRowBytes))
	for i, b := range bodies(l) {
		again, next := fmt.Sprintf("columns%d", i), fmt.Sprintf("columns%d", i+1)
		Label(again)
		CMPQ(rest, I32(b.bytes()))
		JLT(LabelRef(next))
		b.rows(i, w, rowBytes, scratch, n, s, wide)
		ADDQ(I32(b.bytes()), w)
		ADDQ(I32(b.bytes()*sum), s)
		SUBQ(I32(b.bytes()), rest)
		JMP(LabelRef(again))
	}
	Label(fmt.Sprintf("columns%d", len(bodies(l))))

	Label("next")
	for _, x := range []struct {
		at     Mem
		stride int
		bytes  int
	}{{entryT, gatherEntryStride, 2}, {rankT, gatherRankStride, 4}, {sumT, gatherSumStride, sum}} {
		by := load(f(x.stride))
		SHLQ(Imm(uint64(x.bytes/2)), by)
		ADDQ(by, x.at)
	}
	DECQ(steps)
	JNZ(LabelRef("step"))
	by := load(f(gatherPadded))
	SHLQ(Imm(uint64(sum/2)), by)
	ADDQ(by, atP)
	ADDQ(Imm(4), firstP)
	DECQ(left)
	JNZ(LabelRef("position"))
	Label("done")
	VZEROUPPER()
	RET()
}

// window appends the entries of all segments of a position to dst, a whole vector at a time.
func window(l level, f func(int) Mem, firstP, rankT, entryT Mem, dst reg.GPVirtual) {
	first, s, e := load(firstP), GP64(), GP64()
	MOVLQSX(Mem{Base: first}, s)
	MOVLQSX(Mem{Base: first, Disp: 4}, e)
	base := load(f(gatherSegments))
	IMUL3Q(Imm(segmentBytes), s, s)
	IMUL3Q(Imm(segmentBytes), e, e)
	ADDQ(base, s)
	ADDQ(base, e)
	rank, entry := load(rankT), load(entryT)
	Label("segment")
	CMPQ(s, e)
	JE(LabelRef("listed"))
	a, b, at := GP64(), GP64(), GP64()
	MOVLQSX(Mem{Base: s}, a)
	MOVLQSX(Mem{Base: s, Disp: 4}, b)
	MOVLQSX(Mem{Base: rank, Index: a, Scale: 4}, a)
	MOVLQSX(Mem{Base: rank, Index: b, Scale: 4}, b)
	v, x := l.vec(), l.vec()
	VPBROADCASTW(Mem{Base: s, Disp: 8}, v)
	ADDQ(Imm(segmentBytes), s)
	SUBQ(a, b)
	LEAQ(Mem{Base: entry, Index: a, Scale: 2}, a)
	MOVQ(dst, at)
	LEAQ(Mem{Base: dst, Index: b, Scale: 2}, dst)
	Label("copy")
	VPADDW(Mem{Base: a}, v, x)
	move(l.bytes, x, Mem{Base: at})
	SUBQ(Imm(uint64(l.bytes/2)), b)
	JLE(LabelRef("segment"))
	ADDQ(Imm(uint64(l.bytes)), a)
	ADDQ(Imm(uint64(l.bytes)), at)
	JMP(LabelRef("copy"))
	Label("listed")
}

// padList appends four times the row of zeros, so that rows can be taken by fours.
func padList(f func(int) Mem, dst reg.GPVirtual) {
	pad := load(f(gatherPad))
	MOVQ(pad, Mem{Base: dst})
}

// body sums rows of so many vectors of a size; with evex, registers beyond the sixteenth may be taken.
type body struct {
	size, vectors int
	evex          bool
}

// bodies returns the widths of the level, widest first.
func bodies(l level) []body {
	evex := l.bytes > 32
	b := []body{{l.bytes, 4, evex}, {l.bytes, 2, evex}, {l.bytes, 1, evex}}
	if evex {
		b = append(b, body{32, 1, evex})
	}
	return b
}

func (b body) bytes() int { return b.size * b.vectors }

func (b body) vec() reg.VecVirtual { return level{bytes: b.size}.vec() }

// move, zero and upper pick the encoding.
func (b body) move(src, dst Op) {
	if b.evex {
		VMOVDQU64(src, dst)
	} else {
		VMOVDQU(src, dst)
	}
}

func (b body) zero(v []reg.VecVirtual) {
	for _, x := range v {
		if b.evex {
			VPXORD(x, x, x)
		} else {
			VPXOR(x, x, x)
		}
	}
}

func (b body) upper(src, dst Op) {
	if b.evex {
		VEXTRACTI64X2(Imm(1), src, dst)
	} else {
		VEXTRACTI128(Imm(1), src, dst)
	}
}

// rows adds n listed rows to the sums at s.
func (b body) rows(id int, w, rowBytes, scratch, n, s reg.GPVirtual, wide bool) {
	list, count := GP64(), GP64()
	MOVQ(scratch, list)
	MOVQ(n, count)
	label := func(name string) string { return fmt.Sprintf("%s%d", name, id) }
	part, rest := count, reg.GPVirtual(nil)
	if wide {
		rest, part = count, GP64()
		Label(label("chunk"))
		limit := GP64()
		MOVQ(U32(chunk), limit)
		MOVQ(rest, part)
		CMPQ(part, limit)
		CMOVQGT(limit, part)
		SUBQ(part, rest)
	}
	low, high := vecs(b.vectors, b.vec), vecs(b.vectors, b.vec)
	b.zero(low)
	b.zero(high)
	offset := b.vec()
	t := GP64()
	MOVQ(part, t)
	SHLQ(Imm(7), t)
	broadcast16(t, offset)
	Label(label("rows"))
	for u := range 4 {
		row := GP64()
		MOVWQZX(Mem{Base: list, Disp: 2 * u}, row)
		IMULQ(rowBytes, row)
		for k := range low {
			x := b.vec()
			b.move(Mem{Base: w, Index: row, Scale: 1, Disp: b.size * k}, x)
			VPADDW(x, low[k], low[k])
			VPSRLW(Imm(8), x, x)
			VPADDW(x, high[k], high[k])
		}
	}
	ADDQ(Imm(8), list)
	SUBQ(Imm(4), part)
	JNZ(LabelRef(label("rows")))
	for k := range low {
		x := b.vec()
		VPSLLW(Imm(8), high[k], x)
		VPSUBW(x, low[k], low[k])
		VPSUBW(offset, low[k], low[k])
		VPSUBW(offset, high[k], high[k])
		b.add(low[k], high[k], s, k, wide)
	}
	if wide {
		TESTQ(rest, rest)
		JNZ(LabelRef(label("chunk")))
	}
}

// add adds two vectors of lanes of 16 bits to the sums of vector k.
func (b body) add(low, high reg.VecVirtual, s reg.GPVirtual, k int, wide bool) {
	at := 2 * b.size * k
	if !wide {
		for h, x := range []reg.VecVirtual{low, high} {
			m := Mem{Base: s, Disp: at + h*b.size}
			VPADDW(m, x, x)
			b.move(x, m)
		}
		return
	}
	for h, x := range []reg.VecVirtual{low, high} {
		for q := range 2 {
			m := Mem{Base: s, Disp: 2*at + (2*h+q)*b.size}
			y := b.vec()
			switch {
			case b.size == 64 && q == 0:
				VPMOVSXWD(x.AsY(), y)
			case b.size == 64:
				VEXTRACTI64X4(Imm(1), x, y.AsY())
				VPMOVSXWD(y.AsY(), y)
			case q == 0:
				VPMOVSXWD(x.AsX(), y)
			default:
				b.upper(x, y.AsX())
				VPMOVSXWD(y.AsX(), y)
			}
			VPADDD(m, y, y)
			b.move(y, m)
		}
	}
}
