package onnx

import (
	"slices"

	"spikec/models/ann"
)

func init() {
	register(importer{op: "Tile", about: "constant repeats, 1 for the batch", run: importTile})
}

// importTile repeats a tensor as a whole along any dimensions but the batch, a constant number of times.
func importTile(c *call) {
	c.maxInputs(2)
	repeats, ok := c.sizeList(1, "repeats")
	x := c.data(0)
	if !ok || !x.known {
		return
	}
	times, ok := c.plainDims(repeats)
	if !ok {
		return
	}
	if len(times) != c.rank(x) || !c.b.whole && times[0] != 1 {
		c.refuse(idInput, "repeat nothing along the batch", "repeats %v of %s", repeats, c.text(x))
		return
	}
	c.result(c.tiled(x, times[c.lead():]))
}

// tiled repeats x as a whole along every dimension.
func (c *call) tiled(x operand, times []int) operand {
	s := &ann.Select{Axes: ann.Kept(len(x.shape))}
	for d, n := range times {
		if n == 1 {
			continue
		}
		if !c.room(product([]int{n, x.shape[d]}), 8) {
			return operand{}
		}
		s.Axes[d].Index = slices.Repeat(span(0, x.shape[d]), n)
	}
	return c.selected("", x, s)
}
