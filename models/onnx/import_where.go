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
	if !c.spend(product(dims), "a constant") {
		return
	}
	a, b, cond = a.expand(dims), b.expand(dims), cond.expand(dims)
	for i, first := range cond.ints {
		switch {
		case first != 0:
		case a.isInt:
			a.ints[i] = b.ints[i]
		default:
			a.floats[i] = b.floats[i]
		}
	}
	c.fold(a)
}
