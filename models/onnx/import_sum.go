package onnx

import "spikec/models/ann"

func init() {
	register(importer{op: "Sum", about: "any number of tensors and constants, broadcast as for Add", run: importSum})
	register(importer{op: "Mean", about: "as Sum", run: importSum})
}

// importSum takes the sum, or the mean, of any number of branches and constants, broadcast against each other.
func importSum(c *call) {
	var sum operand
	var parts []int
	for i := range c.inputs {
		if c.isConstant(i) {
			parts = append(parts, i)
			continue
		}
		x := c.data(i)
		if sum.known && x.known {
			a, b := c.together(sum, x)
			x = c.emitAs("/sum", ann.Add{}, a, b)
		}
		sum = x
	}
	if len(parts) == len(c.inputs) {
		c.refuse(idInput, "fold constants before the export, for example with onnxsim", "adds constants only")
		return
	}
	for _, i := range parts {
		x, v, ok := c.against(i, "summand", sum)
		if !ok {
			return
		}
		sum = c.shifted("/sum", x, v)
	}
	if n := len(c.inputs); c.op == "Mean" && n > 1 {
		sum = c.times("", sum, 1/float32(n))
	}
	c.result(sum)
}
