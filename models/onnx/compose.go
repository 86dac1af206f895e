package onnx

// An operator that is defined as several others (a fused one, or one on whole numbers) is imported as those: each of them
// by its own importer, under the name of the node that they stand for.

// through imports an operator with the given inputs and attributes, and returns its first output. The result is missing
// where something failed.
func (c *call) through(op string, attrs map[string]any, inputs ...*value) *value {
	out := &value{name: c.outputName()}
	part := &call{b: c.b, node: &node{nodeInfo: c.nodeInfo, attrs: attrs, inputs: inputs, outputs: []*value{out}}}
	part.importBy(importers[op])
	c.failed = c.failed || part.failed
	return out
}

// finish makes v, the result of the last part, the node's first output.
func (c *call) finish(v *value) {
	if out := c.outputs[0]; out != nil && !c.failed {
		out.constant, out.known, out.node, out.integers, out.number = v.constant, v.known, v.node, v.integers, v.number
	}
}

// outputName returns the name of the node's first output, by which messages call its parts.
func (c *call) outputName() string {
	if c.outputs[0] != nil {
		return c.outputs[0].name
	}
	return c.name
}

// in returns input i, or nil where it is left out.
func (c *call) in(i int) *value {
	if c.has(i) {
		return c.inputs[i]
	}
	return nil
}

// constantValue returns a value that is the constant k.
func constantValue(k *constant) *value { return &value{name: k.name, constant: k} }

// operandOf returns a result of through.
func (c *call) operandOf(v *value) operand {
	if !v.known {
		return operand{}
	}
	return operand{node: v.node, shape: c.b.model.Graph.Nodes[v.node].Shape, known: true}
}

// without returns the node's attributes but for some.
func (c *call) without(names ...string) map[string]any {
	rest := map[string]any{}
	for name, v := range c.attrs {
		rest[name] = v
	}
	for _, name := range names {
		delete(rest, name)
	}
	return rest
}
