package onnx

import (
	"spikec/internal/window"
	"spikec/models/ann"
)

func init() {
	register(importer{op: "GlobalAveragePool", about: "over all dimensions behind the channels", run: importGlobalPool})
	register(importer{op: "GlobalMaxPool", about: "as GlobalAveragePool", run: importGlobalPool})
}

// importGlobalPool takes the mean, or the largest value, of each channel over all dimensions behind it: N,C,H,W gives N,C,1,1.
func importGlobalPool(c *call) {
	c.maxInputs(1)
	x := c.image(c.data(0))
	if !x.known {
		return
	}
	if len(x.shape) < 2 {
		c.refuse(idShape, "", "needs an input of shape N,C,H,W; it has %s", c.text(x))
		return
	}
	to := ann.Shape{x.shape[0]}
	for range x.shape[1:] {
		to = append(to, 1)
	}
	if len(x.shape) != 3 {
		x = c.reshapedAs("/rows", x, ann.Shape{x.shape[0], 1, x.shape[1:].Size()})
	}
	c.result(c.batched(c.reshapedAs("/flat", c.pooledWhole("", x, c.op == "GlobalMaxPool"), to)))
}

// pooledWhole returns the mean, or the largest value, of each channel of x (C,H,W), as C,1,1.
func (c *call) pooledWhole(suffix string, x operand, largest bool) operand {
	if !x.known {
		return x
	}
	if !largest {
		return c.emitAs(suffix, ann.GlobalAveragePool{}, x)
	}
	w := window.Square(1, 1)
	w.Kernel = [2]int{x.shape[1], x.shape[2]}
	return c.emitAs(suffix, &ann.MaxPool{Window: w}, x)
}
