package onnx

import (
	"fmt"
	"math"
	"slices"

	"gorgonia.org/tensor"
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
}

// newConstant copies nothing: it takes the elements that onnx-go decoded.
func newConstant(name string, t tensor.Tensor) (*constant, error) {
	c := &constant{name: name, dims: slices.Clone([]int(t.Shape()))}
	switch d := t.Data().(type) {
	case []float32:
		c.floats = d
	case float32:
		c.floats = []float32{d}
	case []int64:
		c.ints, c.isInt = d, true
	case int64:
		c.ints, c.isInt = []int64{d}, true
	default:
		return nil, fmt.Errorf("tensor %q: elements of type %T", name, d)
	}
	return c, nil
}

// intVector returns a one-dimensional integer constant.
func intVector(v []int64) *constant { return &constant{dims: []int{len(v)}, ints: v, isInt: true} }

// size returns the number of elements.
func (c *constant) size() int {
	if c.isInt {
		return len(c.ints)
	}
	return len(c.floats)
}

// withDims returns the same elements in another shape.
func (c *constant) withDims(dims []int) *constant {
	d := *c
	d.dims = dims
	return &d
}

// gather returns a constant of the given shape whose element i is element source(i) of c.
func (c *constant) gather(dims []int, source func(i int) int) *constant {
	n := 1
	for _, d := range dims {
		n *= d
	}
	out := &constant{name: c.name, dims: dims, isInt: c.isInt}
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

// notFinite returns the index of the first element that is NaN or infinite.
func (c *constant) notFinite() (int, bool) {
	for i, f := range c.floats {
		if d := float64(f); math.IsNaN(d) || math.IsInf(d, 0) {
			return i, true
		}
	}
	return 0, false
}
