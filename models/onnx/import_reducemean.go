package onnx

import (
	"slices"

	"spikec/models/ann"
)

func init() {
	register(importer{op: "ReduceMean", attributes: []string{"axes", "keepdims", "noop_with_empty_axes"}, run: importReduceMean})
}

// importReduceMean takes the mean over exactly H and W of N,C,H,W, the axes given as attribute (below opset 18) or as
// constant input; keepdims = 0 adds a Flatten.
func importReduceMean(c *call) {
	c.maxInputs(2)
	x := c.data(0)
	axes := attribute[[]int64](c, "axes", nil)
	if c.has(1) {
		k := c.ints(1, "axes")
		if k == nil {
			return
		}
		axes = k.ints
	}
	keep := c.flag("keepdims", 1)
	c.flag("noop_with_empty_axes", 0)
	c.wantMap(x)
	var over []int
	for _, a := range axes {
		d, ok := c.axis(a, 4)
		if !ok {
			return
		}
		over = append(over, d)
	}
	slices.Sort(over)
	if !slices.Equal(over, []int{2, 3}) {
		c.refuse(idAttribute, "reduce over height and width together", "reduces over axes %v; only [2 3] (H and W) is supported", axes)
		return
	}
	y := c.emit(ann.GlobalAveragePool{}, x)
	if !keep && y.known {
		y = c.reshapedAs("/flatten", y, ann.Shape{y.shape.Size()})
	}
	c.result(y)
}
