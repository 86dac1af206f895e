package onnx

import (
	"slices"

	"spikec/models/ann"
)

// spread is a constant that meets a tensor of the network, broadcast against it.
type spread struct {
	values  []float32
	channel bool // one value for each index of the tensor's first dimension; else one for each element
}

// mapped returns the spread of f of each value.
func (c *call) mapped(s spread, f func(float32) float32) spread {
	if !c.room(len(s.values), 4) {
		return s
	}
	v := make([]float32, len(s.values))
	for i, x := range s.values {
		v[i] = f(x)
	}
	return spread{v, s.channel}
}

// against broadcasts x and input i, a constant, against each other as ONNX says, and repeats x where the constant has more.
// It reports false where x is not known or where they do not fit.
func (c *call) against(i int, what string, x operand) (operand, spread, bool) {
	k := c.floats(i, what)
	if k == nil || !x.known {
		return x, spread{}, false
	}
	refuse := func() (operand, spread, bool) {
		c.refuse(idShape, "use one value, or values of the same dimensions as the tensor has behind the batch", "%s %q of shape %s and a tensor of %s cannot be broadcast against each other image by image",
			what, c.inputs[i].name, shapeText(k.dims), c.text(x))
		return x, spread{}, false
	}
	dims, ok := k.dims, true
	if c.hasAttribute("axis") { // below opset 7 it says where the constant's first dimension belongs
		a, ok := c.axis(attribute(c, "axis", int64(0)), c.rank(x))
		if !ok || i != 1 || a+len(dims) > c.rank(x) {
			return refuse()
		}
		dims = append(slices.Clone(dims), slices.Repeat([]int{1}, c.rank(x)-a-len(dims))...)
	}
	rank := max(c.rank(x), len(dims))
	dims = append(slices.Repeat([]int{1}, rank-len(dims)), dims...)
	if rank > c.rank(x) && !c.b.whole || !c.b.whole && dims[0] != 1 {
		return refuse()
	}
	dims = dims[c.lead():]
	if x, ok = c.expanded(x, dims); !ok {
		return refuse()
	}
	if len(k.floats) == dims[0] { // what is behind the first dimension is the same everywhere
		if dims[0] == 1 {
			v := c.repeated(k.floats[0], x.shape[0])
			return x, spread{v, true}, v != nil
		}
		return x, spread{k.floats, true}, true
	}
	if len(k.floats) == x.shape.Size() {
		return x, spread{k.floats, false}, true
	}
	if !c.room(x.shape.Size(), 4) {
		return x, spread{}, false
	}
	return x, spread{k.withDims(dims).expand(x.shape).floats, false}, true
}

// expanded repeats x along dimensions where it has size 1 and dims, its own or more in front, have another size.
func (c *call) expanded(x operand, dims []int) (operand, bool) {
	x = c.reshapedAs("/rank", x, append(ann.Shape(slices.Repeat([]int{1}, len(dims)-len(x.shape))), x.shape...))
	if !x.known {
		return x, false
	}
	s := &ann.Select{Axes: ann.Kept(len(dims))}
	for d, n := range dims {
		switch {
		case x.shape[d] == 1 && n > 1:
			if !c.room(n, 8) {
				return x, false
			}
			s.Axes[d].Index = make([]int, n)
		case n != 1 && n != x.shape[d]:
			return x, false
		}
	}
	x = c.selected("/expand", x, s)
	return x, x.known
}

// together repeats x and y along dimensions where one of them has size 1, so that both have the same shape.
func (c *call) together(x, y operand) (operand, operand) {
	if !x.known || !y.known || x.shape.Equal(y.shape) {
		return x, y
	}
	if c.b.whole || len(x.shape) == len(y.shape) {
		if dims, ok := broadcastDims(x.shape, y.shape); ok {
			x, ok = c.expanded(x, dims)
			if ok {
				y, _ = c.expanded(y, dims)
			}
			return x, y
		}
	}
	c.refuse(idShape, "", "tensors of %s and %s cannot be broadcast against each other image by image", c.text(x), c.text(y))
	return operand{}, operand{}
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
	if constant >= 0 {
		return true
	}
	if !c.has(1) || c.inputs[1].known {
		c.refuse(idInput, "leave gates and attention out: spiking layers add, they do not multiply", "second operand (input 1) is computed from the network's input; only a constant is supported")
	}
	c.failed = true
	return false
}

// scaled returns v·x.
func (c *call) scaled(suffix string, x operand, v spread) operand {
	if v.channel {
		return c.emitAs(suffix, &ann.ChannelAffine{Scale: v.values}, x)
	}
	return c.emitAs(suffix, &ann.ElementAffine{Scale: v.values}, x)
}

// shifted returns x + v.
func (c *call) shifted(suffix string, x operand, v spread) operand {
	if v.channel {
		return c.emitAs(suffix, &ann.ChannelAffine{Shift: v.values}, x)
	}
	return c.emitAs(suffix, &ann.ElementAffine{Shift: v.values}, x)
}

// times returns factor·x.
func (c *call) times(suffix string, x operand, factor float32) operand {
	if !x.known {
		return x
	}
	return c.scaled(suffix, x, spread{c.repeated(factor, x.shape[0]), true})
}

// broadcastDims returns the shape that two constants of ONNX broadcasting have together.
func broadcastDims(a, b []int) ([]int, bool) {
	if len(a) < len(b) {
		a, b = b, a
	}
	dims := slices.Clone(a)
	for i, n := range b {
		d := &dims[len(a)-len(b)+i]
		switch {
		case *d == 1:
			*d = n
		case n != 1 && n != *d:
			return nil, false
		}
	}
	return dims, true
}

// expand repeats the constant along dimensions of size 1 so that it has the shape dims, which has as many dimensions or more.
func (c *constant) expand(dims []int) *constant {
	return c.gather(slices.Clone(dims), c.repeated(dims))
}

// repeated returns which element of the constant is element i of it in the shape dims (expand).
func (c *constant) repeated(dims []int) func(i int) int {
	if slices.Equal(c.dims, dims) {
		return func(i int) int { return i }
	}
	strides := make([]int, len(dims))
	for i, n := len(c.dims)-1, 1; i >= 0; i-- {
		if c.dims[i] > 1 {
			strides[len(dims)-len(c.dims)+i] = n
		}
		n *= c.dims[i]
	}
	return func(i int) int {
		at := 0
		for d := len(dims) - 1; d >= 0; d-- {
			at += i % dims[d] * strides[d]
			i /= dims[d]
		}
		return at
	}
}

// foldBinary computes an operator on two constants, broadcast against each other. It reports false where the inputs are not
// both constant.
func (c *call) foldBinary(floats func(a, b float32) float32, ints func(a, b int64) int64) bool {
	if !c.isConstant(0) || !c.isConstant(1) {
		return false
	}
	a, b, dims, ok := c.pair(0, 1)
	if !ok {
		return true
	}
	out := &constant{name: c.name, dims: dims, isInt: a.isInt}
	if !c.hasRoom(product(dims), out.elementSize()) {
		return true
	}
	p, q := a.repeated(dims), b.repeated(dims)
	out.grow(product(dims))
	for i := range product(dims) {
		if a.isInt {
			out.ints = append(out.ints, ints(a.ints[p(i)], b.ints[q(i)]))
		} else {
			out.floats = append(out.floats, floats(a.floats[p(i)], b.floats[q(i)]))
		}
	}
	c.fold(out)
	return true
}

// pair returns inputs i and j, constants of one kind that do not carry the batch, and the shape that they have together.
func (c *call) pair(i, j int) (a, b *constant, dims []int, ok bool) {
	a, b = c.inputs[i].constant, c.inputs[j].constant
	dims, fits := broadcastDims(a.dims, b.dims)
	if !fits || a.isInt != b.isInt || slices.Contains(a.ints, batchMark) || slices.Contains(b.ints, batchMark) {
		c.refuse(idInput, "fold constants before the export, for example with onnxsim", "computes with constants of shapes %s and %s, which cannot be folded", shapeText(a.dims), shapeText(b.dims))
		return nil, nil, nil, false
	}
	return a, b, dims, true
}
