package onnx

func init() { register(importer{op: "Where", about: "folded for constants", run: importWhere}) }

// importWhere folds the choice between two constants, element by element.
func importWhere(c *call) {
	c.maxInputs(3)
	cond := c.ints(0, "condition")
	if c.param(1, "first choice") == nil || c.param(2, "second choice") == nil || cond == nil {
		return
	}
	a, b := c.inputs[1].constant, c.inputs[2].constant
	dims, ok := broadcastDims(a.dims, b.dims)
	if ok {
		dims, ok = broadcastDims(dims, cond.dims)
	}
	if !ok || a.isInt != b.isInt {
		c.refuse(idInput, "fold constants before the export, for example with onnxsim", "chooses between constants of shapes %s and %s, which cannot be folded", shapeText(a.dims), shapeText(b.dims))
		return
	}
	out := &constant{name: c.name, dims: dims, isInt: a.isInt, kind: a.kind}
	if !c.hasRoom(product(dims), out.elementSize()) {
		return
	}
	p, q, r := a.repeated(dims), b.repeated(dims), cond.repeated(dims)
	out.grow(product(dims))
	for i := range product(dims) {
		from, at := a, p(i)
		if cond.ints[r(i)] == 0 {
			from, at = b, q(i)
		}
		if out.isInt {
			out.ints = append(out.ints, from.ints[at])
		} else {
			out.floats = append(out.floats, from.floats[at])
		}
	}
	c.fold(out)
}
