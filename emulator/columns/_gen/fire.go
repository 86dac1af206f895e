package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"
)

// fire generates Fire, but returns how many numbers stay within their limits.
func fire() {
	l := begin("fireAVX2", "Fire", "func(v, sum, rest, thr, plus *int32, words *uint64, n int, shift uint64, low, high, keep int32) (same int)")
	v, sum, rest, thr, plus := l.column("v"), l.column("sum"), l.column("rest"), l.column("thr"), l.column("plus")
	words, shift := pointer("words"), XMM()
	VMOVQ(argument("shift"), shift)
	low, high, keep, same := everywhere("low"), everywhere("high"), everywhere("keep"), zeros()
	l.each(func() {
		x, y := read(sum), YMM()
		VPSLLD(shift, x, x)
		VPADDD(v, x, x)
		VPADDD(rest, x, x)
		VPMAXSD(low, x, y)
		VPMINSD(high, y, y)
		VPCMPEQD(x, y, x)
		VPSUBD(x, same, same)
		fired, reset := YMM(), YMM()
		VPCMPGTD(thr, y, fired)
		VPAND(keep, y, reset)
		VPADDD(plus, reset, reset)
		VPBLENDVB(fired, reset, y, y)
		VMOVDQU(y, v)
		bits(fired, words)
	})
	store(same)
	end()
}

// fireSigned generates FireSigned, but returns how many membranes and counts stay within their limits.
func fireSigned() {
	l := begin("fireSignedAVX2", "FireSigned", "func(v, n, sum, rest, thr, plus *int32, up, down *uint64, count int, shift uint64, low, high, most int32) (same int)")
	v, n, sum, rest, thr, plus := l.column("v"), l.column("n"), l.column("sum"), l.column("rest"), l.column("thr"), l.column("plus")
	up, down, shift := pointer("up"), pointer("down"), XMM()
	VMOVQ(argument("shift"), shift)
	low, high, most, same, zero := everywhere("low"), everywhere("high"), everywhere("most"), zeros(), zeros()
	l.eachOf("count", func() {
		x, y := read(sum), YMM()
		VPSLLD(shift, x, x)
		VPADDD(v, x, x)
		VPADDD(rest, x, x)
		VPMAXSD(low, x, y)
		VPMINSD(high, y, y)
		VPCMPEQD(x, y, x)
		VPSUBD(x, same, same)
		fired, lower, c := YMM(), YMM(), read(n)
		VPCMPGTD(thr, y, fired)
		VPCMPGTD(y, zero, lower)
		VPCMPGTD(zero, c, x)
		VPAND(x, lower, lower)
		VPANDN(lower, fired, lower)
		p, q := read(plus), YMM()
		VPAND(p, lower, q)
		VPAND(p, fired, p)
		VPADDD(p, y, y)
		VPSUBD(q, y, y)
		VMOVDQU(y, v)
		VPSUBD(fired, c, c)
		VPADDD(lower, c, c)
		VPMINSD(most, c, q)
		VPCMPEQD(c, q, c)
		VPSUBD(c, same, same)
		VMOVDQU(q, n)
		bits(fired, up)
		bits(lower, down)
	})
	store(same)
	end()
}

// everywhere loads a parameter of 32 bits to all lanes.
func everywhere(name string) reg.VecVirtual {
	x, low := YMM(), XMM()
	VMOVD(Load(Param(name), GP32()), low)
	VPBROADCASTD(low, x)
	return x
}
