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

// everywhere loads a parameter of 32 bits to all lanes.
func everywhere(name string) reg.VecVirtual {
	x, low := YMM(), XMM()
	VMOVD(Load(Param(name), GP32()), low)
	VPBROADCASTD(low, x)
	return x
}
