package onnx

import "spikec/models/ann"

func init() {
	register(importer{op: "MaxPool", attributes: append([]string{"ceil_mode", "storage_order"}, windowAttributes...), about: "one and two dimensions, without the indices; the attributes of AveragePool", run: importMaxPool})
}

// importMaxPool takes one- and two-dimensional maximum pooling.
func importMaxPool(c *call) {
	p, w, _ := c.pool()
	c.result(c.flat(p, c.emit(&ann.MaxPool{Window: w}, p.operand)))
}
