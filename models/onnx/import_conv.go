package onnx

import "spikec/models/ann"

func init() {
	register(importer{op: "Conv", attributes: append([]string{"group"}, windowAttributes...), run: importConv})
}

// importConv takes two-dimensional convolutions of any grouping: X (N,C,H,W), constant W (O,C/g,kH,kW), optional
// constant B (O).
func importConv(c *call) {
	c.maxInputs(3)
	x := c.data(0)
	w := c.floats(1, "weight")
	if w == nil {
		return
	}
	if len(w.dims) != 4 {
		c.refuse(idShape, "only two-dimensional convolutions are supported", "weight %q has shape %s, want O,C/g,kH,kW", c.inputs[1].name, shapeText(w.dims))
		return
	}
	c.wantMap(x)
	kernel := [2]int{w.dims[2], w.dims[3]}
	if k := c.numbers("kernel_shape", 2, 1, 1); c.hasAttribute("kernel_shape") && (k[0] != kernel[0] || k[1] != kernel[1]) {
		c.refuse(idAttribute, "", "attribute kernel_shape %v contradicts weight %q of shape %s", k, c.inputs[1].name, shapeText(w.dims))
	}
	groups := attribute(c, "group", int64(1))
	if groups < 1 || groups > int64(w.dims[0]) {
		c.refuse(idAttribute, "", "attribute group is %d, want 1..%d output channels", groups, w.dims[0])
		return
	}
	conv := &ann.Conv{Weight: w.floats, In: w.dims[1] * int(groups), Out: w.dims[0], Groups: int(groups), Window: c.window(kernel, x)}
	if c.has(2) {
		conv.Bias = c.vector(2, "bias", conv.Out)
	}
	c.result(c.emit(conv, x))
}
