package main

import . "github.com/mmcloughlin/avo/build"

// above generates Above.
func above() {
	l := begin("aboveAVX2", "Above", "func(dst, x, y *int32, n int)")
	dst, x, y := l.column("dst"), l.column("x"), l.column("y")
	l.each(func() {
		a := read(x)
		VPCMPGTD(y, a, a)
		VMOVDQU(a, dst)
	})
	end()
}

// notBelow generates NotBelow.
func notBelow() {
	l := begin("notBelowAVX2", "NotBelow", "func(dst, x, y *int32, n int)")
	dst, x, y, all := l.column("dst"), l.column("x"), l.column("y"), ones()
	l.each(func() {
		b := read(y)
		VPCMPGTD(x, b, b)
		VPXOR(all, b, b)
		VMOVDQU(b, dst)
	})
	end()
}

// andNot generates AndNot.
func andNot() {
	l := begin("andNotAVX2", "AndNot", "func(dst, x *int32, n int)")
	dst, x := l.column("dst"), l.column("x")
	l.each(func() {
		a := read(x)
		VPANDN(dst, a, a)
		VMOVDQU(a, dst)
	})
	end()
}

// reset generates Reset.
func reset() {
	l := begin("resetAVX2", "Reset", "func(dst, x, flags, keep, plus *int32, n int)")
	dst, x, flags, keep, plus := l.column("dst"), l.column("x"), l.column("flags"), l.column("keep"), l.column("plus")
	l.each(func() {
		a, f, y := read(x), read(flags), YMM()
		VPAND(keep, a, y)
		VPADDD(plus, y, y)
		VPBLENDVB(f, y, a, a)
		VMOVDQU(a, dst)
	})
	end()
}

// pack generates Pack.
func pack() {
	l := begin("packAVX2", "Pack", "func(words *uint64, flags *int32, n int)")
	flags, out := l.column("flags"), pointer("words")
	l.each(func() { bits(read(flags), out) })
	end()
}
