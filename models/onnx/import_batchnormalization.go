package onnx

import "spikec/models/ann"

func init() {
	register(importer{op: "BatchNormalization", attributes: []string{"epsilon", "momentum", "spatial", "training_mode"}, old: []string{"is_test"}, about: "in evaluation mode, with constant parameters; anywhere, also on vectors", run: importBatchNormalization})
}

// importBatchNormalization takes batch normalisation at inference: X, constant scale, B, mean and var of C each.
func importBatchNormalization(c *call) {
	c.maxInputs(5)
	x := c.image(c.data(0))
	gamma := c.floats(1, "scale")
	if gamma == nil {
		return
	}
	n := gamma.size()
	bn := &ann.BatchNorm{Gamma: c.vector(1, "scale", n), Beta: c.vector(2, "bias", n), Mean: c.vector(3, "mean", n), Var: c.vector(4, "variance", n),
		Epsilon: attribute(c, "epsilon", float32(1e-5))}
	if c.flag("training_mode", 0) || c.writesMore() {
		c.refuse(idAttribute, remedyFor("BatchNormalization"), "is in training mode")
	}
	if c.opset() < 7 && !c.flag("is_test", 0) {
		c.refuse(idAttribute, remedyFor("BatchNormalization"), "is in training mode: attribute is_test is 0")
	}
	if !c.flag("spatial", 1) {
		c.refuse(idAttribute, "normalise each channel, not each position", "attribute spatial is 0")
	}
	c.result(c.batched(c.emit(bn, x)))
}

// writesMore reports whether the node names outputs beyond the first, as batch normalisation in training does.
func (c *call) writesMore() bool {
	for _, o := range c.outputs[1:] {
		if o != nil {
			return true
		}
	}
	return false
}
