package main

import . "github.com/mmcloughlin/avo/build"

// add generates Add.
func add() {
	l := begin("addAVX2", "Add", "func(dst, x, y *int32, n int)")
	dst, x, y := l.column("dst"), l.column("x"), l.column("y")
	l.each(func() {
		s := read(x)
		VPADDD(y, s, s)
		VMOVDQU(s, dst)
	})
	end()
}

// add3 generates Add3.
func add3() {
	l := begin("add3AVX2", "Add3", "func(dst, x, y, z *int32, n int)")
	dst, x, y, z := l.column("dst"), l.column("x"), l.column("y"), l.column("z")
	l.each(func() {
		s := read(x)
		VPADDD(y, s, s)
		VPADDD(z, s, s)
		VMOVDQU(s, dst)
	})
	end()
}

// addProduct generates AddProduct.
func addProduct() {
	l := begin("addProductAVX2", "AddProduct", "func(dst, x, y, f *int32, n int)")
	dst, x, y, f := l.column("dst"), l.column("x"), l.column("y"), l.column("f")
	l.each(func() {
		s := read(y)
		VPMULLD(f, s, s)
		VPADDD(x, s, s)
		VMOVDQU(s, dst)
	})
	end()
}

// mul generates Mul.
func mul() {
	l := begin("mulAVX2", "Mul", "func(dst, x, y *int32, n int)")
	dst, x, y := l.column("dst"), l.column("x"), l.column("y")
	l.each(func() {
		p := read(x)
		VPMULLD(y, p, p)
		VMOVDQU(p, dst)
	})
	end()
}

// addGuarded generates AddGuarded, without its result.
func addGuarded() {
	l := begin("addGuardedAVX2", "AddGuarded", "func(v, sum, f, lo, hi *int32, bits *uint64, n int)")
	v, sum, f, lo, hi, out := l.column("v"), l.column("sum"), l.column("f"), l.column("lo"), l.column("hi"), pointer("bits")
	l.each(func() {
		x, below, above := read(v), read(lo), YMM()
		VPCMPGTD(x, below, below)
		VPCMPGTD(hi, x, above)
		VPOR(below, above, above)
		p := read(sum)
		VPMULLD(f, p, p)
		VPANDN(p, above, p)
		VPADDD(p, x, x)
		VMOVDQU(x, v)
		bits(above, out)
	})
	end()
}
