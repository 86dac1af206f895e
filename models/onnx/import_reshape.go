package onnx

import "spikec/models/ann"

func init() {
	register(importer{op: "Reshape", attributes: []string{"allowzero"}, old: []string{"shape"}, about: "to a constant shape, or one computed from Shape, that keeps the batch in front", run: importReshape})
}

// importReshape takes Reshape to a constant shape that keeps the batch in front. A target that comes from the batch
// size (Shape, Gather, Concat) counts as constant. A vector as result becomes Flatten.
func importReshape(c *call) {
	c.maxInputs(2)
	target := c.target()
	zeroCopies := !c.flag("allowzero", 0)
	if target == nil {
		return
	}
	if len(target.ints) > maxRank {
		c.refuse(idShape, "", "target has %d dimensions", len(target.ints))
		return
	}
	if c.isConstant(0) {
		c.reshapeConstant(c.inputs[0].constant, target.ints, zeroCopies)
		return
	}
	x := c.data(0)
	if !x.known {
		return
	}
	if c.b.whole {
		if dims, ok := resolved(x.shape, target.ints, zeroCopies); !ok {
			c.refuse(idShape, "", "target %v does not fit %s", targetText(target.ints), x.shape)
		} else if len(dims) == 0 {
			c.resultNumber(x)
		} else {
			c.result(c.reshapedAs("", x, dims))
		}
		return
	}
	to, p := reshapeTarget(x.shape, target.ints, zeroCopies, c.b.batch)
	if p != nil {
		c.refuse(p.id, p.remedy, "%s", p.msg)
		return
	}
	for i, d := range target.ints[1:] {
		if d < 1 {
			c.note("dimension %d of the target %v is %d", i+1, targetText(target.ints), to[i])
		}
	}
	c.result(c.reshapedAs("", x, to))
}

// target returns the new shape: constant input 1, or an attribute below opset 5.
func (c *call) target() *constant {
	if list := attribute[[]int64](c, "shape", nil); list != nil {
		return intVector(list)
	}
	return c.ints(1, "shape")
}

// reshapeTarget returns the shape, without the batch, that Reshape gives to a tensor N,shape; batch is the fixed batch
// size or −1.
func reshapeTarget(shape ann.Shape, target []int64, zeroCopies bool, batch int64) (ann.Shape, *problem) {
	refuse := func(why string) (ann.Shape, *problem) {
		return nil, problemf(idShape, "target %v for Nx%s %s", targetText(target), shape, why).withRemedy("keep the batch as first dimension: x.reshape(-1, ...) or torch.flatten(x, 1)")
	}
	if len(target) < 2 {
		return refuse("does not keep the batch")
	}
	to, inferred, product := ann.Shape{}, -1, 1
	for i, d := range target[1:] {
		if d == 0 && zeroCopies && i < len(shape) {
			d = int64(shape[i])
		}
		switch {
		case d == -1 && inferred < 0:
			inferred, d = i, 1
		case d < 1 || d > int64(shape.Size()):
			return refuse("does not fit")
		}
		to, product = append(to, int(d)), product*int(d)
		if product > shape.Size() {
			return refuse("does not fit")
		}
	}
	first := target[0]
	keeps := first == batchMark || first == 0 && zeroCopies || first == -1 && inferred < 0
	if first > 0 { // a 1 for a symbolic batch is what exporters write that traced one image
		keeps = first == batch || first == 1 && batch < 0
	}
	if !keeps {
		return refuse("does not keep the batch")
	}
	if inferred >= 0 && shape.Size()%product == 0 {
		to[inferred] = shape.Size() / product
		product = shape.Size()
	}
	if product != shape.Size() {
		return refuse("does not fit")
	}
	return to, nil
}

// targetText prints a target with N for the batch size.
func targetText(target []int64) []any {
	s := make([]any, len(target))
	for i, d := range target {
		if s[i] = d; d == batchMark {
			s[i] = "N"
		}
	}
	return s
}

// resolved returns the dimensions that Reshape to the target gives a tensor whose dimensions are all known.
func resolved(from []int, target []int64, zeroCopies bool) ([]int, bool) {
	size := ann.Shape(from).Size()
	dims, inferred, product := make([]int, len(target)), -1, 1
	for i, d := range target {
		if d == 0 && zeroCopies && i < len(from) {
			d = int64(from[i])
		}
		switch {
		case d == -1 && inferred < 0:
			inferred = i
			continue
		case d < 0 || d > int64(size):
			return nil, false
		}
		if dims[i] = int(d); product <= size {
			product *= int(d)
		}
	}
	if inferred >= 0 && product > 0 && size%product == 0 {
		dims[inferred] = size / product
		product = size
	}
	return dims, product == size && (inferred < 0 || product > 0)
}

// reshapeConstant folds Reshape of a constant.
func (c *call) reshapeConstant(k *constant, target []int64, zeroCopies bool) {
	dims, ok := resolved(k.dims, target, zeroCopies)
	if !ok {
		c.refuse(idShape, "", "target %v does not fit constant %q of shape %s", targetText(target), k.name, shapeText(k.dims))
		return
	}
	c.fold(k.withDims(dims))
}
