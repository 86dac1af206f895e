package onnx

import "spikec/models/ann"

func init() {
	register(importer{op: "Sub", old: []string{"axis", "broadcast"}, about: "as Add; constant − tensor too", run: importSub})
}

// importSub takes x − k and k − x with a constant k, broadcast against x, and the difference of two branches as the sum of
// one and of −1 times the other.
func importSub(c *call) {
	c.maxInputs(2)
	if c.foldBinary(func(a, b float32) float32 { return a - b }, func(a, b int64) int64 { return a - b }) {
		return
	}
	x, k := c.operands()
	if k < 0 {
		x, y := c.together(x, c.data(1))
		c.result(c.emit(ann.Add{}, x, c.times("/minus", y, -1)))
		return
	}
	x, v, ok := c.against(k, "operand", x)
	switch {
	case !ok:
	case k == 1:
		c.result(c.shifted("", x, c.mapped(v, func(b float32) float32 { return -b })))
	case v.channel:
		c.result(c.emit(&ann.ChannelAffine{Scale: c.repeated(-1, len(v.values)), Shift: v.values}, x))
	default:
		c.result(c.shifted("", c.times("/minus", x, -1), v))
	}
}
