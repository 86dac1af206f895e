package onnx

import "gorgonia.org/tensor"

func init() {
	register(importer{op: "ConstantOfShape", attributes: []string{"value"}, about: "folded; at most 2^25 elements of constants that the file does not hold, all together", run: importConstantOfShape})
}

// importConstantOfShape folds a constant of equal elements; float32 zeros where value is missing.
func importConstantOfShape(c *call) {
	c.maxInputs(1)
	shape := c.ints(0, "shape")
	k := &constant{floats: []float32{0}}
	if t := attribute[tensor.Tensor](c, "value", nil); t != nil {
		var err error
		if k, err = newConstant(c.name, t); err != nil || k.size() != 1 {
			c.refuse(idAttribute, "", "attribute value is not one number")
		}
	}
	if shape == nil || c.failed {
		return
	}
	dims := make([]int, len(shape.ints))
	for i, d := range shape.ints {
		if d < 0 || d > maxMade {
			c.refuse(idShape, "store it as an initialiser", "shape %v is too large, or depends on the batch", targetText(shape.ints))
			return
		}
		dims[i] = int(d)
	}
	if !c.spend(product(dims), "a constant") {
		return
	}
	c.fold(k.gather(dims, func(int) int { return 0 }))
}
