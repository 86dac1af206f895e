package onnx

import "spikec/models/ann"

func init() {
	register(importer{op: "Flatten", attributes: []string{"axis"}, about: "from axis 1 on; from any where there is no batch", run: importFlatten})
}

// importFlatten takes Flatten from axis 1 on, which keeps the batch, and from any axis where there is none. It stays in the
// graph for vectors too.
func importFlatten(c *call) {
	c.maxInputs(1)
	x := c.data(0)
	a := attribute(c, "axis", int64(1))
	if x.known && a < 0 {
		a += int64(c.rank(x))
	}
	if c.b.whole && x.known {
		if a < 0 || a > int64(len(x.shape)) {
			c.refuse(idAttribute, "", "axis %d is outside a tensor of rank %d", a, len(x.shape))
			return
		}
		c.result(c.reshapedAs("", x, ann.Shape{x.shape[:a].Size(), x.shape[a:].Size()}))
		return
	}
	if a != 1 && (x.known || a >= 0) {
		c.refuse(idAttribute, "flatten from axis 1", "attribute axis is %d; only axis 1, which keeps the batch, is supported", a)
		return
	}
	c.result(c.emit(ann.Flatten{}, x))
}
