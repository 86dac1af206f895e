package onnx

func init() {
	for _, op := range []string{"Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"} {
		register(importer{op: op, about: "folded for constants", run: importCompare})
	}
}

// importCompare folds comparisons of constants, as they stand in shape arithmetic; the result is 0 or 1.
func importCompare(c *call) {
	c.maxInputs(2)
	if c.param(0, "first operand") == nil || c.param(1, "second operand") == nil {
		return
	}
	a, b, dims, ok := c.pair(0, 1)
	if !ok || !c.hasRoom(product(dims), 8) {
		return
	}
	p, q := a.repeated(dims), b.repeated(dims)
	out := &constant{name: c.name, dims: dims, isInt: true, ints: make([]int64, product(dims))}
	for i := range out.ints {
		less, equal := false, false
		if a.isInt {
			less, equal = a.ints[p(i)] < b.ints[q(i)], a.ints[p(i)] == b.ints[q(i)]
		} else {
			less, equal = a.floats[p(i)] < b.floats[q(i)], a.floats[p(i)] == b.floats[q(i)]
		}
		holds := equal
		switch c.op {
		case "Less":
			holds = less
		case "LessOrEqual":
			holds = less || equal
		case "Greater":
			holds = !less && !equal
		case "GreaterOrEqual":
			holds = !less
		}
		if holds {
			out.ints[i] = 1
		}
	}
	c.fold(out)
}
