package onnx

func init() {
	register(importer{op: "Gather", attributes: []string{"axis"}, run: importGather})
}

// importGather folds Gather from a constant vector, as it stands in shape arithmetic.
func importGather(c *call) {
	c.maxInputs(2)
	k, at := c.param(0, "data"), c.ints(1, "indices")
	if k == nil || at == nil {
		return
	}
	if a := attribute(c, "axis", int64(0)); len(k.dims) != 1 || a != 0 && a != -1 {
		c.refuse(idInput, "fold constants before the export, for example with onnxsim", "gathers from a constant of shape %s; only vectors are folded", shapeText(k.dims))
		return
	}
	n := int64(k.size())
	for _, i := range at.ints {
		if i < -n || i >= n {
			c.refuse(idInput, "", "index %d is outside a vector of %d", i, n)
			return
		}
	}
	c.fold(k.gather(at.dims, func(i int) int { return int((at.ints[i] + n) % n) }))
}
