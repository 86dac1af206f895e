package onnx

import (
	"slices"

	"spikec/models/ann"
)

func init() {
	register(importer{op: "Gather", attributes: []string{"axis"}, about: "constant indices of any shape, along any dimension but the batch", run: importGather})
}

// importGather takes the elements at constant indices along any dimension but the batch, and folds Gather from constants.
func importGather(c *call) {
	c.maxInputs(2)
	at := c.ints(1, "indices")
	a := attribute(c, "axis", int64(0))
	if c.isConstant(0) {
		k := c.inputs[0].constant
		d, ok := c.axis(a, len(k.dims))
		if at == nil || !ok {
			return
		}
		rows, ok := c.gathered(at, k.dims[d])
		if !ok {
			return
		}
		index := make([][]int, len(k.dims))
		index[d] = rows
		rest := slices.Clone(k.dims)
		rest[d] = len(rows)
		if c.hasRoom(product(rest), k.elementSize()) {
			c.fold(k.selected(index).withDims(slices.Concat(k.dims[:d], at.dims, k.dims[d+1:])))
		}
		return
	}
	x := c.data(0)
	if at == nil || !x.known {
		return
	}
	d, ok := c.inside(a, x, "gathers along")
	if !ok {
		return
	}
	rows, ok := c.gathered(at, x.shape[d])
	if !ok {
		return
	}
	to := ann.Shape(slices.Concat(x.shape[:d], at.dims, x.shape[d+1:]))
	y := c.picked("", x, d, rows, 0)
	if len(to) == 0 {
		c.resultNumber(y)
		return
	}
	c.result(c.reshapedAs("/flat", y, to))
}

// gathered returns the indices as positions in a dimension of n.
func (c *call) gathered(at *constant, n int) ([]int, bool) {
	if !c.room(len(at.ints), 8) {
		return nil, false
	}
	rows := make([]int, len(at.ints))
	for i, v := range at.ints {
		if v < int64(-n) || v >= int64(n) {
			c.refuse(idInput, "", "index %d is outside a dimension of %d", v, n)
			return nil, false
		}
		if rows[i] = int(v); v < 0 {
			rows[i] += n
		}
	}
	if len(rows) == 0 {
		c.refuse(idInput, "", "has no indices")
		return nil, false
	}
	return rows, true
}
