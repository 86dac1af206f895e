package onnx

func init() { register(importer{op: "Size", about: "folded", run: importSize}) }

// importSize folds the number of elements of a constant, or of a tensor without a batch.
func importSize(c *call) {
	c.maxInputs(1)
	if c.isConstant(0) {
		c.fold(&constant{ints: []int64{int64(c.inputs[0].constant.size())}, isInt: true})
		return
	}
	x := c.data(0)
	if x.known && !c.b.whole {
		c.refuse(idInput, "", "counts the elements of %s, which depend on the batch", c.text(x))
		return
	}
	c.fold(&constant{ints: []int64{int64(x.shape.Size())}, isInt: true})
}
