package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// loop goes through the numbers of a kernel, eight at a time.
type loop struct {
	at reg.GPVirtual // the number of the first of the eight
}

// begin starts a kernel that does what the Go function says.
func begin(name, function, signature string) loop {
	TEXT(name, NOSPLIT, signature)
	Doc(name + " is " + function + " for a positive multiple of eight numbers.")
	return loop{GP64()}
}

// column returns where the eight numbers of a column are.
func (l loop) column(name string) Mem {
	return Mem{Base: pointer(name), Index: l.at, Scale: 4}
}

// each generates the loop over n numbers.
func (l loop) each(body func()) { l.eachOf("n", body) }

// eachOf generates the loop over as many numbers as a parameter says.
func (l loop) eachOf(count string, body func()) {
	n := Load(Param(count), GP64())
	XORQ(l.at, l.at)
	Label("eight")
	body()
	ADDQ(Imm(8), l.at)
	CMPQ(l.at, n)
	JLT(LabelRef("eight"))
}

// end ends a kernel.
func end() {
	VZEROUPPER()
	RET()
}

// pointer loads a parameter.
func pointer(name string) reg.GPVirtual { return Load(Param(name), GP64()).(reg.GPVirtual) }

// argument returns where a parameter is in memory.
func argument(name string) Op {
	p, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return p.Addr
}

// read loads eight numbers.
func read(m Mem) reg.VecVirtual {
	x := YMM()
	VMOVDQU(m, x)
	return x
}

// zeros and ones return a vector of bits that are all alike.
func zeros() reg.VecVirtual {
	x := YMM()
	VPXOR(x, x, x)
	return x
}

func ones() reg.VecVirtual {
	x := YMM()
	VPCMPEQD(x, x, x)
	return x
}

// bits stores the sign bits of eight numbers in a byte, and moves on to the next one.
func bits(x reg.VecVirtual, to reg.GPVirtual) {
	b := GP32()
	VMOVMSKPS(x, b)
	MOVB(b.As8(), Mem{Base: to})
	INCQ(to)
}

// store returns the sum of eight numbers from the kernel.
func store(x reg.VecVirtual) {
	low, t, n := x.AsX(), XMM(), GP64()
	VEXTRACTI128(Imm(1), x, t)
	VPADDD(t, low, low)
	for _, order := range []uint64{0x4e, 0xb1} {
		VPSHUFD(Imm(order), low, t)
		VPADDD(t, low, low)
	}
	VMOVD(low, n.As32())
	Store(n, ReturnIndex(0))
}
