package onnx

import (
	"math"

	"spikec/models/ann"
)

func init() {
	register(importer{op: "Clip", attributes: []string{"min", "max"}, about: "bounds that are constant scalars or attributes, each may be missing", run: importClip})
}

// importClip takes Clip with bounds as attributes (below opset 11) or as constant scalars; a bound may be missing.
func importClip(c *call) {
	c.maxInputs(3)
	clip := ann.Clip{Min: c.bound(1, "min", -1), Max: c.bound(2, "max", 1)}
	c.result(c.emit(clip, c.data(0)))
}

// bound returns a bound of Clip: input i, else the attribute, else the infinity of the sign.
func (c *call) bound(i int, name string, sign int) float32 {
	none := float32(math.Inf(sign))
	v := attribute(c, name, none)
	if c.has(i) {
		k := c.rawFloats(i, name)
		if k == nil {
			return none
		}
		if k.size() != 1 {
			c.refuse(idShape, "", "%s (input %d, %q) has shape %s, want a scalar", name, i, c.inputs[i].name, shapeText(k.dims))
			return none
		}
		v = k.floats[0]
	}
	return boundOf(v, sign)
}

// boundOf returns the bound of the sign that v is: none, an infinity, for the largest float32, which is the default in ONNX.
func boundOf(v float32, sign int) float32 {
	if v == math.MaxFloat32*float32(sign) {
		return float32(math.Inf(sign))
	}
	return v
}
