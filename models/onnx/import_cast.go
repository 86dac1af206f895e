package onnx

import "slices"

func init() {
	register(importer{op: "Cast", integers: true, streams: true, attributes: []string{"to", "saturate", "round_mode"}, about: "between floats, which leaves no trace, as all is computed in float32; from whole numbers to floats; folded for constants", run: importCast})
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
		if !elem.float && c.has(0) && c.inputs[0].known {
			c.refuse(idAttribute, "keep the network in float32", "makes %s of a tensor of the network", elem.name)
		}
		if q := c.integersAt(0); q != nil {
			c.result(c.real(c.data(0), q, 1, 0))
		} else {
			c.pass()
		}
		return
	}
	c.castConstant(elem, uint64(to))
}

// castConstant folds the conversion of input 0, a constant, to the format to, whose number is kind or 0.
func (c *call) castConstant(to elementType, kind uint64) {
	from := c.inputs[0].constant
	if !to.float && !c.unpack(0) {
		return
	}
	if to.float && slices.Contains(from.ints, batchMark) {
		c.refuse(idInput, "export with a fixed batch size of 1", "computes with the number of images")
		return
	}
	k := from.cast(to).withDims(from.dims)
	if kind == typeBool {
		k = from.truth()
	}
	k.kind = kind
	c.fold(k)
}

// truth returns 1 for every element that is not 0.
func (c *constant) truth() *constant {
	out := &constant{name: c.name, dims: c.dims, isInt: true, ints: make([]int64, c.size())}
	for i := range out.ints {
		if c.isInt && c.ints[i] != 0 || !c.isInt && c.floats[i] != 0 {
			out.ints[i] = 1
		}
	}
	return out
}

// cast converts the elements to floats or integers; floats are cut off towards zero.
func (c *constant) cast(to elementType) *constant {
	if to.float != c.isInt {
		return c
	}
	out := &constant{name: c.name, dims: c.dims, isInt: !to.float}
	out.grow(c.size())
	c.eachInteger(func(v int64) { out.floats = append(out.floats, float32(v)) })
	for _, v := range c.floats {
		out.ints = append(out.ints, int64(v))
	}
	return out
}
