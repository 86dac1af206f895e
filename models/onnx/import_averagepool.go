package onnx

import (
	"spikec/internal/window"
	"spikec/models/ann"
)

func init() {
	register(importer{op: "AveragePool", attributes: append([]string{"ceil_mode", "count_include_pad"}, windowAttributes...), about: "one and two dimensions; ceil_mode, count_include_pad, pads on any side, auto_pad (not with dilations), dilations", run: importAveragePool})
}

// importAveragePool takes one- and two-dimensional average pooling.
func importAveragePool(c *call) {
	p, w, excess := c.pool()
	c.result(c.flat(p, c.emit(&ann.AveragePool{Window: w, CountPad: c.flag("count_include_pad", 0), Excess: excess}, p.operand)))
}

// pool reads the window of a pooling, and what it pools; excess is the part of its pads that ceil_mode made.
func (c *call) pool() (p plane, w window.Window2d, excess [2]int) {
	c.maxInputs(1)
	x := c.data(0)
	kernel := attribute[[]int64](c, "kernel_shape", nil)
	if kernel == nil {
		c.refuse(idAttribute, "check the file with onnx.checker", "attribute kernel_shape is missing")
	}
	if len(kernel) > 2 {
		c.refuse(idAttribute, "one- and two-dimensional networks are supported", "attribute kernel_shape %v has %d dimensions", kernel, len(kernel))
		return p, w, excess
	}
	p = c.plane(x, len(kernel))
	n := max(1, len(kernel))
	w = c.window(c.numbers("kernel_shape", n, 1, 1), p)
	if c.flag("ceil_mode", 0) && p.known && !c.failed {
		excess = ann.CeilPadding(w, [2]int{p.shape[1], p.shape[2]})
		if excess != [2]int{} {
			c.note("ceil_mode adds %v rows and columns at the end", excess)
		}
		w.PadEnd[0] += excess[0]
		w.PadEnd[1] += excess[1]
	}
	return p, w, excess
}
