package onnx

func init() { register(importer{op: "Sub", run: importSub}) }

// importSub takes x − k and k − x with a constant k per channel.
func importSub(c *call) {
	c.maxInputs(2)
	if c.foldBinary(func(a, b float32) float32 { return a - b }, func(a, b int64) int64 { return a - b }) {
		return
	}
	x, k := c.operands()
	if !c.needConstant(k) {
		return
	}
	v := c.channelValues(k, "operand", x)
	if v == nil {
		return
	}
	if k == 0 {
		c.affine(x, c.repeated(-1, len(v)), v)
		return
	}
	c.affine(x, nil, c.scaled(v, -1))
}
