package onnx

import (
	"slices"

	"spikec/models/ann"
)

// channelValues returns input i, a constant that is broadcast against x, as one value for each channel of x: it must
// be a scalar or differ along axis 1 only. It returns nil where x is not known or the constant does not fit.
func (c *call) channelValues(i int, what string, x operand) []float32 {
	k := c.floats(i, what)
	if k == nil || !x.known {
		return nil
	}
	rank := len(x.shape) + 1
	fits := len(k.dims) <= rank
	for j, d := range k.dims {
		if axis := rank - len(k.dims) + j; d != 1 && (axis != 1 || d != x.shape[0]) {
			fits = false
		}
	}
	switch {
	case !fits:
		c.refuse(idShape, "use one value, or one for each channel", "%s %q of shape %s does not give one value for each channel of Nx%s",
			what, c.inputs[i].name, shapeText(k.dims), x.shape)
		return nil
	case k.size() == 1:
		return c.repeated(k.floats[0], x.shape[0])
	}
	return k.floats
}

// operands returns which of two inputs is constant and which depends on the network's input; both constant is for
// foldBinary.
func (c *call) operands() (x operand, constant int) {
	if c.isConstant(0) {
		return c.data(1), 0
	}
	x = c.data(0)
	if c.isConstant(1) {
		return x, 1
	}
	return x, -1
}

// needConstant refuses a second operand that is not constant.
func (c *call) needConstant(constant int) bool {
	if constant < 0 {
		c.param(1, "second operand")
		return false
	}
	return true
}

// affine adds scale·x + shift to the graph and makes it the result.
func (c *call) affine(x operand, scale, shift []float32) {
	c.result(c.emit(&ann.ChannelAffine{Scale: scale, Shift: shift}, x))
}

// inverse returns 1/v for each value and refuses zeros.
func (c *call) inverse(v []float32) []float32 {
	if !c.room(len(v), 4) {
		return nil
	}
	out := make([]float32, len(v))
	for i, x := range v {
		if x == 0 {
			c.refuse(idNotFinite, "", "divides channel %d by zero", i)
			return nil
		}
		out[i] = 1 / x
	}
	return out
}

// foldBinary computes an operator on two constants, of the same shape or one of them a single value. It reports false
// where the inputs are not both constant.
func (c *call) foldBinary(floats func(a, b float32) float32, ints func(a, b int64) int64) bool {
	if !c.isConstant(0) || !c.isConstant(1) {
		return false
	}
	a, b := c.inputs[0].constant, c.inputs[1].constant
	long := a
	if a.size() == 1 && len(b.dims) >= len(a.dims) {
		long = b
	}
	same := slices.Equal(a.dims, b.dims)
	if a.isInt != b.isInt || !same && (a.size() != 1 && b.size() != 1 || len(long.dims) < max(len(a.dims), len(b.dims))) || slices.Contains(a.ints, batchMark) || slices.Contains(b.ints, batchMark) {
		c.refuse(idInput, "fold constants before the export, for example with onnxsim", "computes with constants of shapes %s and %s, which cannot be folded", shapeText(a.dims), shapeText(b.dims))
		return true
	}
	out := &constant{name: c.name, dims: long.dims, isInt: a.isInt}
	out.grow(long.size())
	for i := range long.size() {
		p, q := min(i, a.size()-1), min(i, b.size()-1)
		if a.isInt {
			out.ints = append(out.ints, ints(a.ints[p], b.ints[q]))
		} else {
			out.floats = append(out.floats, floats(a.floats[p], b.floats[q]))
		}
	}
	c.fold(out)
	return true
}
