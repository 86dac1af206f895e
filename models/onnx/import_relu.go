package onnx

import "spikec/models/ann"

func init() { register(importer{op: "Relu", about: "a tensor of any shape", run: importRelu}) }

// importRelu takes Relu of a tensor of any shape.
func importRelu(c *call) {
	c.maxInputs(1)
	c.result(c.emit(ann.Relu{}, c.data(0)))
}
