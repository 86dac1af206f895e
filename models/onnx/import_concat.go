package onnx

func init() {
	register(importer{op: "Concat", attributes: []string{"axis"}, run: importConcat})
}

// importConcat folds Concat of constant vectors, as it stands in shape arithmetic.
func importConcat(c *call) {
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
		out.isInt = k.isInt
		out.ints, out.floats = append(out.ints, k.ints...), append(out.floats, k.floats...)
	}
	out.dims = []int{out.size()}
	c.fold(out)
}
