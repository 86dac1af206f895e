package onnx

import "spikec/models/ann"

func init() {
	register(importer{op: "ArgMax", attributes: []string{"axis", "keepdims", "select_last_index"}, about: "along any dimension but the batch, as a float32 number; at the end of a network it is the decision", run: importArgMax})
	register(importer{op: "ArgMin", attributes: []string{"axis", "keepdims", "select_last_index"}, about: "as ArgMax, of −x", run: importArgMax})
}

// importArgMax takes the position of the largest value along any dimension but the batch; that of the smallest is the same of
// −x.
func importArgMax(c *call) {
	c.maxInputs(1)
	x := c.data(0)
	a := attribute(c, "axis", int64(0))
	keep, last := c.flag("keepdims", 1), c.flag("select_last_index", 0)
	if !x.known {
		return
	}
	d, ok := c.inside(a, x, "compares along")
	if !ok {
		return
	}
	var order []int
	var to ann.Shape
	for i, n := range x.shape {
		switch {
		case i != d:
			order, to = append(order, i), append(to, n)
		case keep:
			to = append(to, 1)
		}
	}
	y := c.moved("/order", x, append(order, d))
	if c.op == "ArgMin" {
		y = c.times("/minus", y, -1)
	}
	y = c.emit(ann.ArgMax{Last: last}, y)
	if len(to) == 0 {
		c.resultNumber(y)
		return
	}
	c.result(c.reshapedAs("/flat", y, to))
}
