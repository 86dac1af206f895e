package onnx

func init() {
	register(importer{op: "ConstantOfShape", attributes: []string{"value"}, about: "folded", run: importConstantOfShape})
}

// importConstantOfShape folds a constant of equal elements; float32 zeros where value is missing.
func importConstantOfShape(c *call) {
	c.maxInputs(1)
	shape, ok := c.sizeList(0, "shape")
	k := attribute(c, "value", &constant{floats: []float32{0}})
	if k.size() != 1 {
		c.refuse(idAttribute, "", "attribute value is not one number")
	}
	if !ok || c.failed {
		return
	}
	dims := make([]int, len(shape))
	for i, d := range shape {
		if d < 0 || d > maxProduct {
			c.refuse(idShape, "store it as an initialiser", "shape %v is too large, or depends on the batch", targetText(shape))
			return
		}
		dims[i] = int(d)
	}
	if !c.hasRoom(product(dims), k.elementSize()) {
		return
	}
	c.fold(k.gather(dims, func(int) int { return 0 }))
}
