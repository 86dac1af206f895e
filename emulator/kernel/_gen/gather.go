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
	gatherInit        = 256
	gatherWideInit    = 280
	gatherInitStride  = 304
	gatherPad         = 312
	segmentBytes      = 12
	chunk             = 256
)

// gather generates Gather for sums of 16 bits or, if wide, of 32. With small, entries are
// numbers of rowUnit bytes, else of rows.
func gather(l level, wide, small bool) {
	name, sum, o := "gather", 2, gatherFields{gatherSums, gatherInit, gatherInitStride, gatherPad}
	if wide {
		name, sum, o = "gatherWide", 4, gatherFields{gatherWide, gatherWideInit, gatherInitStride, gatherPad}
	}
	if small {
		name += "Small"
	}
	f := begin(name+l.name, name+l.name+" is gatherGo.")
	eachList(l, f, o, sum, func(scratch, n, s, init reg.GPVirtual) {
		w, rest, rowBytes := load(f(gatherRows)), load(f(gatherRowBytes)), reg.GPVirtual(nil)
		if !small {
			rowBytes = load(f(gatherRowBytes))
		}
		for i, b := range bodies(l) {
			eachColumns(i, b.bytes(), rest, func() {
				b.rows(i, w, rowBytes, scratch, n, s, init, wide)
				ADDQ(I32(b.bytes()), w)
				ADDQ(I32(b.bytes()*sum), s)
				ADDQ(I32(b.bytes()*sum), init)
			})
		}
	})
}

// eachColumns generates a loop that takes so many columns at once as long as there are as many; where none are left it goes
// on behind the columns of the list.
func eachColumns(id, columns int, rest reg.GPVirtual, body func()) {
	again, next := fmt.Sprintf("columns%d", id), fmt.Sprintf("next%d", id)
	Label(again)
	CMPQ(rest, I32(columns))
	JLT(LabelRef(next))
	body()
	SUBQ(I32(columns), rest)
	JE(LabelRef("summed"))
	JMP(LabelRef(again))
	Label(next)
}

// gatherFields are the offsets of fields that differ between Gather and Gather32.
type gatherFields struct{ sums, init, initStride, pad int }

// eachList generates the loops over positions and steps. columns makes the sums at s, of so many bytes each, what is at
// init and the n rows listed in scratch: at least four, and a multiple of four.
func eachList(l level, f func(int) Mem, o gatherFields, sum int, columns func(scratch, n, s, init reg.GPVirtual)) {
	atP, initP, firstP, left := AllocLocal(8), AllocLocal(8), AllocLocal(8), AllocLocal(8)
	segment, segmentEnd := AllocLocal(8), AllocLocal(8)
	sumT, initT, steps := AllocLocal(8), AllocLocal(8), AllocLocal(8)
	rankT, entryT := GP64(), GP64()
	r := load(f(gatherFirst))
	from := load(f(gatherFrom))
	LEAQ(Mem{Base: r, Index: from, Scale: 4}, r)
	MOVQ(r, firstP)
	to := load(f(gatherTo))
	SUBQ(from, to)
	JLE(LabelRef("done"))
	MOVQ(to, left)
	r = load(f(o.sums))
	MOVQ(r, atP)
	r = load(f(o.init))
	MOVQ(r, initP)

	Label("position")
	for _, x := range []struct {
		from Mem
		to   Mem
	}{{atP, sumT}, {initP, initT}, {f(gatherSteps), steps}} {
		r = load(x.from)
		MOVQ(r, x.to)
	}

	MOVQ(f(gatherEntries), entryT)
	MOVQ(f(gatherRanks), rankT)
	segmentsOf(f, load(firstP), segment, segmentEnd)

	Label("step")
	scratch, n := listed(l, f, o, segment, segmentEnd, rankT, entryT)
	columns(scratch, n, load(sumT), load(initT))

	Label("summed")
	by := load(f(gatherEntryStride))
	LEAQ(Mem{Base: entryT, Index: by, Scale: 2}, entryT)
	by = load(f(gatherRankStride))
	LEAQ(Mem{Base: rankT, Index: by, Scale: 4}, rankT)
	for _, x := range []struct {
		at     Mem
		stride int
	}{{sumT, gatherSumStride}, {initT, o.initStride}} {
		by = load(f(x.stride))
		SHLQ(log2(sum), by)
		ADDQ(by, x.at)
	}
	DECQ(steps)
	JNZ(LabelRef("step"))
	by = load(f(gatherPadded))
	SHLQ(log2(sum), by)
	ADDQ(by, atP)
	ADDQ(by, initP)
	ADDQ(Imm(4), firstP)
	DECQ(left)
	JNZ(LabelRef("position"))
	Label("done")
	VZEROUPPER()
	RET()
}

// segmentsOf stores where the segments of the position at first begin and end.
func segmentsOf(f func(int) Mem, first reg.GPVirtual, segment, end Mem) {
	base := load(f(gatherSegments))
	for k, to := range []Mem{segment, end} {
		at := GP64()
		MOVLQSX(Mem{Base: first, Disp: 4 * k}, at)
		IMUL3Q(Imm(segmentBytes), at, at)
		ADDQ(base, at)
		MOVQ(at, to)
	}
}

// listed lists the entries of segments in scratch, filled up by those of the row of zeros: n is a multiple of four, and
// at least four.
func listed(l level, f func(int) Mem, o gatherFields, first, end Mem, rankT, entryT reg.GPVirtual) (scratch, n reg.GPVirtual) {
	scratch = load(f(gatherScratch))
	dst := GP64()
	MOVQ(scratch, dst)
	window(l, load(first), load(end), rankT, entryT, dst)
	n = GP64()
	MOVQ(dst, n)
	SUBQ(scratch, n)
	pad := load(f(o.pad))
	MOVQ(pad, Mem{Base: dst})
	SHRQ(Imm(1), n)
	ADDQ(Imm(3), n)
	ANDQ(I8(-4), n)
	least := GP64()
	MOVQ(U32(4), least)
	CMOVQEQ(least, n)
	return scratch, n
}

// windowAtOnce is how many entries of a segment are copied without asking whether there are more: a branch that most
// segments take alike.
const windowAtOnce = 32

// window appends the entries of segments s..e to dst, by whole vectors.
func window(l level, s, e, rankT, entryT, dst reg.GPVirtual) {
	CMPQ(s, e)
	JE(LabelRef("listed"))
	Label("segment")
	a, b := GP64(), GP64()
	MOVLQSX(Mem{Base: s}, a)
	MOVLQSX(Mem{Base: s, Disp: 4}, b)
	MOVLQSX(Mem{Base: rankT, Index: a, Scale: 4}, a)
	MOVLQSX(Mem{Base: rankT, Index: b, Scale: 4}, b)
	v, x := YMM(), YMM()
	VPBROADCASTW(Mem{Base: s, Disp: 8}, v)
	SUBQ(a, b)
	for k := range windowAtOnce / 16 {
		VPADDW(Mem{Base: entryT, Index: a, Scale: 2, Disp: 32 * k}, v, x)
		move(l.bytes, x, Mem{Base: dst, Disp: 32 * k})
	}
	ADDQ(Imm(segmentBytes), s)
	CMPQ(b, Imm(windowAtOnce))
	JG(LabelRef("more"))
	Label("copied")
	LEAQ(Mem{Base: dst, Index: b, Scale: 2}, dst)
	CMPQ(s, e)
	JNE(LabelRef("segment"))
	JMP(LabelRef("listed"))
	Label("more")
	at := GP64()
	MOVQ(U32(windowAtOnce), at)
	Label("copy")
	ADDQ(at, a)
	VPADDW(Mem{Base: entryT, Index: a, Scale: 2}, v, x)
	SUBQ(at, a)
	move(l.bytes, x, Mem{Base: dst, Index: at, Scale: 2})
	ADDQ(Imm(16), at)
	CMPQ(at, b)
	JLT(LabelRef("copy"))
	JMP(LabelRef("copied"))
	Label("listed")
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

// rows makes the sums at s what is at init and n listed rows.
func (b body) rows(id int, w, rowBytes, scratch, n, s, init reg.GPVirtual, wide bool) {
	from := GP64()
	MOVQ(init, from)
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
	unit := uint8(8)
	if rowBytes != nil {
		unit = 1
	}
	Label(label("rows"))
	for u := range 4 {
		row := GP64()
		MOVWQZX(Mem{Base: list, Disp: 2 * u}, row)
		if rowBytes != nil {
			IMULQ(rowBytes, row)
		}
		for k := range low {
			x := b.vec()
			b.move(Mem{Base: w, Index: row, Scale: unit, Disp: b.size * k}, x)
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
		b.add(low[k], high[k], s, from, k, wide)
	}
	if wide {
		MOVQ(s, from)
		TESTQ(rest, rest)
		JNZ(LabelRef(label("chunk")))
	}
}

// add makes the sums of vector k two vectors of lanes of 16 bits and what is at from.
func (b body) add(low, high reg.VecVirtual, s, from reg.GPVirtual, k int, wide bool) {
	at := 2 * b.size * k
	if !wide {
		for h, x := range []reg.VecVirtual{low, high} {
			VPADDW(Mem{Base: from, Disp: at + h*b.size}, x, x)
			b.move(x, Mem{Base: s, Disp: at + h*b.size})
		}
		return
	}
	for h, x := range []reg.VecVirtual{low, high} {
		for q := range 2 {
			disp, y := 2*at+(2*h+q)*b.size, b.vec()
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
			VPADDD(Mem{Base: from, Disp: disp}, y, y)
			b.move(y, Mem{Base: s, Disp: disp})
		}
	}
}
