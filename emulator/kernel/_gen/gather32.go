package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets of Gather32's fields that Gather has elsewhere; Rows, Sums, … are where they are there.
const (
	gather32Init       = 232
	gather32InitStride = 256
	gather32Pad        = 264
)

// gather32 generates Gather32 for real or whole numbers.
func gather32(l level, real bool) {
	name, add := "gather32", VPADDD
	if real {
		name, add = "gatherReal", VADDPS
	}
	f := begin(name+l.name, name+l.name+" is gather32Go.")
	o := gatherFields{gatherSums, gather32Init, gather32InitStride, gather32Pad}
	eachList(l, f, o, 4, func(scratch, n, s, init reg.GPVirtual) {
		w, rest, rowBytes := load(f(gatherRows)), load(f(gatherRowBytes)), load(f(gatherRowBytes))
		SHLQ(Imm(2), rowBytes)
		SHLQ(Imm(2), rest)
		for i, bytes := range []int{256, 128, 64} { // of columns at once
			eachColumns(i, bytes, rest, func() {
				l.rows32(fmt.Sprintf("rows%d", i), bytes/l.bytes, add, w, rowBytes, scratch, n, s, init)
				for _, p := range []reg.GPVirtual{w, s, init} {
					ADDQ(I32(bytes), p)
				}
			})
		}
	})
}

// rows32 makes so many vectors of sums at s what is at init and the n rows listed at scratch.
func (l level) rows32(label string, vectors int, add func(...Op), w, rowBytes, scratch, n, s, init reg.GPVirtual) {
	list, left := GP64(), GP64()
	MOVQ(scratch, list)
	MOVQ(n, left)
	sums := vecs(vectors, l.vec)
	for k, x := range sums {
		move(l.bytes, Mem{Base: init, Disp: k * l.bytes}, x)
	}
	Label(label)
	for u := range 4 {
		row := GP64()
		MOVWQZX(Mem{Base: list, Disp: 2 * u}, row)
		IMULQ(rowBytes, row)
		for k, x := range sums {
			add(Mem{Base: w, Index: row, Scale: 1, Disp: k * l.bytes}, x, x)
		}
	}
	ADDQ(Imm(8), list)
	SUBQ(Imm(4), left)
	JNZ(LabelRef(label))
	for k, x := range sums {
		move(l.bytes, x, Mem{Base: s, Disp: k * l.bytes})
	}
}
