package onnx

func init() {
	register(importer{op: microsoft + "QGemm", about: "as DequantizeLinear, Gemm and QuantizeLinear", integers: true, attributes: []string{"alpha", "transA", "transB"}, run: importQGemm})
}

// importQGemm takes Gemm of whole numbers, A, a_scale, a_zero, B, b_scale, b_zero, a C in units of a_scale·b_scale, and
// y_scale, y_zero, for DequantizeLinear, Gemm and QuantizeLinear; without y_scale the result is float. C is added after the
// product with alpha, in its own units.
// Source: onnxruntime, docs/ContribOperators.md, com.microsoft.QGemm.
func importQGemm(c *call) {
	c.maxInputs(9)
	axis := int64(1)
	if attribute(c, "transB", int64(0)) == 1 {
		axis = 0
	}
	a, b := c.dequantised(0, nil), c.dequantised(3, map[string]any{"axis": axis})
	if attribute(c, "alpha", float32(1)) != 1 && c.has(6) {
		c.refuse(idAttribute, "", "attribute alpha is not 1, and there is a C in units that depend on it")
	}
	y := c.through("Gemm", c.attrs, a, b, c.dequantisedBias(6, 1, 4))
	if !c.has(7) {
		c.finish(y)
		return
	}
	c.quantised(7, y)
}
