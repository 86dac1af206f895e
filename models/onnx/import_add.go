package onnx

import "spikec/models/ann"

func init() {
	register(importer{op: "Add", old: []string{"axis", "broadcast"}, about: "two tensors of the network, or one and a constant; broadcast, but image by image: a constant has one value for the whole batch", run: importAdd})
}

// importAdd takes the sum of two branches, and of a branch and a constant, broadcast against each other.
func importAdd(c *call) {
	c.maxInputs(2)
	if c.foldBinary(func(a, b float32) float32 { return a + b }, func(a, b int64) int64 { return a + b }) {
		return
	}
	x, k := c.operands()
	if k >= 0 {
		if x, v, ok := c.against(k, "summand", x); ok {
			c.result(c.shifted("", x, v))
		}
		return
	}
	x, y := c.together(x, c.data(1))
	c.result(c.emit(ann.Add{}, x, y))
}
