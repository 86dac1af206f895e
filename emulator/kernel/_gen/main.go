// Command gen writes the assembly of package kernel for amd64:
//
//	go run . -out ../kernel_amd64.s
//
// One file holds the generator of each kernel; what a kernel computes is said by its definition in Go.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("!noasm")
	for _, l := range []level{avx2, avx512} {
		for _, small := range []bool{true, false} {
			gather(l, false, small)
			gather(l, true, small)
		}
		gather32(l, false)
		gather32(l, true)
		list(l)
		joined(l)
		taps(l)
		count(l)
		currents(l)
		for _, toZero := range []bool{false, true} {
			fire16(l, toZero, false)
			fire16(l, toZero, true)
			fire32(l, toZero, false)
			fire32(l, toZero, true)
		}
	}
	signed(false)
	signed(true)
	pack()
	ones()
	widen()
	accumulate()
	or()
	addLanes()
	addScaled()
	Generate()
}

// level is a set of instructions.
type level struct {
	name  string
	bytes int // of a vector
}

var (
	avx2   = level{"AVX2", 32}
	avx512 = level{"AVX512", 64}
)

// vec returns a vector register.
func (l level) vec() reg.VecVirtual {
	if l.bytes == 64 {
		return ZMM()
	}
	return YMM()
}

// begin starts a function of one pointer to a struct, and returns how its fields are read: by their offset.
func begin(name, doc string) (field func(offset int) Mem) {
	TEXT(name, NOSPLIT, "func(p *byte)")
	Doc(doc)
	p := Load(Param("p"), GP64())
	return func(offset int) Mem { return Mem{Base: p.(reg.GPVirtual), Disp: offset} }
}

// load reads a field of 64 bits.
func load(m Mem) reg.GPVirtual {
	r := GP64()
	MOVQ(m, r)
	return r
}

// argument loads a component of a parameter.
func argument(c gotypes.Component) reg.GPVirtual { return Load(c, GP64()).(reg.GPVirtual) }

// zero clears vectors.
func zero(v ...reg.VecVirtual) {
	for _, x := range v {
		if x.Size() == 64 {
			VPXORD(x, x, x)
		} else {
			VPXOR(x, x, x)
		}
	}
}

// vecs returns n vector registers.
func vecs(n int, make func() reg.VecVirtual) []reg.VecVirtual {
	var v []reg.VecVirtual
	for range n {
		v = append(v, make())
	}
	return v
}

// move loads or stores a whole vector of the size of v.
func move(size int, src, dst Op) {
	if size == 64 {
		VMOVDQU64(src, dst)
	} else {
		VMOVDQU(src, dst)
	}
}

// broadcast16 fills a vector with the low 16 bits of a register.
func broadcast16(r reg.GPVirtual, v reg.VecVirtual) {
	if v.Size() == 64 {
		VPBROADCASTW(r.As32(), v)
		return
	}
	x := XMM()
	VMOVD(r.As32(), x)
	VPBROADCASTW(x, v)
}
