package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// clamp generates Clamp, but returns how many numbers stay.
func clamp() {
	l := begin("clampAVX2", "Clamp", "func(dst, x, lo, hi *int32, n int) (same int)")
	dst, x, lo, hi, same := l.column("dst"), l.column("x"), l.column("lo"), l.column("hi"), zeros()
	l.each(func() {
		a, c := read(x), YMM()
		VPMAXSD(lo, a, c)
		VPMINSD(hi, c, c)
		VPCMPEQD(a, c, a)
		VPSUBD(a, same, same)
		VMOVDQU(c, dst)
	})
	store(same)
	end()
}

// addSaturated generates AddSaturated: a sum overflows where its sign differs from those of both numbers.
func addSaturated() {
	l := begin("addSaturatedAVX2", "AddSaturated", "func(dst, x, y *int32, n int) (changed int)")
	dst, x, y, changed, largest := l.column("dst"), l.column("x"), l.column("y"), zeros(), ones()
	VPSRLD(Imm(1), largest, largest)
	l.each(func() {
		a, b, s := read(x), read(y), YMM()
		VPADDD(a, b, s)
		over := YMM()
		VPXOR(a, s, over)
		VPXOR(b, s, b)
		VPAND(over, b, over)
		VPSRAD(Imm(31), over, over)
		VPSRAD(Imm(31), a, a)
		VPXOR(largest, a, a) // the limit on the side of x
		VPBLENDVB(over, a, s, s)
		VPSUBD(over, changed, changed)
		VMOVDQU(s, dst)
	})
	store(changed)
	end()
}

// wrap generates Wrap for k = 32 − bits, but returns how many numbers stay.
func wrap() {
	l := begin("wrapAVX2", "Wrap", "func(x *int32, n int, k uint64) (same int)")
	x, same, k := l.column("x"), zeros(), XMM()
	VMOVQ(argument("k"), k)
	l.each(func() {
		a, w := read(x), YMM()
		VPSLLD(k, a, w)
		VPSRAD(k, w, w)
		VPCMPEQD(a, w, a)
		VPSUBD(a, same, same)
		VMOVDQU(w, x)
	})
	store(same)
	end()
}

// leakToZero generates LeakToZero.
func leakToZero() {
	l := begin("leakToZeroAVX2", "LeakToZero", "func(dst, x, by *int32, n int)")
	dst, x, by, zero := l.column("dst"), l.column("x"), l.column("by"), zeros()
	l.each(func() {
		a, b, leak := read(x), read(by), YMM()
		VPSUBD(b, zero, leak)
		VPMAXSD(leak, a, leak)
		VPMINSD(b, leak, leak)
		VPSUBD(leak, a, a)
		VMOVDQU(a, dst)
	})
	end()
}
