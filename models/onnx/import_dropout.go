package onnx

func init() {
	register(importer{op: "Dropout", attributes: []string{"ratio", "seed"}, old: []string{"is_test"}, about: "in evaluation mode, without the mask; leaves no trace", run: importDropout})
}

// importDropout takes Dropout at inference, which does nothing.
func importDropout(c *call) {
	c.maxInputs(3)
	if c.has(2) {
		if k := c.ints(2, "training_mode"); k == nil || k.size() != 1 || k.ints[0] != 0 {
			c.refuse(idInput, remedyFor("Dropout"), "is in training mode")
		}
	}
	if c.opset() < 7 && !c.flag("is_test", 0) {
		c.refuse(idAttribute, remedyFor("Dropout"), "is in training mode: attribute is_test is 0")
	}
	c.pass()
}
