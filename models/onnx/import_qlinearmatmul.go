package onnx

func init() {
	register(importer{op: "QLinearMatMul", about: "as DequantizeLinear, MatMul and QuantizeLinear", integers: true, run: importQLinearMatMul})
}

// importQLinearMatMul takes a product of whole numbers for DequantizeLinear, MatMul and QuantizeLinear. Scales of the
// second operand, the weight, are one or one for each column.
func importQLinearMatMul(c *call) {
	c.maxInputs(8)
	a, b := c.dequantised(0, nil), c.dequantised(3, map[string]any{"axis": int64(-1)})
	c.quantised(6, c.through("MatMul", nil, a, b))
}
