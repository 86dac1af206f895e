package onnx

import "spikec/models/ann"

func init() {
	register(importer{op: "MaxPool", attributes: append([]string{"ceil_mode", "storage_order"}, windowAttributes...), run: importMaxPool})
}

// importMaxPool takes two-dimensional maximum pooling.
func importMaxPool(c *call) {
	x := c.data(0)
	w, _ := c.poolWindow(x)
	c.result(c.emit(&ann.MaxPool{Window: w}, x))
}
