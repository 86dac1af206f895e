package onnx

import (
	"slices"

	"spikec/models/ann"
)

func init() {
	register(importer{op: "Concat", attributes: []string{"axis"}, run: importConcat})
}

// importConcat joins branches along any dimension but the batch, constants among them, and folds Concat of constants, as it
// stands in shape arithmetic.
func importConcat(c *call) {
	for i := range c.inputs {
		if c.has(i) && !c.isConstant(i) {
			concatBranches(c)
			return
		}
	}
	foldConcat(c)
}

// concatBranches joins values that depend on the network's input. Dimensions other than the first are moved there and back.
func concatBranches(c *call) {
	a := attribute(c, "axis", int64(1))
	var parts []operand
	d, ok := 0, true
	for i := range c.inputs {
		x := c.data(i)
		if x.known {
			if d, ok = c.inside(a, x, "joins branches along"); !ok {
				return
			}
			if d > 0 {
				x = c.moved("/order", x, toFront(d, len(x.shape)))
			}
		}
		parts = append(parts, x)
	}
	if d == 0 {
		c.result(c.emit(ann.Concat{}, parts...))
		return
	}
	y := c.emit(ann.Concat{}, parts...)
	if y.known {
		y = c.moved("/back", y, inverse(toFront(d, len(y.shape))))
	}
	c.result(y)
}

// toFront returns the order of rank dimensions that has d in front.
func toFront(d, rank int) []int {
	order := append([]int{d}, span(0, d)...)
	return append(order, span(d+1, rank)...)
}

// inverse returns the order that undoes an order.
func inverse(order []int) []int {
	back := make([]int, len(order))
	for k, d := range order {
		back[d] = k
	}
	return back
}

// foldConcat joins constants along any dimension.
func foldConcat(c *call) {
	a := attribute(c, "axis", int64(0))
	out := &constant{name: c.name}
	var parts []*constant
	for i := range c.inputs {
		k := c.param(i, "part")
		if k == nil {
			continue
		}
		parts = append(parts, k)
	}
	if len(parts) == 0 || c.failed {
		return
	}
	first := parts[0]
	d, ok := c.axis(a, len(first.dims))
	if !ok {
		return
	}
	out.isInt, out.dims = first.isInt, slices.Clone(first.dims)
	out.dims[d] = 0
	for _, k := range parts {
		if k.isInt != out.isInt || len(k.dims) != len(out.dims) || !slices.Equal(k.dims[:d], first.dims[:d]) || !slices.Equal(k.dims[d+1:], first.dims[d+1:]) {
			c.refuse(idInput, "fold constants before the export, for example with onnxsim", "joins constants of shapes %s and %s", shapeText(first.dims), shapeText(k.dims))
			return
		}
		out.dims[d] += k.dims[d]
	}
	if !c.spend(product(out.dims), "a constant") {
		return
	}
	for row := range ann.Shape(first.dims[:d]).Size() {
		for _, k := range parts {
			n := ann.Shape(k.dims[d:]).Size()
			if out.isInt {
				out.ints = append(out.ints, k.ints[row*n:(row+1)*n]...)
			} else {
				out.floats = append(out.floats, k.floats[row*n:(row+1)*n]...)
			}
		}
	}
	c.fold(out)
}
