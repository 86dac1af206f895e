package onnx

func init() { register(importer{op: "Div", run: importDiv}) }

// importDiv takes the quotient by a constant per channel, as the product with its inverse.
func importDiv(c *call) {
	c.maxInputs(2)
	if c.isConstant(1) && c.inputs[1].constant.hasZeroInt() {
		c.refuse(idInput, "", "divides by zero")
		return
	}
	if c.foldBinary(func(a, b float32) float32 { return a / b }, func(a, b int64) int64 { return a / b }) {
		return
	}
	x, k := c.operands()
	if !c.needConstant(k) {
		return
	}
	if k == 0 {
		c.refuse(idInput, "", "divides a constant by a tensor of the network")
		return
	}
	if v := c.channelValues(k, "divisor", x); v != nil {
		c.affine(x, c.inverse(v), nil)
	}
}

// hasZeroInt reports whether an integer of the constant is 0.
func (c *constant) hasZeroInt() bool {
	for _, v := range c.ints {
		if v == 0 {
			return true
		}
	}
	return false
}
