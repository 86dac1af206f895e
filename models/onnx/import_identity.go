package onnx

func init() { register(importer{op: "Identity", about: "leaves no trace", run: (*call).pass}) }

// pass makes input 0, constant or not, the node's result; the node leaves no trace in the graph.
func (c *call) pass() {
	switch {
	case c.isConstant(0):
		c.fold(c.inputs[0].constant)
	case c.has(0) && c.inputs[0].number: // there is no dimension that a copy would need
		c.finish(c.inputs[0])
	default:
		c.result(c.data(0))
	}
}
