package onnx

import "spikec/models/ann"

func init() {
	register(importer{op: "Concat", attributes: []string{"axis"}, run: importConcat})
}

// importConcat takes Concat of branches along their channels, and folds that of constant vectors, as it stands in shape
// arithmetic.
func importConcat(c *call) {
	for i := range c.inputs {
		if c.has(i) && !c.isConstant(i) {
			concatBranches(c)
			return
		}
	}
	foldConcat(c)
}

// concatBranches joins values that depend on the network's input.
func concatBranches(c *call) {
	a := attribute(c, "axis", int64(1))
	var parts []operand
	for i := range c.inputs {
		x := c.data(i)
		if x.known {
			if axis, ok := c.axis(a, len(x.shape)+1); !ok {
				return
			} else if axis != 1 {
				c.refuse(idAttribute, "join channels, axis 1", "attribute axis is %d; only the axis of channels, 1, is supported", a)
				return
			}
		}
		parts = append(parts, x)
	}
	c.result(c.emit(ann.Concat{}, parts...))
}

// foldConcat joins constant vectors.
func foldConcat(c *call) {
	size := 0
	for i := range c.inputs {
		if c.isConstant(i) {
			size += c.inputs[i].constant.size()
		}
	}
	if !c.hasRoom(size, 8) {
		return
	}
	out := &constant{name: c.name}
	for i := range c.inputs {
		k := c.param(i, "part")
		if k == nil {
			continue
		}
		if len(k.dims) != 1 || i > 0 && k.isInt != out.isInt {
			c.refuse(idInput, "fold constants before the export, for example with onnxsim", "joins a constant of shape %s; only vectors of one kind are folded", shapeText(k.dims))
			return
		}
		if i == 0 {
			out.isInt = k.isInt
			out.grow(size)
		}
		out.ints, out.floats = append(out.ints, k.ints...), append(out.floats, k.floats...)
	}
	out.dims = []int{out.size()}
	c.fold(out)
}
