package onnx

import (
	"slices"

	"spikec/models/ann"
)

func init() {
	register(importer{op: "Concat", attributes: []string{"axis"}, about: "along any dimension but the batch; several tensors of the network, or one and constants", run: importConcat})
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
	if c.isConstantAnywhere() {
		concatConstants(c, a)
		return
	}
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

// isConstantAnywhere reports whether one of the inputs is constant.
func (c *call) isConstantAnywhere() bool {
	for i := range c.inputs {
		if c.isConstant(i) {
			return true
		}
	}
	return false
}

// concatConstants joins one tensor of the network and constants: the tensor between zeros, plus the constants between zeros.
func concatConstants(c *call, a int64) {
	var x operand
	at, d, found := 0, 0, false
	for i := range c.inputs {
		if c.isConstant(i) {
			continue
		}
		if found {
			c.refuse(idInput, "join constants in a node of their own", "joins several tensors of the network and constants")
			return
		}
		found = true
		if x = c.data(i); !x.known {
			return
		}
		var ok bool
		if d, ok = c.inside(a, x, "joins branches along"); !ok {
			return
		}
	}
	var index []int
	for i := range c.inputs {
		if !c.isConstant(i) {
			at = len(index)
			index = append(index, span(0, x.shape[d])...)
			continue
		}
		n := c.inputs[i].constant.dims
		if len(n) != c.rank(x) {
			c.refuse(idShape, "", "joins a constant of shape %s to %s", shapeText(n), c.text(x))
			return
		}
		if !c.room(n[d+c.lead()], 8) {
			return
		}
		for range n[d+c.lead()] {
			index = append(index, -1)
		}
	}
	y := c.picked("/between", x, d, index, 0)
	if !y.known || !c.room(y.shape.Size(), 4) {
		return
	}
	// The constants in one tensor of the result's shape; rows of the network's tensor stay zero.
	shift := make([]float32, y.shape.Size())
	inner := y.shape[d+1:].Size()
	row := 0
	for i := range c.inputs {
		if !c.isConstant(i) {
			row = at + x.shape[d]
			continue
		}
		k := c.floats(i, "part")
		if k == nil {
			return
		}
		dims := k.dims[c.lead():]
		for e, n := range y.shape {
			if e != d && dims[e] != n || c.lead() == 1 && k.dims[0] != 1 {
				c.refuse(idShape, "", "joins a constant of shape %s to %s", shapeText(k.dims), c.text(x))
				return
			}
		}
		for e, v := range k.floats {
			outer, rest := e/(dims[d]*inner), e%(dims[d]*inner)
			shift[(outer*y.shape[d]+row)*inner+rest] = v
		}
		row += dims[d]
	}
	c.result(c.emit(&ann.ElementAffine{Shift: shift}, y))
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
	a := attribute(c, "axis", int64(1))
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
	out.isInt, out.kind, out.dims = first.isInt, first.kind, slices.Clone(first.dims)
	out.dims[d] = 0
	for _, k := range parts {
		if k.isInt != out.isInt || len(k.dims) != len(out.dims) || !slices.Equal(k.dims[:d], first.dims[:d]) || !slices.Equal(k.dims[d+1:], first.dims[d+1:]) {
			c.refuse(idInput, "fold constants before the export, for example with onnxsim", "joins constants of shapes %s and %s", shapeText(first.dims), shapeText(k.dims))
			return
		}
		out.dims[d] += k.dims[d]
	}
	if !c.hasRoom(product(out.dims), out.elementSize()) {
		return
	}
	out.grow(product(out.dims))
	for row := range product(first.dims[:d]) {
		for _, k := range parts {
			n := product(k.dims[d:])
			if out.isInt {
				out.ints = append(out.ints, k.ints[row*n:(row+1)*n]...)
			} else {
				out.floats = append(out.floats, k.floats[row*n:(row+1)*n]...)
			}
		}
	}
	c.fold(out)
}
