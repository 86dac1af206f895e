package onnx

import "spikec/models/ann"

func init() { register(importer{op: "MatMul", run: importMatMul}) }

// importMatMul takes x·W with constant W (I,O) on the right. x is (N,I), or has further dimensions of size 1 before I;
// those are put back afterwards.
func importMatMul(c *call) {
	c.maxInputs(2)
	x := c.data(0)
	w := c.floats(1, "weight")
	if w == nil {
		return
	}
	if len(w.dims) != 2 {
		c.refuse(idShape, "", "weight %q has shape %s, want two dimensions", c.inputs[1].name, shapeText(w.dims))
		return
	}
	if !x.known {
		return
	}
	last := len(x.shape) - 1
	if x.shape[last] != x.shape.Size() {
		c.refuse(idShape, "put a Flatten before it", "multiplies the last dimension of Nx%s; only vectors are supported", x.shape)
		return
	}
	y := c.reshapedAs("/flatten", x, ann.Shape{x.shape[last]})
	if w = c.transposed(w); w == nil {
		return
	}
	y = c.emit(&ann.Linear{Weight: w.floats, In: w.dims[1], Out: w.dims[0]}, y)
	if y.known {
		to := append(append(ann.Shape{}, x.shape[:last]...), w.dims[0])
		y = c.reshapedAs("/reshape", y, to)
	}
	c.result(y)
}
