package onnx

func init() {
	register(importer{op: "Cast", integers: true, attributes: []string{"to", "saturate", "round_mode"}, about: "between floats, which leaves no trace, as all is computed in float32; from whole numbers to floats; folded for constants", run: importCast})
}

// importCast takes Cast between float types, which float32 computation makes a copy, and from whole numbers to them, and
// folds Cast of constants.
func importCast(c *call) {
	c.maxInputs(1)
	to := attribute(c, "to", int64(0))
	elem, ok := elementTypes[uint64(to)]
	if !ok {
		c.refuse(idAttribute, "", "attribute to is %s", typeName(uint64(to)))
		return
	}
	if !c.isConstant(0) {
		x := c.data(0)
		if !elem.float && x.known {
			c.refuse(idAttribute, "keep the network in float32", "makes %s of a tensor of the network", elem.name)
		}
		if q := c.integersAt(0); q != nil {
			x = c.real(x, q, 1, 0)
		}
		c.result(x)
		return
	}
	k := c.inputs[0].constant.cast(elem).withDims(c.inputs[0].constant.dims)
	k.kind = uint64(to)
	c.fold(k)
}

// cast converts the elements to floats or integers; floats are cut off towards zero.
func (c *constant) cast(to elementType) *constant {
	if to.float != c.isInt {
		return c
	}
	out := &constant{name: c.name, dims: c.dims, isInt: !to.float}
	out.grow(c.size())
	for _, v := range c.ints {
		out.floats = append(out.floats, float32(v))
	}
	for _, v := range c.floats {
		out.ints = append(out.ints, int64(v))
	}
	return out
}
