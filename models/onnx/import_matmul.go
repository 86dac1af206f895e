package onnx

import (
	"slices"

	"spikec/internal/window"
	"spikec/models/ann"
)

func init() {
	register(importer{op: "MatMul", about: "one factor constant with two dimensions (or one, on the right); stacks of matrices only where there is no batch", run: importMatMul})
}

// importMatMul takes x·W with constant W (I,O) or (I) on the right and x (…,I), W·x with constant W (O,I) on the left and x
// (I,L), and products of stacks of matrices with as many constant ones, where there is no batch.
func importMatMul(c *call) {
	c.maxInputs(2)
	if c.isConstant(0) {
		c.fromLeft(c.floats(0, "weight"), c.data(1))
		return
	}
	x := c.data(0)
	w := c.floats(1, "weight")
	if w == nil {
		return
	}
	switch {
	case len(w.dims) == 1:
		y := c.rows("", x, w.withDims([]int{1, w.dims[0]}), nil)
		if !y.known {
			return
		}
		if to := y.shape[:len(y.shape)-1]; len(to) > 0 {
			c.result(c.reshapedAs("/flat", y, to))
		} else {
			c.resultNumber(y)
		}
	case len(w.dims) == 2:
		if w = c.transposed(w); w != nil {
			c.result(c.rows("", x, w, nil))
		}
	case c.b.whole && x.known && len(w.dims) == len(x.shape) && slices.Equal(w.dims[:len(w.dims)-2], x.shape[:len(x.shape)-2]):
		c.result(c.stack(x, w))
	default:
		c.refuse(idShape, "", "weight %q has shape %s, want two dimensions", c.inputs[1].name, shapeText(w.dims))
	}
}

// rows multiplies the last dimension I of x with w (O,I) and adds the bias: a fully connected operation where x is a vector,
// a convolution of one tap over the rows of x otherwise.
func (c *call) rows(suffix string, x operand, w *constant, bias []float32) operand {
	if !x.known {
		return x
	}
	last := len(x.shape) - 1
	out, in := w.dims[0], w.dims[1]
	if x.shape[last] != in {
		c.refuse(idShape, "", "multiplies rows of %d with columns of %d", x.shape[last], in)
		return operand{}
	}
	to := append(slices.Clone(x.shape[:last]), out)
	if n := x.shape.Size() / in; n > 1 {
		y := c.moved("/columns", c.reshapedAs("/matrix", x, ann.Shape{n, in}), []int{1, 0})
		y = c.oneTap(suffix, y, w, bias, 1)
		return c.reshapedAs("/reshape", c.moved("/rows", y, []int{1, 0}), to)
	}
	y := c.emitAs(suffix, &ann.Linear{Weight: w.floats, Bias: bias, In: in, Out: out}, c.reshapedAs("/flatten", x, ann.Shape{in}))
	return c.reshapedAs("/reshape", y, to)
}

// oneTap multiplies x (I,L) with w (O,I/groups) from the left, as a convolution of one tap: (O,L).
func (c *call) oneTap(suffix string, x operand, w *constant, bias []float32, groups int) operand {
	if !x.known {
		return x
	}
	conv := &ann.Conv{Weight: w.floats, Bias: bias, In: x.shape[0], Out: w.dims[0], Groups: groups, Window: window.Square(1, 1)}
	y := c.emitAs(suffix, conv, c.reshapedAs("/map", x, ann.Shape{x.shape[0], 1, x.shape[1]}))
	return c.reshapedAs("/flat", y, ann.Shape{w.dims[0], x.shape[1]})
}

// fromLeft multiplies x (I,L), or a vector where there is no batch, with w (O,I) from the left.
func (c *call) fromLeft(w *constant, x operand) {
	switch {
	case w == nil || !x.known:
	case len(w.dims) == 2 && len(x.shape) == 2 && w.dims[1] == x.shape[0]:
		c.result(c.oneTap("", x, w, nil, 1))
	case len(w.dims) == 2 && len(x.shape) == 1 && c.b.whole:
		c.result(c.rows("", x, w, nil))
	default:
		c.refuse(idShape, "", "weight %q of shape %s does not multiply %s from the left", c.inputs[0].name, shapeText(w.dims), c.text(x))
	}
}

// stack multiplies matrices x (…,M,I) with as many w (…,I,O), as a convolution of one tap with a group for each.
func (c *call) stack(x operand, w *constant) operand {
	rank := len(w.dims)
	m, in, out := x.shape[rank-2], x.shape[rank-1], w.dims[rank-1]
	n := x.shape[:rank-2].Size()
	if w.dims[rank-2] != in {
		c.refuse(idShape, "", "multiplies rows of %d with columns of %d", in, w.dims[rank-2])
		return operand{}
	}
	if !c.room(w.size(), 4) {
		return operand{}
	}
	w = w.withDims([]int{n, in, out}).transpose([]int{0, 2, 1}).withDims([]int{n * out, in})
	y := c.moved("/columns", c.reshapedAs("/matrices", x, ann.Shape{n, m, in}), []int{0, 2, 1})
	y = c.oneTap("", c.reshapedAs("/channels", y, ann.Shape{n * in, m}), w, nil, n)
	y = c.moved("/rows", c.reshapedAs("/split", y, ann.Shape{n, out, m}), []int{0, 2, 1})
	return c.reshapedAs("/reshape", y, append(slices.Clone(x.shape[:rank-1]), out))
}
