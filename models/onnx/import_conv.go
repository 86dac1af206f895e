package onnx

import (
	"slices"

	"spikec/models/ann"
)

func init() {
	register(importer{op: "Conv", attributes: append([]string{"group"}, windowAttributes...), about: "one and two dimensions, constant weights and bias, any group, pads on any side, auto_pad (not with dilations), strides, dilations", run: importConv})
}

// importConv takes one- and two-dimensional convolutions of any grouping: X (N,C,H,W) or (N,C,L), constant W (O,C/g,kH,kW)
// or (O,C/g,k), optional constant B (O).
func importConv(c *call) {
	c.maxInputs(3)
	x := c.data(0)
	w := c.floats(1, "weight")
	if w == nil {
		return
	}
	spatial := len(w.dims) - 2
	if spatial != 1 && spatial != 2 {
		c.refuse(idShape, "one- and two-dimensional networks are supported", "weight %q has shape %s, want O,C/g,kH,kW or O,C/g,k", c.inputs[1].name, shapeText(w.dims))
		return
	}
	p := c.plane(x, spatial)
	kernel := w.dims[2:]
	if k := c.numbers("kernel_shape", spatial, 1, 1); c.hasAttribute("kernel_shape") && !slices.Equal(k, kernel) {
		c.refuse(idAttribute, "", "attribute kernel_shape %v contradicts weight %q of shape %s", k, c.inputs[1].name, shapeText(w.dims))
	}
	groups := attribute(c, "group", int64(1))
	if groups < 1 || groups > int64(w.dims[0]) {
		c.refuse(idAttribute, "", "attribute group is %d, want 1..%d output channels", groups, w.dims[0])
		return
	}
	conv := &ann.Conv{Weight: w.floats, In: w.dims[1] * int(groups), Out: w.dims[0], Groups: int(groups), Window: c.window(kernel, p)}
	if c.has(2) {
		conv.Bias = c.vector(2, "bias", conv.Out)
	}
	c.result(c.flat(p, c.emit(conv, p.operand)))
}
