package onnx

func init() {
	register(importer{op: "Split", attributes: []string{"axis", "split", "num_outputs"}, outputs: maxInt, about: "along any dimension but the batch, in equal or constant parts; each output may be read", run: importSplit})
}

// importSplit takes Split along any dimension but the batch, in equal parts or in given ones, and folds Split of constants.
func importSplit(c *call) {
	c.maxInputs(2)
	a := attribute(c, "axis", int64(0))
	sizes := c.list(1, "split")
	parts := int64(len(c.outputs))
	if n := attribute(c, "num_outputs", parts); n != parts {
		c.refuse(idAttribute, "check the file with onnx.checker", "attribute num_outputs is %d, the node has %d outputs", n, parts)
	}
	if c.failed {
		return
	}
	if c.isConstant(0) {
		k := c.inputs[0].constant
		d, ok := c.axis(a, len(k.dims))
		if !ok {
			return
		}
		for i, rows := range c.splitRows(k.dims[d], sizes) {
			index := make([][]int, len(k.dims))
			index[d] = rows
			c.foldAt(i, k.selected(index))
		}
		return
	}
	x := c.data(0)
	if !x.known {
		return
	}
	d, ok := c.inside(a, x, "splits")
	if !ok {
		return
	}
	for i, rows := range c.splitRows(x.shape[d], sizes) {
		suffix := ""
		if i > 0 {
			suffix = "/part"
		}
		if v := c.outputs[i]; v != nil {
			c.resultAt(i, c.picked(suffix, x, d, rows, 0))
		}
	}
}

// splitRows returns the positions of every part of n: parts of the given sizes, or as many equal ones as there are outputs, of
// which the last may be smaller.
func (c *call) splitRows(n int, sizes []int64) [][]int {
	parts := len(c.outputs)
	if !c.room(n, 8) {
		return nil
	}
	if sizes != nil && len(sizes) != parts {
		c.refuse(idInput, "check the file with onnx.checker", "has sizes of %d parts, and %d outputs", len(sizes), parts)
		return nil
	}
	if sizes == nil {
		each := (n + parts - 1) / parts
		for i := range parts {
			sizes = append(sizes, int64(max(0, min(each, n-i*each))))
		}
	}
	var rows [][]int
	at := 0
	for _, s := range sizes {
		if s < 1 || s > int64(n-at) {
			break
		}
		rows = append(rows, span(at, at+int(s)))
		at += int(s)
	}
	if at != n || len(rows) != parts {
		c.refuse(idInput, "", "parts of %v do not divide a dimension of %d among %d outputs", sizes, n, parts)
		return nil
	}
	return rows
}
