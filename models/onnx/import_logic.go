package onnx

import "slices"

func init() {
	for _, op := range []string{"And", "Or", "Xor"} {
		register(importer{op: op, about: "folded for constants", run: importLogic})
	}
	register(importer{op: "Mod", attributes: []string{"fmod"}, about: "folded for constant integers", run: importLogic})
}

// importLogic folds logic, and remainders, of constant integers.
func importLogic(c *call) {
	c.maxInputs(2)
	a, b := c.ints(0, "first operand"), c.ints(1, "second operand")
	if a == nil || b == nil {
		return
	}
	if c.op == "Mod" && (c.flag("fmod", 0) || slices.Contains(b.ints, 0)) {
		c.refuse(idInput, "", "divides by zero, or takes the sign of the first operand")
		return
	}
	c.foldBinary(nil, func(x, y int64) int64 {
		switch c.op {
		case "And":
			return x & y
		case "Or":
			return x | y
		case "Xor":
			return x ^ y
		}
		return (x%y + y) % y
	})
}
