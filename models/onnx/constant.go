package onnx

import (
	"fmt"
	"math"
)

// batchMark stands for the batch size where a chain of shape arithmetic carries it. It is no size that can occur.
const batchMark = math.MinInt64 + 0x5b1c

// constant is a tensor whose elements are known when the file is read: floats or integers, row major.
type constant struct {
	name   string
	dims   []int
	floats []float32
	ints   []int64
	isInt  bool
	kind   uint64 // element type in the file, of initialisers and of what Constant, Cast and QuantizeLinear make; else 0

	packed *packed   // where the integers are, while ints is nil
	turned *constant // its matrix transposed, once that was made
	finite bool      // all floats are known to be finite
}

// intVector returns a one-dimensional integer constant.
func intVector(v []int64) *constant { return &constant{dims: []int{len(v)}, ints: v, isInt: true} }

// size returns the number of elements.
func (c *constant) size() int {
	if c.packed != nil {
		return int(c.packed.n)
	}
	if c.isInt {
		return len(c.ints)
	}
	return len(c.floats)
}

// withDims returns the same elements in another shape.
func (c *constant) withDims(dims []int) *constant {
	d := *c
	d.dims, d.turned = dims, nil
	return &d
}

// gather returns a constant of the given shape whose element i is element source(i) of c.
func (c *constant) gather(dims []int, source func(i int) int) *constant {
	n := product(dims)
	out := &constant{name: c.name, dims: dims, isInt: c.isInt, kind: c.kind}
	if c.isInt {
		out.ints = make([]int64, n)
		for i := range out.ints {
			out.ints[i] = c.ints[source(i)]
		}
		return out
	}
	out.floats = make([]float32, n)
	for i := range out.floats {
		out.floats[i] = c.floats[source(i)]
	}
	return out
}

// maxProduct is more elements than there is memory for.
const maxProduct = 1 << 40

// product returns the number of elements of a tensor, or maxProduct where it has more.
func product(dims []int) int {
	n := 1
	for _, d := range dims {
		if d > 0 && n > maxProduct/d {
			return maxProduct
		}
		n *= d
	}
	return n
}

// shapeText prints dimensions as 2x3; a scalar is "scalar".
func shapeText(dims []int) string {
	if len(dims) == 0 {
		return "scalar"
	}
	s := fmt.Sprint(dims[0])
	for _, d := range dims[1:] {
		s += fmt.Sprintf("x%d", d)
	}
	return s
}

// notFinite returns the index of the first element that is NaN or infinite. It looks once: many nodes may share weights.
func (c *constant) notFinite() (int, bool) {
	if c.finite {
		return 0, false
	}
	const exponent = 0xff << 23 // all ones in NaN and the infinities
	for i, f := range c.floats {
		if math.Float32bits(f)&exponent == exponent {
			return i, true
		}
	}
	c.finite = true
	return 0, false
}
