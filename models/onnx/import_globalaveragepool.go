package onnx

import "spikec/models/ann"

func init() { register(importer{op: "GlobalAveragePool", run: importGlobalAveragePool}) }

// importGlobalAveragePool takes the mean over H and W of N,C,H,W, giving N,C,1,1.
func importGlobalAveragePool(c *call) {
	c.maxInputs(1)
	x := c.data(0)
	c.wantMap(x)
	c.result(c.emit(ann.GlobalAveragePool{}, x))
}
