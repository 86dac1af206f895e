// Command gen writes the kernels of package gemm for AVX2 and AVX-512; go generate in the package's folder runs it. It is
// a module of its own, so that who builds spikec does not need what it needs.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// isa is one instruction set on one element type.
type isa struct {
	name  string // suffix of the kernels' names
	elem  string // Go's name of the element
	size  int    // bytes an element
	width int    // bytes a vector
	rows  int    // of a tile
	cols  int    // vectors of a tile
}

var all = []isa{
	{"AVX2F32", "float32", 4, 32, 4, 3},
	{"AVX2F64", "float64", 8, 32, 4, 3},
	{"AVX512F32", "float32", 4, 64, 8, 2},
	{"AVX512F64", "float64", 8, 64, 8, 2},
}

func main() {
	ConstraintExpr("!noasm")
	for _, s := range all {
		for v := 1; v <= s.cols; v++ {
			s.tile(v)
		}
		for _, n := range []int{1, 4} {
			s.combine(n)
		}
		if s.elem == "float32" {
			for _, n := range []int{1, 4} {
				s.dot(n)
			}
		}
	}
	Generate()
}

// vector returns a fresh vector register.
func (s isa) vector() reg.VecVirtual {
	if s.width == 64 {
		return ZMM()
	}
	return YMM()
}

// move loads or stores a vector.
func (s isa) move(m operand.Op, to operand.Op) {
	if s.size == 4 {
		VMOVUPS(m, to)
	} else {
		VMOVUPD(m, to)
	}
}

func (s isa) broadcast(m operand.Op, to operand.Op) {
	if s.size == 4 {
		VBROADCASTSS(m, to)
	} else {
		VBROADCASTSD(m, to)
	}
}

// fma is acc = x*y + acc; y may be memory.
func (s isa) fma(x, y, acc operand.Op) {
	if s.size == 4 {
		VFMADD231PS(y, x, acc)
	} else {
		VFMADD231PD(y, x, acc)
	}
}

// scaled multiplies an index of elements into bytes.
func (s isa) scaled(r reg.Register) {
	if s.size == 4 {
		SHLQ(operand.Imm(2), r)
	} else {
		SHLQ(operand.Imm(3), r)
	}
}

// bytes is a distance in memory as an operand.
func bytes(n int) operand.Op { return operand.U32(n) }

func pointer(name string) operand.Mem { return operand.Mem{Base: Load(Param(name), GP64())} }

// loop emits body count times, by times at a time; body gets which of the times it is. counter is used up.
func loop(name string, counter reg.GPVirtual, times int, body func(i int), advance func(n int)) {
	for _, n := range []int{times, 1} {
		top, done := fmt.Sprintf("%s%d", name, n), fmt.Sprintf("%s%dDone", name, n)
		CMPQ(counter, operand.Imm(uint64(n)))
		JLT(operand.LabelRef(done))
		Label(top)
		for i := range n {
			body(i)
		}
		advance(n)
		SUBQ(operand.Imm(uint64(n)), counter)
		CMPQ(counter, operand.Imm(uint64(n)))
		JGE(operand.LabelRef(top))
		Label(done)
		if times == 1 {
			return
		}
	}
}

// tile emits the kernel of rows × v vectors.
func (s isa) tile(v int) {
	lanes := s.width / s.size
	TEXT(fmt.Sprintf("tile%s_%d", s.name, v), NOSPLIT, fmt.Sprintf("func(k int, a, b, c *%s, stride int)", s.elem))
	Doc(fmt.Sprintf("tile%s_%d is tileGo for %d rows and %d columns of panels of %d and %d, every step one FMA.", s.name, v, s.rows, v*lanes, s.rows, s.cols*lanes))
	k := Load(Param("k"), GP64()).(reg.GPVirtual)
	a, b, c := pointer("a"), pointer("b"), pointer("c")
	stride := Load(Param("stride"), GP64())
	s.scaled(stride)
	acc := make([][]reg.VecVirtual, s.rows)
	line := operand.Mem{Base: GP64()}
	MOVQ(c.Base, line.Base)
	for r := range acc {
		for j := range v {
			x := s.vector()
			s.move(line.Offset(j*s.width), x)
			acc[r] = append(acc[r], x)
		}
		if r+1 < s.rows {
			ADDQ(stride, line.Base)
		}
	}
	right, left := make([]reg.VecVirtual, v), s.vector()
	for j := range right {
		right[j] = s.vector()
	}
	loop("step", k, 4, func(i int) {
		for j := range right {
			s.move(b.Offset((i*s.cols+j)*s.width), right[j])
		}
		for r := range acc {
			s.broadcast(a.Offset((i*s.rows+r)*s.size), left)
			for j := range right {
				s.fma(left, right[j], acc[r][j])
			}
		}
	}, func(n int) {
		ADDQ(bytes(n*s.rows*s.size), a.Base)
		ADDQ(bytes(n*s.cols*s.width), b.Base)
	})
	for r := range acc {
		for j := range acc[r] {
			s.move(acc[r][j], c.Offset(j*s.width))
		}
		if r+1 < s.rows {
			ADDQ(stride, c.Base)
		}
	}
	VZEROUPPER()
	RET()
}

// combine emits the kernel that adds n scaled rows to one.
func (s isa) combine(n int) {
	TEXT(fmt.Sprintf("combine%s_%d", s.name, n), NOSPLIT, fmt.Sprintf("func(length int, a, b *%s, stride int, c *%s)", s.elem, s.elem))
	Doc(fmt.Sprintf("combine%s_%d is combineGo for %d rows, every step one FMA; length is a multiple of 16.", s.name, n, n))
	length := Load(Param("length"), GP64()).(reg.GPVirtual)
	a, b := pointer("a"), pointer("b")
	stride := Load(Param("stride"), GP64())
	c := pointer("c")
	s.scaled(stride)
	factor, row := make([]reg.VecVirtual, n), make([]operand.Mem, n)
	for i := range factor {
		factor[i] = s.vector()
		s.broadcast(a.Offset(i*s.size), factor[i])
		row[i] = b
		if i > 0 {
			row[i] = operand.Mem{Base: GP64()}
			MOVQ(row[i-1].Base, row[i].Base)
			ADDQ(stride, row[i].Base)
		}
	}
	const step = 16
	SHRQ(operand.Imm(4), length)
	loop("step", length, 1, func(int) {
		for o := 0; o < step*s.size; o += s.width {
			x := s.vector()
			s.move(c.Offset(o), x)
			for i := range factor {
				s.fma(factor[i], row[i].Offset(o), x)
			}
			s.move(x, c.Offset(o))
		}
	}, func(int) {
		for i := range row {
			ADDQ(bytes(step*s.size), row[i].Base)
		}
		ADDQ(bytes(step*s.size), c.Base)
	})
	VZEROUPPER()
	RET()
}

// dot emits the kernel that multiplies n rows with one vector in 16 lanes each.
func (s isa) dot(n int) {
	const lanes = 16
	TEXT(fmt.Sprintf("dot%s_%d", s.name, n), NOSPLIT, "func(length int, w *float32, stride int, x, sums *float32)")
	Doc(fmt.Sprintf("dot%s_%d is dotGo for %d rows, every step one FMA; length is a multiple of 16.", s.name, n, n))
	length := Load(Param("length"), GP64()).(reg.GPVirtual)
	w := pointer("w")
	stride := Load(Param("stride"), GP64())
	x, sums := pointer("x"), pointer("sums")
	s.scaled(stride)
	vectors := lanes * s.size / s.width
	acc, row := make([][]reg.VecVirtual, n), make([]operand.Mem, n)
	for i := range row {
		row[i] = w
		if i > 0 {
			row[i] = operand.Mem{Base: GP64()}
			MOVQ(row[i-1].Base, row[i].Base)
			ADDQ(stride, row[i].Base)
		}
		for j := range vectors {
			v := s.vector()
			s.move(sums.Offset((i*vectors+j)*s.width), v)
			acc[i] = append(acc[i], v)
		}
	}
	SHRQ(operand.Imm(4), length)
	loop("step", length, 1, func(int) {
		for j := range vectors {
			v := s.vector()
			s.move(x.Offset(j*s.width), v)
			for i := range row {
				s.fma(v, row[i].Offset(j*s.width), acc[i][j])
			}
		}
	}, func(int) {
		for i := range row {
			ADDQ(bytes(lanes*4), row[i].Base)
		}
		ADDQ(bytes(lanes*4), x.Base)
	})
	for i := range row {
		for j := range acc[i] {
			s.move(acc[i][j], sums.Offset((i*vectors+j)*s.width))
		}
	}
	VZEROUPPER()
	RET()
}
