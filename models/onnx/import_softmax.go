package onnx

import "spikec/models/ann"

func init() {
	for _, op := range []string{"Softmax", "LogSoftmax"} {
		register(importer{op: op, attributes: []string{"axis"}, about: "along any dimension but the batch; below opset 13 over all dimensions from the axis on", run: importSoftmax})
	}
}

// importSoftmax takes Softmax and LogSoftmax along any dimension but the batch or, below opset 13, over all dimensions from
// the given one on.
func importSoftmax(c *call) {
	c.maxInputs(1)
	x := c.data(0)
	missing := int64(1)
	if c.opset() >= 13 {
		missing = -1
	}
	a := attribute(c, "axis", missing)
	if !x.known {
		return
	}
	d, ok := c.inside(a, x, "is taken over")
	if !ok {
		return
	}
	op := ann.Softmax{Log: c.op == "LogSoftmax"}
	if run := x.shape[d:].Size(); c.opset() < 13 || run == x.shape[d] {
		if op.Run = run; run == x.shape.Size() {
			op.Run = 0
		}
		c.result(c.emit(op, x))
		return
	}
	op.Run = x.shape[d]
	var order []int
	for i := range x.shape {
		if i != d {
			order = append(order, i)
		}
	}
	order = append(order, d)
	c.result(c.moved("/back", c.emit(op, c.moved("/order", x, order)), inverse(order)))
}
