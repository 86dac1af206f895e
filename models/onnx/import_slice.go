package onnx

func init() {
	register(importer{op: "Slice", attributes: []string{"starts", "ends", "axes"}, run: importSlice})
}

// importSlice folds Slice of a constant along its first dimension, as it stands in shape arithmetic and in the
// reversal of pads that PyTorch exports.
func importSlice(c *call) {
	c.maxInputs(5)
	k := c.param(0, "data")
	starts, ends := c.sliceList(1, "starts"), c.sliceList(2, "ends")
	axes, steps := c.sliceList(3, "axes"), c.sliceList(4, "steps")
	if c.failed {
		return
	}
	if len(k.dims) == 0 || len(starts) != 1 || len(ends) != 1 || len(axes) > 1 || len(steps) > 1 || len(axes) == 1 && axes[0] != 0 && axes[0] != -int64(len(k.dims)) {
		c.refuse(idInput, "fold constants before the export, for example with onnxsim", "slices a constant of shape %s; only the first dimension is folded", shapeText(k.dims))
		return
	}
	step := int64(1)
	if len(steps) == 1 {
		step = steps[0]
	}
	rows := sliceRows(int64(k.dims[0]), starts[0], ends[0], step)
	if step == 0 {
		c.refuse(idInput, "", "has step 0")
		return
	}
	width := 1
	for _, d := range k.dims[1:] {
		width *= d
	}
	dims := append([]int{len(rows)}, k.dims[1:]...)
	c.fold(k.gather(dims, func(i int) int { return rows[i/width]*width + i%width }))
}

// sliceList returns a parameter of Slice: attribute below opset 10, constant input from there on.
func (c *call) sliceList(i int, name string) []int64 {
	if !c.has(i) {
		return attribute[[]int64](c, name, nil)
	}
	if k := c.ints(i, name); k != nil {
		return k.ints
	}
	return nil
}

// sliceRows returns the rows of n that start, end and step name, all clamped as ONNX says.
func sliceRows(n, start, end, step int64) []int {
	clamp := func(v, least, most int64) int64 {
		if v < 0 {
			v += n
		}
		return min(max(v, least), most)
	}
	var rows []int
	if step > 0 {
		end = clamp(end, 0, n)
		for i := clamp(start, 0, n); i < end; i += min(step, n) {
			rows = append(rows, int(i))
		}
	} else if step < 0 {
		end = clamp(end, -1, n-1)
		for i := clamp(start, -1, n-1); i > end; i += max(step, -n) {
			rows = append(rows, int(i))
		}
	}
	return rows
}
