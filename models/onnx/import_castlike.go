package onnx

func init() {
	register(importer{op: "CastLike", attributes: []string{"saturate", "round_mode"}, about: "as Cast", run: importCastLike})
}

// importCastLike takes a copy where both tensors are the network's, which are all float32, and folds CastLike of constants.
func importCastLike(c *call) {
	c.maxInputs(2)
	toFloat, kind := true, uint64(0)
	if c.isConstant(1) {
		toFloat, kind = !c.inputs[1].constant.isInt, c.inputs[1].constant.kind
	} else {
		c.data(1)
	}
	switch {
	case c.isConstant(0):
		c.castConstant(elementType{float: toFloat}, kind)
	case toFloat:
		c.result(c.data(0))
	default:
		c.refuse(idInput, "keep the network in float32", "makes integers of a tensor of the network")
	}
}
