package onnx

import (
	"spikec/models/ann"
)

func init() {
	register(importer{op: "Pad", attributes: []string{"mode", "pads", "value"}, old: []string{"paddings"}, about: "constant, reflect, edge and wrap, along any dimensions but the batch; negative pads cut off", run: importPad})
}

// importPad takes Pad of every mode along any dimensions but the batch; negative pads cut off. Pads and value are attributes
// below opset 11, constant inputs from there on, where axes may be a fourth. Pads that are all zero leave no trace in the
// graph; a border of a constant around height and width is a Pad, everything else a selection.
func importPad(c *call) {
	c.maxInputs(4)
	x := c.data(0)
	mode := c.choice("mode", "constant", "reflect", "edge", "wrap")
	pads, value := c.list(1, "pads"), attribute(c, "value", float32(0))
	if pads == nil {
		pads = attribute[[]int64](c, "paddings", nil) // its name in opset 1
	}
	if c.has(2) {
		k := c.floats(2, "value")
		if k != nil && k.size() != 1 {
			c.refuse(idShape, "", "value (input 2, %q) has shape %s, want a scalar", c.inputs[2].name, shapeText(k.dims))
		} else if k != nil {
			value = k.floats[0]
		}
	}
	if c.failed || !x.known {
		return
	}
	begin, end, ok := c.padsByAxis(pads, c.rank(x))
	if !ok {
		return
	}
	border := mode == "constant" && len(x.shape) == 3
	p := &ann.Pad{Value: value}
	s := &ann.Select{Axes: ann.Kept(len(x.shape)), Value: value}
	for axis := range begin {
		if begin[axis] == 0 && end[axis] == 0 {
			continue
		}
		d := axis - c.lead()
		if d < 0 {
			c.refuse(idInput, "keep the batch", "pads axis %d of %s, the batch", axis, c.text(x))
			return
		}
		n := x.shape[d]
		if begin[axis] < int64(-n) || end[axis] < int64(-n) || begin[axis] > maxInt || end[axis] > maxInt || int64(n)+begin[axis]+end[axis] < 1 {
			c.refuse(idInput, "", "pads axis %d of %s by %d and %d; at most %d elements may be added, and one must stay", axis, c.text(x), begin[axis], end[axis], maxInt)
			return
		}
		if !c.room(n+int(begin[axis]+end[axis]), 8) {
			return
		}
		index, ok := padded(mode, n, int(begin[axis]), int(end[axis]))
		if !ok {
			c.refuse(idInput, "", "adds %d and %d elements to axis %d of size %d, which are more than mode %s can take from it", begin[axis], end[axis], axis, n, mode)
			return
		}
		s.Axes[d].Index = index
		if border = border && d > 0 && begin[axis] >= 0 && end[axis] >= 0; border {
			p.Begin[d-1], p.End[d-1] = int(begin[axis]), int(end[axis])
		}
	}
	if border && (p.Begin != [2]int{} || p.End != [2]int{}) {
		c.result(c.emit(p, x))
		return
	}
	c.result(c.selected("", x, s))
}

// padded returns the positions that a dimension of n holds behind Pad, −1 for the constant. Negative pads cut off first: what
// is then added repeats, or reflects, what was left.
func padded(mode string, n, begin, end int) ([]int, bool) {
	first, left := max(0, -begin), n+min(0, begin)+min(0, end)
	begin, end = max(0, begin), max(0, end)
	if left < 1 && mode != "constant" || mode == "reflect" && max(begin, end) >= left {
		return nil, false
	}
	index := make([]int, 0, begin+max(0, left)+end)
	for i := -begin; i < left+end; i++ {
		at := i
		switch {
		case i >= 0 && i < left:
		case mode == "constant":
			index = append(index, -1)
			continue
		case mode == "edge":
			at = min(max(i, 0), left-1)
		case mode == "wrap":
			at = ((i % left) + left) % left
		case i < 0:
			at = -i
		default:
			at = 2*(left-1) - i
		}
		index = append(index, first+at)
	}
	return index, true
}

// padsByAxis spreads pads over all dimensions of a tensor of the given rank.
func (c *call) padsByAxis(pads []int64, rank int) (begin, end []int64, ok bool) {
	axes := make([]int64, rank)
	for i := range axes {
		axes[i] = int64(i)
	}
	if c.has(3) {
		k := c.ints(3, "axes")
		if k == nil {
			return nil, nil, false
		}
		axes = k.ints
	}
	if len(pads) != 2*len(axes) {
		c.refuse(idInput, "", "has %d pads for %d dimensions, want two for each", len(pads), len(axes))
		return nil, nil, false
	}
	begin, end = make([]int64, rank), make([]int64, rank)
	for i, a := range axes {
		d, ok := c.axis(a, rank)
		if !ok {
			return nil, nil, false
		}
		begin[d], end[d] = pads[i], pads[len(axes)+i]
	}
	return begin, end, true
}
