package onnx

func init() {
	register(importer{op: "Mul", old: []string{"axis", "broadcast"}, about: "a tensor of the network and a constant, broadcast as for Add; the product of two tensors is refused", run: importMul})
}

// importMul takes the product with a constant, broadcast against the tensor.
func importMul(c *call) {
	c.maxInputs(2)
	if c.foldBinary(func(a, b float32) float32 { return a * b }, func(a, b int64) int64 { return a * b }) {
		return
	}
	x, k := c.operands()
	if !c.needConstant(k) {
		return
	}
	if x, v, ok := c.against(k, "factor", x); ok {
		c.result(c.scaled("", x, v))
	}
}
