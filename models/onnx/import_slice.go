package onnx

import "spikec/models/ann"

func init() {
	register(importer{op: "Slice", attributes: []string{"starts", "ends", "axes"}, about: "along any dimensions but the batch, constant bounds, steps of any sign", run: importSlice})
}

// importSlice takes parts of a tensor along any dimensions but the batch, with steps, and folds Slice of constants.
func importSlice(c *call) {
	c.maxInputs(5)
	starts, ends := c.list(1, "starts"), c.list(2, "ends")
	axes, steps := c.list(3, "axes"), c.list(4, "steps")
	if c.failed {
		return
	}
	if len(starts) == 0 || len(starts) > maxRank || len(ends) != len(starts) || axes != nil && len(axes) != len(starts) || steps != nil && len(steps) != len(starts) {
		c.refuse(idInput, "", "has %d starts, %d ends, %d axes, %d steps", len(starts), len(ends), len(axes), len(steps))
		return
	}
	if axes == nil {
		for i := range starts {
			axes = append(axes, int64(i))
		}
	}
	if steps == nil {
		steps = make([]int64, len(starts))
		for i := range steps {
			steps[i] = 1
		}
	}
	var x operand
	var dims []int
	if c.isConstant(0) {
		dims = c.inputs[0].constant.dims
	} else {
		if x = c.data(0); !x.known {
			return
		}
		dims = append(make([]int, c.lead()), x.shape...)
	}
	index := make([][]int, len(dims)) // of every dimension, nil for all
	for i := range starts {
		d, ok := c.axis(axes[i], len(dims))
		switch {
		case !ok:
			return
		case steps[i] == 0:
			c.refuse(idInput, "", "has step 0")
			return
		case x.known && d < c.lead():
			if starts[i] != 0 || ends[i] < maxInt && ends[i] != batchMark || steps[i] != 1 {
				c.refuse(idInput, "keep the whole batch", "slices axis %d of %s, the batch", axes[i], c.text(x))
				return
			}
			continue
		case starts[i] == batchMark || ends[i] == batchMark || steps[i] == batchMark:
			c.refuse(idInput, "keep sizes apart from the number of images", "takes as much of axis %d as there are images", axes[i])
			return
		}
		if !c.room(dims[d], 8) {
			return
		}
		if index[d] = sliceRows(int64(dims[d]), starts[i], ends[i], steps[i]); len(index[d]) == 0 {
			c.refuse(idInput, "", "leaves nothing of axis %d of size %d", axes[i], dims[d])
			return
		}
	}
	if !x.known {
		c.fold(c.inputs[0].constant.selected(index))
		return
	}
	s := &ann.Select{Axes: ann.Kept(len(x.shape))}
	for d := range s.Axes {
		s.Axes[d].Index = index[d+c.lead()]
	}
	c.result(c.selected("", x, s))
}

// selected returns the elements at the given indices of every dimension; nil stands for all.
func (c *constant) selected(index [][]int) *constant {
	dims, strides := make([]int, len(c.dims)), make([]int, len(c.dims))
	for d, n := len(dims)-1, 1; d >= 0; d-- {
		strides[d], n = n, n*c.dims[d]
		if dims[d] = c.dims[d]; index[d] != nil {
			dims[d] = len(index[d])
		}
	}
	return c.gather(dims, func(i int) int {
		at := 0
		for d := len(dims) - 1; d >= 0; d-- {
			o := i % dims[d]
			i /= dims[d]
			if index[d] != nil {
				o = index[d][o]
			}
			at += o * strides[d]
		}
		return at
	})
}

// list returns a list of integers that is an attribute in older opsets and constant input i in newer ones; nil if missing.
func (c *call) list(i int, name string) []int64 {
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
		for i := clamp(start, 0, n-1); i > end; i += max(step, -n) {
			rows = append(rows, int(i))
		}
	}
	return rows
}
