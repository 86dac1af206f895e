package onnx

import (
	"math"

	"spikec/models/ann"
)

func init() {
	register(importer{op: "QuantizeLinear", about: "one scale for an activation, whose range is kept instead of rounding it; folded for constants", attributes: []string{"axis", "saturate", "output_dtype", "block_size", "precision"}, run: importQuantizeLinear})
}

// Range is what a quantised file says of a value: the numbers that its whole numbers can stand for.
type Range struct {
	Node      int     // of the graph
	Low, High float64 // Low < High
}

// Recorded returns the least and the largest value that the file records for nodes of the graph, by their names. What only
// picks values of another node, or moves them, has them from there.
func (m *Model) Recorded() map[string][2]float64 {
	found := map[string][2]float64{}
	for _, r := range m.Ranges {
		for i := r.Node; ; i = m.Graph.Nodes[i].Inputs[0] {
			n := m.Graph.Nodes[i]
			if old, ok := found[n.Name]; !ok || old[1] < r.High {
				found[n.Name] = [2]float64{r.Low, r.High}
			}
			switch n.Op.(type) {
			case *ann.MaxPool, *ann.Select, ann.Flatten, ann.Reshape:
				continue
			}
			break
		}
	}
	return found
}

// importQuantizeLinear takes the rounding of activations for a record of their range: the value goes on as it is. Where
// the least number stands for 0, the rounding is also what is left of a Relu or Relu6 that quantisers take out of the
// graph, and a value that can be negative is bounded to the range. Constants are rounded.
func importQuantizeLinear(c *call) {
	c.maxInputs(3)
	if c.isConstant(0) {
		c.quantiseConstant()
		return
	}
	x := c.data(0)
	q, ok := c.integerScale(1, 2)
	if !ok {
		return
	}
	bounds, taken := integerRanges[q.kind]
	if !taken {
		c.refuse(idElementType, "quantise activations to int8 or uint8", "makes numbers of type %s", typeName(q.kind))
		return
	}
	low, high := (bounds[0]-q.zero)*q.scale, (bounds[1]-q.zero)*q.scale
	if low == 0 && x.known && c.canBeNegative(x.node) {
		x = c.emitAs("/range", ann.Clip{Min: 0, Max: high}, x)
	}
	c.result(x)
	if v := c.outputs[0]; v != nil && v.known {
		q.rounded = true
		v.integers = q
		c.b.model.Ranges = append(c.b.model.Ranges, Range{Node: v.node, Low: float64(low), High: float64(high)})
	}
}

// integerScale returns how whole numbers stand for floats: one scale, input s, and one zero point, input z, which may be
// missing. It reports false where they are not taken.
func (c *call) integerScale(s, z int) (*integers, bool) {
	scale := c.floats(s, "scale")
	if scale == nil {
		return nil, false
	}
	q := &integers{kind: typeUint8}
	if to := attribute(c, "output_dtype", int64(0)); to != 0 {
		q.kind = uint64(to)
	}
	var zero *constant
	if c.has(z) {
		if zero = c.ints(z, "zero point"); zero == nil {
			return nil, false
		}
		q.kind = zero.kind
	}
	if scale.size() != 1 || zero != nil && zero.size() != 1 || attribute(c, "block_size", int64(0)) != 0 {
		c.refuse(idShape, "quantise activations with one scale for a tensor", "has %d scales for an activation; one is supported", scale.size())
		return nil, false
	}
	if q.scale = scale.floats[0]; !(q.scale > 0) {
		c.refuse(idInput, "", "scale is %v, want a positive number", q.scale)
		return nil, false
	}
	if zero != nil {
		q.zero = float32(zero.ints[0])
	}
	return q, true
}

// canBeNegative reports whether node i of the graph may have negative values; those of the input are the data's.
func (c *call) canBeNegative(i int) bool {
	if known, ok := c.b.negative[i]; ok {
		return known
	}
	n, can := c.b.model.Graph.Nodes[i], false
	switch op := n.Op.(type) {
	case ann.Relu:
	case ann.Clip:
		can = op.Min < 0
	case ann.Softmax:
		can = op.Log
	case *ann.Select:
		can = op.Value < 0 || c.canBeNegative(n.Inputs[0])
	case ann.ArgMax:
	case ann.Input, *ann.MaxPool, *ann.AveragePool, ann.GlobalAveragePool, ann.Flatten, ann.Reshape, ann.Concat, ann.Add:
		for _, in := range n.Inputs {
			can = can || c.canBeNegative(in)
		}
	default:
		can = true
	}
	c.b.negative[i] = can
	return can
}

// quantiseConstant folds the rounding of a constant, to even and within the type, with one scale or one for each index of
// an axis.
func (c *call) quantiseConstant() {
	x, s, ok := c.spreadScale()
	if !ok {
		return
	}
	k := c.floats(0, "data")
	if k == nil {
		return
	}
	bounds, taken := integerRanges[s.kind]
	if !taken {
		c.refuse(idElementType, "quantise weights to int8 or uint8", "makes numbers of type %s", typeName(s.kind))
		return
	}
	if !c.hasRoom(x.size(), 8) {
		return
	}
	out := &constant{name: c.name, dims: x.dims, isInt: true, kind: s.kind, ints: make([]int64, x.size())}
	for i, v := range k.floats {
		scale, zero := s.at(i)
		q := math.RoundToEven(float64(v/scale)) + float64(zero)
		out.ints[i] = int64(min(max(q, float64(bounds[0])), float64(bounds[1])))
	}
	c.fold(out)
}
