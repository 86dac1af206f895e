package onnx

import "spikec/models/ann"

func init() {
	register(importer{op: "Gemm", attributes: []string{"alpha", "beta", "transA", "transB"}, old: []string{"broadcast"}, about: "one factor constant; all attributes, transA and a constant first factor only where there is no batch; C constant or a tensor of the network", run: importGemm})
}

// importGemm takes y = alpha·A·B + beta·C with A (N,I), or (I,N) with transA where there is no batch, constant B (I,O), or
// (O,I) with transB, and optional C, which is broadcast against the product; or with constant A and B the matrix of the
// network, where there is no batch. Alpha and beta are multiplied into the weights.
func importGemm(c *call) {
	c.maxInputs(3)
	alpha, beta := attribute(c, "alpha", float32(1)), attribute(c, "beta", float32(1))
	transA, transB := c.flag("transA", 0), c.flag("transB", 0)
	weight, left := 1, c.isConstant(0)
	if left {
		weight = 0
	}
	x := c.data(1 - weight)
	w := c.floats(weight, "weight")
	if w == nil {
		return
	}
	if len(w.dims) != 2 {
		c.refuse(idShape, "", "weight %q has shape %s, want two dimensions", c.inputs[weight].name, shapeText(w.dims))
		return
	}
	switch {
	case c.b.whole && x.known && len(x.shape) != 2 || !c.b.whole && x.known && len(x.shape) != 1:
		c.refuse(idShape, "put a Flatten before it", "needs an input of shape N,I; it has %s", c.text(x))
		return
	case !c.b.whole && (transA || left):
		c.refuse(idAttribute, "multiply the batch from the left", "attribute transA, or a constant first factor, does not keep the batch")
		return
	}
	if left && transA || !left && !transB { // the weight as rows of I
		if w = c.transposed(w); w == nil {
			return
		}
	}
	w = &constant{name: w.name, dims: w.dims, floats: c.multiplied(w.floats, alpha)}
	if c.b.whole && (left && !transB || !left && transA) {
		x = c.moved("/transposed", x, []int{1, 0})
	}
	var bias []float32
	if !left && c.isConstant(2) {
		bias = c.rowBias(2, w.dims[0])
	}
	y := c.rows("", x, w, c.multiplied(bias, beta))
	if left {
		y = c.moved("/product", y, []int{1, 0})
	}
	if bias == nil && c.has(2) {
		y = c.plus(y, 2, beta)
	}
	c.result(y)
}

// rowBias returns input i as n values, one for each output, where it has one value or n: shapes (), (1), (n), (1,1), (1,n).
func (c *call) rowBias(i, n int) []float32 {
	k := c.floats(i, "bias")
	switch {
	case k == nil || len(k.dims) > 2:
		return nil
	case k.size() == 1:
		return c.repeated(k.floats[0], n)
	case k.size() == n && k.dims[len(k.dims)-1] == n:
		return k.floats
	}
	return nil
}

// plus returns y + factor·input i, which is broadcast against y.
func (c *call) plus(y operand, i int, factor float32) operand {
	if !c.isConstant(i) {
		z := c.data(i)
		if factor != 1 {
			z = c.times("/factor", z, factor)
		}
		a, b := c.together(y, z)
		return c.emitAs("/bias", ann.Add{}, a, b)
	}
	y, v, ok := c.against(i, "bias", y)
	if !ok {
		return operand{}
	}
	return c.shifted("/bias", y, c.mapped(v, func(b float32) float32 { return b * factor }))
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

// multiplied returns v times factor: v itself for 1 or without elements, nil where there is no memory for it.
func (c *call) multiplied(v []float32, factor float32) []float32 {
	if factor == 1 || v == nil {
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
