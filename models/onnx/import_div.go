package onnx

import (
	"math"
	"slices"
)

func init() {
	register(importer{op: "Div", old: []string{"axis", "broadcast"}, about: "by a constant without zeros, broadcast as for Add", run: importDiv})
}

// importDiv takes the quotient by a constant, broadcast against the tensor, as the product with its inverse.
func importDiv(c *call) {
	c.maxInputs(2)
	if c.isConstant(1) && slices.Contains(c.inputs[1].constant.ints, 0) {
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
	x, v, ok := c.against(k, "divisor", x)
	if !ok {
		return
	}
	inverse := c.mapped(v, func(b float32) float32 { return 1 / b })
	if at := slices.IndexFunc(inverse.values, func(b float32) bool { return math.IsInf(float64(b), 0) }); at >= 0 {
		c.refuse(idNotFinite, "", "divides by %v, element %d of %q", v.values[at], at, c.inputs[1].name)
		return
	}
	c.result(c.scaled("", x, inverse))
}
