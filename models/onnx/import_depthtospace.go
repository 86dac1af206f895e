package onnx

import "spikec/models/ann"

func init() {
	register(importer{op: "DepthToSpace", attributes: []string{"blocksize", "mode"}, about: "modes DCR and CRD", run: importDepthToSpace})
	register(importer{op: "SpaceToDepth", attributes: []string{"blocksize"}, about: "maps whose sizes are whole blocks", run: importSpaceToDepth})
}

// importDepthToSpace takes blocks of pixels from the channels (pixel shuffle), N,C·b·b,H,W to N,C,H·b,W·b.
func importDepthToSpace(c *call) {
	x, b := c.blocks()
	mode := c.choice("mode", "DCR", "CRD")
	if !x.known || x.shape[0]%(b*b) != 0 {
		if x.known {
			c.refuse(idShape, "", "%d channels are no blocks of %d×%d", x.shape[0], b, b)
		}
		return
	}
	n, h, w := x.shape[0]/(b*b), x.shape[1], x.shape[2]
	split, order := ann.Shape{b, b, n, h, w}, []int{2, 3, 0, 4, 1}
	if mode == "CRD" {
		split, order = ann.Shape{n, b, b, h, w}, []int{0, 3, 1, 4, 2}
	}
	y := c.moved("", c.reshapedAs("/blocks", x, split), order)
	c.result(c.batched(c.reshapedAs("/map", y, ann.Shape{n, h * b, w * b})))
}

// importSpaceToDepth puts blocks of pixels into channels, N,C,H·b,W·b to N,b·b·C,H,W.
func importSpaceToDepth(c *call) {
	x, b := c.blocks()
	if !x.known {
		return
	}
	n, h, w := x.shape[0], x.shape[1]/b, x.shape[2]/b
	if h*b != x.shape[1] || w*b != x.shape[2] {
		c.refuse(idShape, "", "a map of %s has no blocks of %d×%d", c.text(x), b, b)
		return
	}
	y := c.moved("", c.reshapedAs("/blocks", x, ann.Shape{n, h, b, w, b}), []int{2, 4, 0, 1, 3})
	c.result(c.batched(c.reshapedAs("/map", y, ann.Shape{b * b * n, h, w})))
}

// blocks returns the map that the node takes, and the size of its blocks.
func (c *call) blocks() (operand, int) {
	c.maxInputs(1)
	x := c.image(c.data(0))
	b := attribute(c, "blocksize", int64(0))
	if b < 1 || b > maxInt {
		c.refuse(idAttribute, "", "attribute blocksize is %d", b)
		return operand{}, 1
	}
	if x.known && len(x.shape) != 3 {
		c.refuse(idShape, "", "needs an input of shape N,C,H,W; it has %s", c.text(x))
		return operand{}, 1
	}
	return x, int(b)
}
