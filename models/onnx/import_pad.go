package onnx

import (
	"spikec/models/ann"
)

func init() {
	register(importer{op: "Pad", attributes: []string{"mode", "pads", "value"}, run: importPad})
}

// importPad takes Pad of mode constant on H and W; pads and value are attributes below opset 11, constant inputs from
// there on, where axes may be a fourth. Pads that are all zero leave no trace in the graph.
func importPad(c *call) {
	c.maxInputs(4)
	x := c.data(0)
	c.choice("mode", "constant")
	pads, value := attribute[[]int64](c, "pads", nil), attribute(c, "value", float32(0))
	if c.has(1) {
		if k := c.ints(1, "pads"); k != nil {
			pads = k.ints
		}
	}
	if c.has(2) {
		k := c.floats(2, "value")
		if k != nil && k.size() != 1 {
			c.refuse(idShape, "", "value (input 2, %q) has shape %s, want a scalar", c.inputs[2].name, shapeText(k.dims))
		} else if k != nil {
			value = k.floats[0]
		}
	}
	if c.failed || !x.known {
		return
	}
	begin, end, ok := c.padsByAxis(pads, len(x.shape)+1)
	if !ok {
		return
	}
	p := &ann.Pad{Value: value}
	any := false
	for d := range begin {
		if begin[d] == 0 && end[d] == 0 {
			continue
		}
		if any = true; d < 2 || len(x.shape) != 3 || begin[d] < 0 || end[d] < 0 || begin[d] > maxInt || end[d] > maxInt {
			c.refuse(idInput, "pad height and width only", "pads %v of Nx%s: dimension %d gets %d and %d; only height and width may grow", pads, x.shape, d, begin[d], end[d])
			return
		}
		p.Begin[d-2], p.End[d-2] = int(begin[d]), int(end[d])
	}
	if any {
		x = c.emit(p, x)
	}
	c.result(x)
}

// padsByAxis spreads pads over all dimensions of a tensor of the given rank.
func (c *call) padsByAxis(pads []int64, rank int) (begin, end []int64, ok bool) {
	axes := make([]int64, rank)
	for i := range axes {
		axes[i] = int64(i)
	}
	if c.has(3) {
		k := c.ints(3, "axes")
		if k == nil {
			return nil, nil, false
		}
		axes = k.ints
	}
	if len(pads) != 2*len(axes) {
		c.refuse(idInput, "", "has %d pads for %d dimensions, want two for each", len(pads), len(axes))
		return nil, nil, false
	}
	begin, end = make([]int64, rank), make([]int64, rank)
	for i, a := range axes {
		d, ok := c.axis(a, rank)
		if !ok {
			return nil, nil, false
		}
		begin[d], end[d] = pads[i], pads[len(axes)+i]
	}
	return begin, end, true
}
