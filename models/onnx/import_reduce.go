package onnx

import (
	"slices"

	"spikec/internal/window"
	"spikec/models/ann"
)

func init() {
	for _, op := range []string{"ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd"} {
		register(importer{op: op, attributes: []string{"axes", "keepdims", "noop_with_empty_axes"}, about: "over any dimensions but the batch; of constants over one dimension or all. ReduceProd is folded for constants alone", run: importReduce})
	}
}

// importReduce takes the mean, sum, largest or smallest value over any dimensions but the batch, and folds them, and the
// product, of constants. The axes are an attribute or, from opset 13 or 18 on, a constant input; none means all.
func importReduce(c *call) {
	c.maxInputs(2)
	axes, ok := c.axes()
	keep := c.flag("keepdims", 1)
	noop := c.flag("noop_with_empty_axes", 0)
	if !ok {
		return
	}
	if noop && len(axes) == 0 {
		c.pass()
		return
	}
	if c.isConstant(0) {
		c.reduceConstant(c.inputs[0].constant, axes, keep)
		return
	}
	x := c.data(0)
	if c.op == "ReduceProd" {
		c.constantsOnly()
	}
	over, ok := c.reduced(axes, x)
	if !ok || !x.known {
		return
	}
	to, n := ann.Shape{}, 1
	for d, size := range x.shape {
		if !over[d] {
			to = append(to, size)
			continue
		}
		if n *= size; keep {
			to = append(to, 1)
		}
	}
	y := c.reducedOver(x, over, n)
	if len(to) == 0 {
		c.resultNumber(y)
		return
	}
	c.result(c.reshapedAs("/flat", y, to))
}

// reduced marks the dimensions of x.shape that the axes name; none of them is the batch.
func (c *call) reduced(axes []int64, x operand) ([]bool, bool) {
	if !x.known {
		return nil, false
	}
	if len(axes) == 0 {
		for a := range c.rank(x) {
			axes = append(axes, int64(a))
		}
	}
	over := make([]bool, len(x.shape))
	for _, a := range axes {
		d, ok := c.inside(a, x, "reduces over")
		if !ok {
			return nil, false
		}
		over[d] = true
	}
	return over, true
}

// reducedOver reduces x over n elements each, in any shape. Rows and columns of maps C,H,W are pooled as they stand; for other
// dimensions those that stay are made channels.
func (c *call) reducedOver(x operand, over []bool, n int) operand {
	w := window.Square(1, 1)
	if len(over) == 3 && !over[0] {
		for d := range 2 {
			if over[d+1] {
				w.Kernel[d] = x.shape[d+1]
			}
		}
	} else {
		var order []int
		for _, last := range []bool{false, true} {
			for d, o := range over {
				if o == last {
					order = append(order, d)
				}
			}
		}
		x = c.moved("/order", x, order)
		x = c.reshapedAs("/rows", x, ann.Shape{x.shape.Size() / n, 1, n})
		w.Kernel[1] = n
	}
	whole := x.known && w.Kernel == [2]int{x.shape[1], x.shape[2]}
	switch {
	case c.op == "ReduceMin":
		y := c.emitAs("", &ann.MaxPool{Window: w}, c.times("/minus", x, -1))
		return c.times("/minus", y, -1)
	case c.op == "ReduceMax":
		return c.emitAs("", &ann.MaxPool{Window: w}, x)
	case c.op == "ReduceSum" && whole:
		return c.times("/sum", c.emitAs("", ann.GlobalAveragePool{}, x), float32(n))
	case c.op == "ReduceSum":
		return c.times("/sum", c.emitAs("", &ann.AveragePool{Window: w}, x), float32(n))
	case whole:
		return c.emitAs("", ann.GlobalAveragePool{}, x)
	}
	return c.emitAs("", &ann.AveragePool{Window: w}, x)
}

// reduceConstant folds the reduction of a constant over one dimension, or over all.
func (c *call) reduceConstant(k *constant, axes []int64, keep bool) {
	if len(axes) > 1 || slices.Contains(k.ints, batchMark) || k.size() == 0 || c.op == "ReduceMean" && k.isInt {
		c.refuse(idInput, "fold constants before the export, for example with onnxsim", "reduces a constant of shape %s, which cannot be folded", shapeText(k.dims))
		return
	}
	d, dims := 0, k.dims
	if len(axes) == 0 {
		k = k.withDims([]int{k.size()})
	} else {
		var ok bool
		if d, ok = c.axis(axes[0], len(dims)); !ok {
			return
		}
	}
	n, inner := k.dims[d], 1
	for _, s := range k.dims[d+1:] {
		inner *= s
	}
	var to []int
	for i, s := range dims {
		switch {
		case len(axes) > 0 && i != d:
			to = append(to, s)
		case keep:
			to = append(to, 1)
		}
	}
	out := &constant{name: c.name, dims: to, isInt: k.isInt}
	out.grow(k.size() / n)
	for i := range k.size() / n {
		at := func(j int) int { return i/inner*n*inner + j*inner + i%inner }
		if k.isInt {
			out.ints = append(out.ints, fold(c.op, n, func(j int) int64 { return k.ints[at(j)] }))
		} else {
			out.floats = append(out.floats, fold(c.op, n, func(j int) float32 { return k.floats[at(j)] }))
		}
	}
	c.fold(out)
}

// fold reduces n values.
func fold[T int64 | float32](op string, n int, at func(int) T) T {
	v := at(0)
	for j := 1; j < n; j++ {
		switch x := at(j); op {
		case "ReduceProd":
			v *= x
		case "ReduceMax":
			v = max(v, x)
		case "ReduceMin":
			v = min(v, x)
		default:
			v += x
		}
	}
	if op == "ReduceMean" {
		v /= T(n)
	}
	return v
}
