package onnx

func init() { register(importer{op: "Neg", about: "as the product with −1", run: importNeg}) }

// importNeg takes −x, as the product with −1.
func importNeg(c *call) {
	c.maxInputs(1)
	if c.foldUnary(func(a float32) float32 { return -a }, func(a int64) int64 { return -a }) {
		return
	}
	c.result(c.times("", c.data(0), -1))
}
