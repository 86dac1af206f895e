package main

import (
	"fmt"
	"math/bits"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets of Taps's fields.
const (
	tapsSpikes      = 0
	tapsSpikeStride = 24
	tapsTaps        = 32
	tapsFirst       = 56
	tapsChannels    = 80
	tapsWeights     = 88
	tapsSums        = 112
	tapsSumStride   = 136
	tapsPadded      = 144
	tapsFrom        = 152
	tapsTo          = 160
	tapsSteps       = 168
	tapsInit        = 176
	tapsInitStride  = 200
	tapsAny         = 208
	tapBytes        = 12
)

// taps generates Taps: a vector of channels of a position for eight steps at once, and for the steps that remain one by
// one.
func taps(l level) {
	f := begin("taps"+l.name, "taps"+l.name+" is tapsGo.")
	add := l.masker()
	first, steps, sums := AllocLocal(8), AllocLocal(8), AllocLocal(8)
	r := load(f(tapsFirst))
	p, left, atP, initP := load(f(tapsFrom)), AllocLocal(8), AllocLocal(8), AllocLocal(8)
	init, spikes := AllocLocal(8), AllocLocal(8)
	LEAQ(Mem{Base: r, Index: p, Scale: 4}, r)
	MOVQ(r, first)
	to := load(f(tapsTo))
	SUBQ(p, to)
	JLE(LabelRef("done"))
	MOVQ(to, left)
	r = load(f(tapsSums))
	MOVQ(r, atP)
	r = load(f(tapsInit))
	MOVQ(r, initP)

	Label("position")
	for _, x := range [][2]Mem{{atP, sums}, {f(tapsSteps), steps}} {
		r = load(x[0])
		MOVQ(r, x[1])
	}
	r = load(f(tapsSpikes))
	MOVQ(r, spikes)
	r = load(initP)
	MOVQ(r, init)
	for _, n := range []int{8, 1} {
		x := tapping{f: f, n: n, first: first, sums: sums, init: init, spikes: spikes, add: add}
		again, half, next := fmt.Sprintf("steps%d", n), fmt.Sprintf("half%d", n), fmt.Sprintf("behind%d", n)
		Label(again)
		CMPQ(steps, Imm(uint64(n)))
		JLT(LabelRef(next))
		if l.bytes == 64 { // half a vector costs half the time
			CMPQ(f(tapsChannels), Imm(16))
			JLE(LabelRef(half))
			l.tapSteps(64, x)
			JMP(LabelRef(half + "end"))
			Label(half)
			l.tapSteps(32, x)
			Label(half + "end")
		} else {
			l.tapSteps(32, x)
		}
		x.advance()
		SUBQ(Imm(uint64(n)), steps)
		JMP(LabelRef(again))
		Label(next)
	}
	ADDQ(Imm(4), first)
	by := load(f(tapsPadded))
	SHLQ(Imm(1), by)
	ADDQ(by, atP)
	ADDQ(by, initP)
	DECQ(left)
	JNZ(LabelRef("position"))
	Label("done")
	VZEROUPPER()
	RET()
}

// tapping is what the taps of a position are added with, in n steps at once.
type tapping struct {
	f                         func(int) Mem
	n                         int
	first, sums, init, spikes Mem // where the position's first tap is, and what the n steps begin with
	add                       func(w reg.GPVirtual, weights Mem, acc reg.VecVirtual)
}

// advance goes on to the steps behind.
func (x tapping) advance() {
	by := load(x.f(tapsSpikeStride))
	SHLQ(log2(8*x.n), by)
	ADDQ(by, x.spikes)
	by = load(x.f(tapsSumStride))
	SHLQ(log2(2*x.n), by)
	ADDQ(by, x.sums)
	by = load(x.f(tapsInitStride))
	SHLQ(log2(2*x.n), by)
	ADDQ(by, x.init)
}

// tapSteps adds the taps of a position by vectors of a size.
func (l level) tapSteps(size int, x tapping) {
	label := func(name string) string { return fmt.Sprintf("%s%dx%d", name, x.n, size) }
	c := GP64()
	XORQ(c, c)
	Label(label("channels"))
	acc := vecs(x.n, level{bytes: size}.vec)
	at, stride := load(x.init), load(x.f(tapsInitStride))
	SHLQ(Imm(1), stride)
	LEAQ(Mem{Base: at, Index: c, Scale: 2}, at)
	for _, a := range acc {
		move(l.encoding(size), Mem{Base: at}, a)
		ADDQ(stride, at)
	}
	l.eachTap(size, x, label, c, acc)
	stride = load(x.f(tapsSumStride))
	SHLQ(Imm(1), stride)
	at = load(x.sums)
	LEAQ(Mem{Base: at, Index: c, Scale: 2}, at)
	for _, a := range acc {
		move(l.encoding(size), a, Mem{Base: at})
		ADDQ(stride, at)
	}
	ADDQ(Imm(uint64(size/2)), c)
	CMPQ(c, x.f(tapsChannels))
	JLT(LabelRef(label("channels")))
}

// eachTap adds the taps of a position to acc, a vector of channels from c on for each step.
func (l level) eachTap(size int, x tapping, label func(string) string, c reg.GPVirtual, acc []reg.VecVirtual) {
	tap, end := x.taps()
	// Where the channels are counted from: in bits, and in lanes of weights.
	from, any, weights := load(x.spikes), load(x.f(tapsAny)), load(x.f(tapsWeights))
	by, short := load(x.f(tapsSpikeStride)), load(x.f(tapsChannels))
	SUBQ(from, any)
	at := GP64()
	MOVQ(c, at)
	SHRQ(Imm(3), at)
	ADDQ(at, from)
	LEAQ(Mem{Base: weights, Index: c, Scale: 2}, weights)
	SHLQ(Imm(3), by)
	SUBQ(c, short)
	NEGQ(short)
	ADDQ(Imm(16), short) // by so much may bits be shifted and still lie within two bytes
	if l.bytes == 32 {
		none := GP64()
		XORQ(none, none)
		TESTQ(short, short)
		CMOVQLT(none, short)
	}

	Label(label("tap"))
	CMPQ(tap, end)
	JGE(LabelRef(label("store")))
	shift, read, weight, w := GP64(), GP64(), GP64(), GP64()
	MOVLQSX(Mem{Base: tap}, read)
	MOVL(Mem{Base: tap, Disp: 4}, shift.As32())
	MOVLQSX(Mem{Base: tap, Disp: 8}, weight)
	ADDQ(Imm(tapBytes), tap)
	ADDQ(from, read)
	SHRXQ(shift, Mem{Base: any, Index: read, Scale: 1}, w)
	if size == 64 {
		TESTL(w.As32(), w.As32())
	} else {
		TESTW(w.As16(), w.As16())
	}
	JE(LabelRef(label("tap")))
	LEAQ(Mem{Base: weights, Index: weight, Scale: 2}, weight)
	if l.bytes == 32 {
		CMPQ(shift, short)
		JG(LabelRef(label("long")))
		l.tapShort(label, shift, read, weight, by, acc)
		JMP(LabelRef(label("tap")))
		Label(label("long"))
	}
	for _, a := range acc {
		w := GP64()
		SHRXQ(shift, Mem{Base: read}, w)
		ADDQ(by, read)
		x.add(w, Mem{Base: weight}, a)
	}
	JMP(LabelRef(label("tap")))
	Label(label("store"))
}

// taps returns where the taps of the position begin and end.
func (x tapping) taps() (tap, end reg.GPVirtual) {
	tap, end = load(x.first), GP64()
	base := load(x.f(tapsTaps))
	MOVLQSX(Mem{Base: tap, Disp: 4}, end)
	MOVLQSX(Mem{Base: tap}, tap)
	IMUL3Q(Imm(tapBytes), tap, tap)
	IMUL3Q(Imm(tapBytes), end, end)
	ADDQ(base, tap)
	ADDQ(base, end)
	return tap, end
}

// tapShort adds a tap whose bits lie within two bytes: they need not be shifted, but selected further up.
func (l level) tapShort(label func(string) string, shift, read, weight, by reg.GPVirtual, acc []reg.VecVirtual) {
	table, sel := GP64(), YMM()
	LEAQ(bitsOfLane(label("")), table)
	SHLQ(Imm(5), shift)
	VMOVDQU(Mem{Base: table, Index: shift, Scale: 1}, sel)
	for _, a := range acc {
		x := YMM()
		VPBROADCASTW(Mem{Base: read}, x)
		ADDQ(by, read)
		VPAND(sel, x, x)
		VPCMPEQW(sel, x, x)
		VPAND(Mem{Base: weight}, x, x)
		VPADDW(x, a, a)
	}
}

// bitsOfLane holds, for s = 0..7, 1 << (k+s) in lane k of 16, and 1<<15 where that does not fit: lanes that have no
// weights.
func bitsOfLane(name string) Mem {
	m := GLOBL("bitsTaps"+name, RODATA|NOPTR)
	for s := range 8 {
		for k := range 16 {
			DATA(32*s+2*k, U16(1<<min(k+s, 15)))
		}
	}
	return m
}

// encoding returns what move takes for vectors of a size: where there are 32 registers, the long encoding.
func (l level) encoding(size int) int { return max(l.bytes, size) }

// log2 returns the binary logarithm of a power of two.
func log2(n int) Constant { return Imm(uint64(bits.TrailingZeros(uint(n)))) }

// masker returns what adds the lanes of a vector whose bit in w is 1.
func (l level) masker() func(w reg.GPVirtual, weights Mem, acc reg.VecVirtual) {
	if l.bytes == 64 {
		return func(w reg.GPVirtual, weights Mem, acc reg.VecVirtual) {
			k := K()
			KMOVD(w.As32(), k)
			VPADDW(weights, acc, k, acc)
		}
	}
	sel := YMM()
	VMOVDQU(bitOfLane("bitTaps"), sel)
	return func(w reg.GPVirtual, weights Mem, acc reg.VecVirtual) {
		x := YMM()
		broadcast16(w, x)
		VPAND(sel, x, x)
		VPCMPEQW(sel, x, x)
		VPAND(weights, x, x)
		VPADDW(x, acc, acc)
	}
}

// bitOfLane holds 1 << k in lane k of 16.
func bitOfLane(name string) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for k := range 16 {
		DATA(2*k, U16(1<<k))
	}
	return m
}
