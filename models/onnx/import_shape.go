package onnx

func init() {
	register(importer{op: "Shape", attributes: []string{"start", "end"}, about: "folded; the batch size may be carried to Reshape", run: importShape})
}

// importShape folds Shape into a constant in which batchMark stands for the batch size.
func importShape(c *call) {
	c.maxInputs(1)
	var dims []int64
	if c.isConstant(0) {
		for _, d := range c.inputs[0].constant.dims {
			dims = append(dims, int64(d))
		}
	} else {
		x := c.data(0)
		if !x.known {
			return
		}
		dims = c.sizes(x)
	}
	n := int64(len(dims))
	from, to := attribute(c, "start", int64(0)), attribute(c, "end", n)
	if from < 0 {
		from += n
	}
	if to < 0 {
		to += n
	}
	from = min(max(from, 0), n)
	c.fold(intVector(dims[from:max(from, min(to, n))]))
}
