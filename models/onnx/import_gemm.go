package onnx

import "spikec/models/ann"

func init() {
	register(importer{op: "Gemm", attributes: []string{"alpha", "beta", "transA", "transB"}, run: importGemm})
}

// importGemm takes y = alpha·x·W + beta·C with x (N,I), constant W (I,O), or (O,I) with transB, and optional constant
// C that is one value or O values. Alpha and beta are multiplied into the weights.
func importGemm(c *call) {
	c.maxInputs(3)
	x := c.data(0)
	if c.flag("transA", 0) {
		c.refuse(idAttribute, "multiply the batch from the left", "attribute transA is 1")
	}
	w := c.floats(1, "weight")
	if w == nil {
		return
	}
	if len(w.dims) != 2 {
		c.refuse(idShape, "", "weight %q has shape %s, want two dimensions", c.inputs[1].name, shapeText(w.dims))
		return
	}
	if x.known && len(x.shape) != 1 {
		c.refuse(idShape, "put a Flatten before it", "needs an input of shape N,I; it has Nx%s", x.shape)
		return
	}
	if !c.flag("transB", 0) {
		w = transposed(w)
	}
	l := &ann.Linear{Weight: scaled(w.floats, attribute(c, "alpha", float32(1))), In: w.dims[1], Out: w.dims[0]}
	if c.has(2) {
		l.Bias = scaled(c.rowBias(2, l.Out), attribute(c, "beta", float32(1)))
	}
	c.result(c.emit(l, x))
}

// rowBias returns input i as n values, one for each output: shapes (), (1), (n), (1,1) and (1,n) are taken.
func (c *call) rowBias(i, n int) []float32 {
	k := c.floats(i, "bias")
	if k == nil {
		return nil
	}
	if len(k.dims) > 2 || k.size() != 1 && (k.size() != n || k.dims[len(k.dims)-1] != n) {
		c.refuse(idShape, "", "bias %q has shape %s, want %d values in the last dimension, or one", c.inputs[i].name, shapeText(k.dims), n)
		return nil
	}
	if k.size() == n {
		return k.floats
	}
	return repeated(k.floats[0], n)
}

// repeated returns n times v.
func repeated(v float32, n int) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = v
	}
	return s
}

// scaled returns v times factor; v itself for 1.
func scaled(v []float32, factor float32) []float32 {
	if factor == 1 {
		return v
	}
	s := make([]float32, len(v))
	for i, x := range v {
		s[i] = x * factor
	}
	return s
}

// transposed swaps the two dimensions of k.
func transposed(k *constant) *constant {
	rows, cols := k.dims[0], k.dims[1]
	return k.gather([]int{cols, rows}, func(i int) int { return i%rows*cols + i/rows })
}
