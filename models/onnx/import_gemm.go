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
		if w = c.transposed(w); w == nil {
			return
		}
	}
	l := &ann.Linear{Weight: c.scaled(w.floats, attribute(c, "alpha", float32(1))), In: w.dims[1], Out: w.dims[0]}
	if c.has(2) {
		l.Bias = c.scaled(c.rowBias(2, l.Out), attribute(c, "beta", float32(1)))
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
	return c.repeated(k.floats[0], n)
}

// repeated returns n times v, or nil where there is no memory for it.
func (c *call) repeated(v float32, n int) []float32 {
	if !c.room(n, 4) {
		return nil
	}
	s := make([]float32, n)
	for i := range s {
		s[i] = v
	}
	return s
}

// scaled returns v times factor: v itself for 1, nil where there is no memory for it.
func (c *call) scaled(v []float32, factor float32) []float32 {
	if factor == 1 {
		return v
	}
	if !c.room(len(v), 4) {
		return nil
	}
	s := make([]float32, len(v))
	for i, x := range v {
		s[i] = x * factor
	}
	return s
}

// transposed swaps the two dimensions of the matrix k of floats. Nodes that share k share the result, nil where there is
// no memory for it.
func (c *call) transposed(k *constant) *constant {
	if k.turned == nil && c.room(k.size(), k.elementSize()) {
		rows, cols := k.dims[0], k.dims[1]
		turned := make([]float32, len(k.floats))
		const block = 64 // rows and columns at a time: both sides stay in the cache
		for top := 0; top < rows; top += block {
			for left := 0; left < cols; left += block {
				for r := top; r < min(top+block, rows); r++ {
					for col := left; col < min(left+block, cols); col++ {
						turned[col*rows+r] = k.floats[r*cols+col]
					}
				}
			}
		}
		k.turned = &constant{name: k.name, dims: []int{cols, rows}, floats: turned}
	}
	return k.turned
}
