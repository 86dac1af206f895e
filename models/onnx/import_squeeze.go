package onnx

import (
	"slices"

	"spikec/models/ann"
)

func init() {
	register(importer{op: "Squeeze", attributes: []string{"axes"}, about: "named dimensions, not the batch", run: importSqueeze})
}

// importSqueeze takes Squeeze of named dimensions of size 1, the batch not among them, and folds Squeeze of constants.
func importSqueeze(c *call) {
	c.maxInputs(2)
	axes, ok := c.axes()
	if !ok {
		return
	}
	if c.isConstant(0) {
		c.squeezeConstant(c.inputs[0].constant, axes)
		return
	}
	x := c.data(0)
	if !x.known {
		return
	}
	if len(axes) == 0 && !c.b.whole {
		c.refuse(idAttribute, "name the axes", "names no axes; a batch of one image would vanish")
		return
	}
	dims := append(slices.Repeat([]int{0}, c.lead()), x.shape...)
	drop := make([]bool, len(dims))
	if len(axes) == 0 {
		for d, n := range dims {
			drop[d] = n == 1
		}
	} else if drop, ok = c.dropped(axes, dims); !ok {
		return
	}
	var to ann.Shape
	for i, d := range x.shape {
		if !drop[i+c.lead()] {
			to = append(to, d)
		}
	}
	switch {
	case !c.b.whole && drop[0]:
		c.refuse(idAttribute, "keep the batch", "axes %v of %s drop the batch", axes, c.text(x))
	case len(to) == 0:
		c.resultNumber(x)
	default:
		c.result(c.reshapedAs("", x, to))
	}
}

// axes returns the axes that an attribute or, from some opset on, constant input 1 gives.
func (c *call) axes() ([]int64, bool) {
	if c.has(1) {
		return c.sizeList(1, "axes")
	}
	axes := attribute[[]int64](c, "axes", nil)
	if len(axes) > maxRank {
		c.refuse(idAttribute, "", "names %d axes", len(axes))
	}
	return axes, len(axes) <= maxRank
}

// dropped marks the dimensions that axes name; all but the batch, whose size is given as 0, must have size 1.
func (c *call) dropped(axes []int64, dims []int) ([]bool, bool) {
	drop := make([]bool, len(dims))
	for _, a := range axes {
		d, ok := c.axis(a, len(dims))
		if !ok {
			return nil, false
		}
		if dims[d] > 1 {
			c.refuse(idShape, "", "axis %d has size %d, not 1", d, dims[d])
			return nil, false
		}
		drop[d] = true
	}
	return drop, true
}

// squeezeConstant folds Squeeze of a constant; without axes every dimension of size 1 goes.
func (c *call) squeezeConstant(k *constant, axes []int64) {
	dims := slices.DeleteFunc(slices.Clone(k.dims), func(d int) bool { return d == 1 })
	if len(axes) > 0 {
		drop, ok := c.dropped(axes, k.dims)
		if !ok {
			return
		}
		dims = nil
		for i, d := range k.dims {
			if !drop[i] {
				dims = append(dims, d)
			}
		}
	}
	if k.size() > 0 {
		c.fold(k.withDims(dims))
	}
}
