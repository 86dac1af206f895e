package onnx

func init() {
	register(importer{op: "DequantizeLinear", about: "of weights, with one scale or one for each channel; of what QuantizeLinear made", integers: true, streams: true, attributes: []string{"axis", "block_size", "output_dtype"}, run: importDequantizeLinear})
}

// importDequantizeLinear takes (q − zero)·scale, of whole numbers in the file as weights, with one scale or one for each
// index of an axis, and of those that the network has, with one scale.
func importDequantizeLinear(c *call) {
	c.maxInputs(3)
	if c.isConstant(0) {
		c.dequantiseConstant()
		return
	}
	x := c.data(0)
	q, ok := c.integerScale(1, 2)
	if !ok || !x.known {
		return
	}
	from := c.inputs[0].integers
	if from == nil {
		c.refuse(idInput, "", "input 0 (%q) is no whole numbers", c.inputs[0].name)
		return
	}
	c.result(c.real(x, from, q.scale, q.zero))
}

// dequantiseConstant folds the constant of a node DequantizeLinear.
func (c *call) dequantiseConstant() {
	k, s, ok := c.spreadScale()
	if !ok {
		return
	}
	if !k.isInt {
		c.refuse(idInput, "", "input 0 (%q) is no whole numbers", c.inputs[0].name)
		return
	}
	if !c.hasRoom(k.size(), 4) {
		return
	}
	out := &constant{name: c.name, dims: k.dims}
	out.grow(k.size())
	k.eachInteger(func(q int64) {
		scale, zero := s.at(len(out.floats))
		out.floats = append(out.floats, float32(q-zero)*scale)
	})
	c.fold(out)
}

// scales is a scale and a zero point for each index of an axis of a constant, or one for all.
type scales struct {
	kind   uint64 // element type of the whole numbers
	scale  []float32
	zero   []int64
	plane  int // elements of one index of the axis
	length int // of the axis
}

// at returns scale and zero point of element i.
func (s scales) at(i int) (scale float32, zero int64) {
	at := i / s.plane % s.length
	return s.scale[min(at, len(s.scale)-1)], s.zero[min(at, len(s.zero)-1)]
}

// spreadScale returns input 0, a constant, and the scales that inputs 1 and 2 give it along the attribute axis.
func (c *call) spreadScale() (*constant, scales, bool) {
	k, scale := c.param(0, "data"), c.floats(1, "scale")
	s := scales{kind: uint64(attribute(c, "output_dtype", int64(typeUint8))), zero: []int64{0}, plane: 1, length: 1}
	if k == nil || scale == nil {
		return nil, s, false
	}
	s.scale = scale.floats
	if c.has(2) {
		zero := c.ints(2, "zero point")
		if zero == nil {
			return nil, s, false
		}
		s.zero, s.kind = zero.ints, zero.kind
	}
	for _, v := range s.scale {
		if !(v > 0) {
			c.refuse(idInput, "", "scale (input 1, %q) holds %v, want positive numbers", c.inputs[1].name, v)
			return nil, s, false
		}
	}
	if attribute(c, "block_size", int64(0)) != 0 {
		c.refuse(idAttribute, "quantise a tensor or a channel", "attribute block_size is given; scales of blocks are not supported")
		return nil, s, false
	}
	if len(s.scale) == 1 && len(s.zero) == 1 {
		return k, s, true
	}
	axis, ok := c.axis(attribute(c, "axis", int64(1)), len(k.dims))
	if !ok {
		return nil, s, false
	}
	s.length = k.dims[axis]
	for _, d := range k.dims[axis+1:] {
		s.plane *= d
	}
	if n := max(len(s.scale), len(s.zero)); n != s.length || len(scale.dims) > 1 || len(s.scale) != 1 && len(s.scale) != n || len(s.zero) != 1 && len(s.zero) != n {
		c.refuse(idShape, "", "has %d scales and %d zero points for axis %d of size %d", len(s.scale), len(s.zero), axis, s.length)
		return nil, s, false
	}
	return k, s, true
}
