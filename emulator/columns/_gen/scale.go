package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// scale generates Scale for k <= 32: the products of numbers 0, 2, 4, 6 and those of 1, 3, 5, 7 are rounded apart.
func scale() {
	l := begin("scaleAVX2", "Scale", "func(dst, x, f *int32, n int, k uint64, plus, negative, odd int64)")
	dst, x, f := l.column("dst"), l.column("x"), l.column("f")
	r := rounding{k: XMM(), plus: YMM(), negative: YMM(), odd: YMM(), zero: zeros()}
	VMOVQ(argument("k"), r.k)
	VPBROADCASTQ(argument("plus"), r.plus)
	VPBROADCASTQ(argument("negative"), r.negative)
	VPBROADCASTQ(argument("odd"), r.odd)
	l.each(func() {
		a, b := read(x), read(f)
		even, odd := YMM(), YMM()
		VPMULDQ(b, a, even)
		VPSRLQ(Imm(32), a, a)
		VPSRLQ(Imm(32), b, b)
		VPMULDQ(b, a, odd)
		r.shift(even)
		r.shift(odd)
		VPSLLQ(Imm(32), odd, odd)
		VPBLENDD(Imm(0xaa), odd, even, even)
		VMOVDQU(even, dst)
	})
	end()
}

// rounding holds a Rounding and the shift, in all lanes.
type rounding struct{ k, plus, negative, odd, zero reg.VecVirtual }

// shift rounds and shifts four products. The shift knows no sign: only the low 32 bits are right.
func (r rounding) shift(p reg.VecVirtual) {
	below, floor := YMM(), YMM()
	VPCMPGTQ(p, r.zero, below)
	VPAND(r.negative, below, below)
	VPSRLQ(r.k, p, floor)
	VPAND(r.odd, floor, floor)
	VPADDQ(r.plus, p, p)
	VPADDQ(below, floor, floor)
	VPADDQ(floor, p, p)
	VPSRLQ(r.k, p, p)
}
