package onnx

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
