package onnx

func init() {
	register(importer{op: "Dropout", attributes: []string{"ratio", "seed"}, run: importDropout})
}

// importDropout takes Dropout at inference, which does nothing.
func importDropout(c *call) {
	c.maxInputs(3)
	if c.has(2) {
		if k := c.ints(2, "training_mode"); k == nil || k.size() != 1 || k.ints[0] != 0 {
			c.refuse(idInput, remedyFor("Dropout"), "is in training mode")
		}
	}
	c.pass()
}
