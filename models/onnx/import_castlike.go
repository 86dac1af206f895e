package onnx

func init() {
	register(importer{op: "CastLike", attributes: []string{"saturate", "round_mode"}, about: "as Cast", run: importCastLike})
}

// importCastLike takes a copy where both tensors are the network's, which are all float32, and folds CastLike of constants.
func importCastLike(c *call) {
	c.maxInputs(2)
	toFloat := !c.isConstant(1) || !c.inputs[1].constant.isInt
	if !c.isConstant(1) {
		c.data(1)
	}
	switch {
	case c.isConstant(0):
		c.fold(c.inputs[0].constant.cast(elementType{float: toFloat}))
	case toFloat:
		c.result(c.data(0))
	default:
		c.refuse(idInput, "keep the network in float32", "makes integers of a tensor of the network")
	}
}
