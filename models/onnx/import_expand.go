package onnx

import "slices"

func init() {
	register(importer{op: "Expand", about: "to a constant shape that keeps the batch", run: importExpand})
}

// importExpand repeats a tensor along dimensions of size 1, to a constant shape; Expand of a constant is folded.
func importExpand(c *call) {
	c.maxInputs(2)
	target, ok := c.sizeList(1, "shape")
	if !ok {
		return
	}
	if c.isConstant(0) {
		dims, ok := c.plainDims(target)
		if !ok {
			return
		}
		k := c.inputs[0].constant
		if dims, ok = broadcastDims(k.dims, dims); !ok {
			c.refuse(idShape, "", "shape %v does not fit constant %q of shape %s", targetText(target), k.name, shapeText(k.dims))
		} else if c.hasRoom(product(dims), k.elementSize()) {
			c.fold(k.expand(dims))
		}
		return
	}
	x := c.data(0)
	if !x.known {
		return
	}
	if !c.b.whole { // the batch must stay what it is
		if len(target) == c.rank(x) && (target[0] == batchMark || target[0] == 1 || target[0] == c.b.batch) {
			target = target[1:]
		} else if len(target) >= c.rank(x) {
			c.refuse(idShape, "keep the batch as first dimension", "shape %v does not keep the batch of %s", targetText(target), c.text(x))
			return
		}
	}
	dims, ok := c.plainDims(target)
	if !ok {
		return
	}
	dims = append(slices.Repeat([]int{1}, max(0, len(x.shape)-len(dims))), dims...)
	y, ok := c.expanded(x, dims)
	if !ok {
		c.refuse(idShape, "", "shape %v does not fit %s", targetText(target), c.text(x))
		return
	}
	c.result(y)
}

// plainDims returns sizes that are numbers above 0 and do not carry the batch.
func (c *call) plainDims(sizes []int64) ([]int, bool) {
	dims := make([]int, len(sizes))
	for i, d := range sizes {
		if d < 1 || d > maxProduct {
			c.refuse(idShape, "", "shape %v has a dimension that is below 1, too large, or the batch", targetText(sizes))
			return nil, false
		}
		dims[i] = int(d)
	}
	return dims, true
}
