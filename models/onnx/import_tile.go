package onnx

func init() {
	register(importer{op: "Tile", about: "constant repeats, 1 for the batch", run: importTile})
}

// importTile repeats a tensor as a whole along any dimensions but the batch, a constant number of times.
func importTile(c *call) {
	c.maxInputs(2)
	repeats := c.ints(1, "repeats")
	x := c.data(0)
	if repeats == nil || !x.known {
		return
	}
	times, ok := c.plainDims(repeats.ints)
	if !ok {
		return
	}
	if len(times) != c.rank(x) || !c.b.whole && times[0] != 1 {
		c.refuse(idInput, "repeat nothing along the batch", "repeats %v of %s", repeats.ints, c.text(x))
		return
	}
	c.result(c.tiled(x, times[c.lead():]))
}
