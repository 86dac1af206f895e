package onnx

func init() {
	register(importer{op: "QLinearConv", about: "as DequantizeLinear, Conv and QuantizeLinear", integers: true, attributes: append([]string{"group"}, windowAttributes...), run: importQLinearConv})
}

// importQLinearConv takes a convolution of whole numbers, x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero and a
// bias in units of x_scale·w_scale, for DequantizeLinear, Conv and QuantizeLinear.
func importQLinearConv(c *call) {
	c.maxInputs(9)
	x := c.dequantised(0, nil)
	w := c.dequantised(3, map[string]any{"axis": int64(0)})
	c.quantised(6, c.through("Conv", c.attrs, x, w, c.dequantisedBias(8, 1, 4)))
}

// dequantised returns inputs i, i+1 and i+2, whole numbers with their scale and zero point, as floats.
func (c *call) dequantised(i int, attrs map[string]any) *value {
	return c.through("DequantizeLinear", attrs, c.in(i), c.in(i+1), c.in(i+2))
}

// quantised makes v, rounded with scale and zero point of inputs i and i+1, the node's result.
func (c *call) quantised(i int, v *value) {
	c.finish(c.through("QuantizeLinear", nil, v, c.in(i), c.in(i+1)))
}

// dequantisedBias returns input i, whole numbers in units of the product of the scales of inputs a and b, as floats; nil
// where it is missing.
func (c *call) dequantisedBias(i, a, b int) *value {
	if !c.has(i) {
		return nil
	}
	x, w := c.floats(a, "scale"), c.floats(b, "scale")
	if x == nil || w == nil {
		return nil
	}
	if x.size() != 1 {
		c.refuse(idShape, "quantise activations with one scale for a tensor", "has %d scales for an activation; one is supported", x.size())
		return nil
	}
	scale := constantValue(&constant{name: "scale", dims: w.dims, floats: c.multiplied(w.floats, x.floats[0])})
	if w.size() == 1 {
		scale.constant.dims = nil
	}
	return c.through("DequantizeLinear", map[string]any{"axis": int64(-1)}, c.in(i), scale)
}
