package onnx

import (
	"spikec/internal/window"
	"spikec/models/ann"
)

func init() {
	register(importer{op: "AveragePool", attributes: append([]string{"ceil_mode", "count_include_pad"}, windowAttributes...), run: importAveragePool})
}

// importAveragePool takes two-dimensional average pooling.
func importAveragePool(c *call) {
	x := c.data(0)
	w, excess := c.poolWindow(x)
	c.result(c.emit(&ann.AveragePool{Window: w, CountPad: c.flag("count_include_pad", 0), Excess: excess}, x))
}

// poolWindow reads the window of a pooling over x; excess is the part of its pads that ceil_mode made.
func (c *call) poolWindow(x operand) (w window.Window2d, excess [2]int) {
	c.maxInputs(1)
	c.wantMap(x)
	if !c.hasAttribute("kernel_shape") {
		c.refuse(idAttribute, "check the file with onnx.checker", "attribute kernel_shape is missing")
	}
	var kernel [2]int
	copy(kernel[:], c.numbers("kernel_shape", 2, 1, 1))
	w = c.window(kernel, x)
	if c.flag("ceil_mode", 0) && x.known && !c.failed {
		excess = ann.CeilPadding(w, [2]int{x.shape[1], x.shape[2]})
		if excess != [2]int{} {
			c.note("ceil_mode adds %v rows and columns at the end", excess)
		}
		w.PadEnd[0] += excess[0]
		w.PadEnd[1] += excess[1]
	}
	return w, excess
}
