package onnx

import "spikec/models/ann"

func init() { register(importer{op: "Add", run: importAdd}) }

// importAdd takes the sum of two branches of the same shape, and a constant per channel (a bias).
func importAdd(c *call) {
	c.maxInputs(2)
	if c.foldBinary(func(a, b float32) float32 { return a + b }, func(a, b int64) int64 { return a + b }) {
		return
	}
	x, k := c.operands()
	if k >= 0 {
		c.affine(x, nil, c.channelValues(k, "summand", x))
		return
	}
	y := c.data(1)
	c.result(c.emit(ann.Add{}, x, y))
}
