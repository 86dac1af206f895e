package onnx

import "slices"

func init() {
	register(importer{op: "ConstantOfShape", attributes: []string{"value"}, run: importConstantOfShape})
}

// maxFolded bounds the elements of a constant that the file does not hold. It is for shapes and pads; weights are
// stored.
const maxFolded = 1 << 16

// importConstantOfShape folds a constant of equal elements; float32 zeros where value is missing.
func importConstantOfShape(c *call) {
	c.maxInputs(1)
	shape := c.ints(0, "shape")
	k := &constant{floats: []float32{0}}
	if t := attribute[*constant](c, "value", nil); t != nil {
		if k = t; k.size() != 1 {
			c.refuse(idAttribute, "", "attribute value is not one number")
		}
	}
	if shape == nil || c.failed {
		return
	}
	size := int64(1)
	var dims []int
	for _, d := range shape.ints {
		if d < 0 || d > maxFolded || size*d > maxFolded || slices.Contains(shape.ints, batchMark) {
			c.refuse(idShape, "store it as an initialiser", "shape %v is too large, or depends on the batch", targetText(shape.ints))
			return
		}
		size *= d
		dims = append(dims, int(d))
	}
	c.fold(k.gather(dims, func(int) int { return 0 }))
}
