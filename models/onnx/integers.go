package onnx

import (
	"slices"

	"spikec/models/ann"
)

// integers says that a value of the network is whole numbers in the file: a picture of uint8, or what QuantizeLinear
// makes. The graph computes in float32 and does not round; where the file has the number q, it has
//
//	(q − zero) · scale
//
// which is the number itself for an input, and the activation before it was rounded for QuantizeLinear.
type integers struct {
	kind        uint64 // element type
	scale, zero float32
	rounded     bool // QuantizeLinear makes it, so that what the graph has is no whole number
}

// integerRanges are the element types that values of the network may have as whole numbers, with their least and largest
// numbers.
var integerRanges = map[uint64][2]float32{typeUint8: {0, 255}, typeInt8: {-128, 127}, typeUint16: {0, 65535}, typeInt16: {-32768, 32767}}

// movers are the operators that take whole numbers as they take floats: they move elements, or compare them.
var movers = []string{"Concat", "DepthToSpace", "Dropout", "Expand", "Flatten", "Gather", "GlobalMaxPool", "Identity", "MaxPool", "Reshape", "Shape", "Slice", "SpaceToDepth", "Split", "Squeeze",
	"Tile", "Transpose", "Unsqueeze"}

const integerRemedy = "compute in float32: put a Cast, or DequantizeLinear, before it"

// importBy imports the node by imp. Whole numbers go into operators that are for them (importer.integers) and into movers,
// where those of all inputs must have one scale; nothing else can compute with them without rounding.
func (c *call) importBy(imp importer) {
	for _, v := range c.outputs {
		if v != nil {
			v.integers = nil
		}
	}
	var moved *integers
	moves := slices.Contains(movers, imp.op)
	for i, v := range c.inputs {
		switch {
		case v == nil || v.integers == nil || imp.integers:
		case !moves:
			c.refuse(idInput, integerRemedy, "input %d (%q) is whole numbers, %s; only Cast to float32, DequantizeLinear and operators that move elements take them", i, v.name, typeName(v.integers.kind))
			return
		case moved != nil && *moved != *v.integers:
			c.refuse(idInput, "quantise its inputs with one scale", "input %d (%q) is whole numbers in another scale than those before", i, v.name)
			return
		default:
			moved = v.integers
		}
	}
	c.checkAttributes(imp)
	first := 0
	if imp.streams {
		first = 1
	}
	if c.unpack(first) {
		imp.run(c)
	}
	c.pack()
	for _, v := range c.outputs {
		if v != nil && v.known && moves {
			v.integers = moved
		}
	}
}

// integersAt returns what the whole numbers of input i are, or nil where it is none.
func (c *call) integersAt(i int) *integers {
	if !c.has(i) {
		return nil
	}
	return c.inputs[i].integers
}

// real returns whole numbers q of a value as floats, (q − zero)·scale.
func (c *call) real(x operand, q *integers, scale, zero float32) operand {
	if !x.known || q.scale == scale && q.zero == zero {
		return x
	}
	channels := x.shape.Channels()
	a := &ann.ChannelAffine{}
	if scale != q.scale {
		a.Scale = c.repeated(scale/q.scale, channels)
	}
	if zero != q.zero {
		a.Shift = c.repeated((q.zero-zero)*scale, channels)
	}
	return c.emitAs("/scale", a, x)
}
