package onnx

// microsoft is the beginning of the keys of onnxruntime's own operators.
const microsoft = "com.microsoft."

func init() {
	for _, op := range []string{"Add", "Mul"} {
		register(importer{op: microsoft + "QLinear" + op, about: "as DequantizeLinear, " + op + " and QuantizeLinear", integers: true, run: importQLinearBinary})
	}
	register(importer{op: microsoft + "QLinearAveragePool", about: "as DequantizeLinear, AveragePool and QuantizeLinear, channels first", integers: true, attributes: append([]string{"ceil_mode", "count_include_pad", "channels_last"}, windowAttributes...), run: importQLinearPool})
	register(importer{op: microsoft + "QLinearGlobalAveragePool", about: "as DequantizeLinear, GlobalAveragePool and QuantizeLinear, channels first", integers: true, attributes: []string{"channels_last"}, run: importQLinearPool})
	register(importer{op: microsoft + "QLinearConcat", about: "as DequantizeLinear, Concat and QuantizeLinear", integers: true, attributes: []string{"axis"}, run: importQLinearConcat})
}

// importQLinearBinary takes Add and Mul of whole numbers for DequantizeLinear, the operator and QuantizeLinear: a, its
// scale and zero point, b, its scale and zero point, scale and zero point of the result.
// Source: onnxruntime, docs/ContribOperators.md, com.microsoft.QLinearAdd and the others of this file.
func importQLinearBinary(c *call) {
	c.maxInputs(8)
	c.quantised(6, c.through(c.op[len("QLinear"):], nil, c.dequantised(0, nil), c.dequantised(3, nil)))
}

// importQLinearPool takes average pooling of whole numbers: x, its scale and zero point, those of the result.
func importQLinearPool(c *call) {
	c.maxInputs(5)
	if c.flag("channels_last", 0) {
		c.refuse(idAttribute, layoutRemedy, "attribute channels_last is 1")
	}
	c.quantised(3, c.through(c.op[len("QLinear"):], c.without("channels_last"), c.dequantised(0, nil)))
}

// importQLinearConcat takes Concat of whole numbers: scale and zero point of the result, then each part with its scale
// and zero point.
func importQLinearConcat(c *call) {
	var parts []*value
	for i := 2; i < len(c.inputs); i += 3 {
		parts = append(parts, c.dequantised(i, nil))
	}
	c.quantised(0, c.through("Concat", c.attrs, parts...))
}
