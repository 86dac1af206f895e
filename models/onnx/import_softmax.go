package onnx

import "spikec/models/ann"

func init() {
	for _, op := range []string{"Softmax", "LogSoftmax"} {
		register(importer{op: op, attributes: []string{"axis"}, run: importSoftmax})
	}
}

// importSoftmax takes Softmax and LogSoftmax over axis 1 of N,C or N,C,1,1.
func importSoftmax(c *call) {
	c.maxInputs(1)
	x := c.data(0)
	missing := int64(1)
	if c.opset() >= 13 {
		missing = -1
	}
	a := attribute(c, "axis", missing)
	if x.known {
		d, ok := c.axis(a, len(x.shape)+1)
		if ok && d != 1 {
			c.refuse(idAttribute, "take it over the classes", "is over axis %d of Nx%s; only axis 1 is supported", d, x.shape)
		}
	}
	c.result(c.emit(ann.Softmax{Log: c.op == "LogSoftmax"}, x))
}
