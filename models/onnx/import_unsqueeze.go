package onnx

import "spikec/models/ann"

func init() {
	register(importer{op: "Unsqueeze", attributes: []string{"axes"}, about: "behind the batch", run: importUnsqueeze})
}

// importUnsqueeze takes Unsqueeze behind the batch, and folds Unsqueeze of constants.
func importUnsqueeze(c *call) {
	c.maxInputs(2)
	axes, ok := c.axes()
	if !ok {
		return
	}
	if len(axes) == 0 {
		c.refuse(idAttribute, "", "names no axes")
		return
	}
	if c.isConstant(0) {
		k := c.inputs[0].constant
		if dims, ok := c.widened(axes, k.dims); ok {
			c.fold(k.withDims(dims))
		}
		return
	}
	x := c.data(0)
	if !x.known {
		return
	}
	if c.b.whole {
		if dims, ok := c.widened(axes, x.shape); ok {
			c.result(c.reshapedAs("", x, dims))
		}
		return
	}
	dims, ok := c.widened(axes, append([]int{-1}, x.shape...))
	if !ok {
		return
	}
	if dims[0] != -1 {
		c.refuse(idAttribute, "keep the batch as first dimension", "axes %v put a dimension before the batch", axes)
		return
	}
	c.result(c.reshapedAs("", x, ann.Shape(dims[1:])))
}

// widened inserts dimensions of size 1 at the axes of the result.
func (c *call) widened(axes []int64, dims []int) ([]int, bool) {
	rank := len(dims) + len(axes)
	out := make([]int, rank)
	for _, a := range axes {
		d, ok := c.axis(a, rank)
		if !ok {
			return nil, false
		}
		if out[d] != 0 {
			c.refuse(idAttribute, "", "axes %v name a dimension twice", axes)
			return nil, false
		}
		out[d] = 1
	}
	next := 0
	for i := range out {
		if out[i] == 0 {
			out[i] = dims[next]
			next++
		}
	}
	return out, true
}
