package onnx

import (
	"math"
	"slices"
)

func init() { register(importer{op: "Range", about: "folded for constants", run: importRange}) }

// importRange folds start, start+delta, … up to limit, of constant scalars.
func importRange(c *call) {
	c.maxInputs(3)
	var k [3]*constant
	for i, what := range []string{"start", "limit", "delta"} {
		if k[i] = c.param(i, what); k[i] != nil && k[i].size() != 1 {
			c.refuse(idShape, "", "%s (input %d, %q) has shape %s, want a scalar", what, i, c.inputs[i].name, shapeText(k[i].dims))
		}
	}
	if c.failed {
		return
	}
	at := func(i int) float64 {
		if k[i].isInt {
			return float64(k[i].ints[0])
		}
		return float64(k[i].floats[0])
	}
	n := math.Ceil((at(1) - at(0)) / at(2))
	carries := func(k *constant) bool { return slices.Contains(k.ints, batchMark) }
	if !(n >= 1 && n <= maxProduct) || k[0].isInt != k[2].isInt || slices.ContainsFunc(k[:], carries) {
		c.refuse(idInput, "", "has no elements, too many, or as many as the batch")
		return
	}
	out := &constant{name: c.name, dims: []int{int(n)}, isInt: k[0].isInt}
	if !c.hasRoom(int(n), out.elementSize()) {
		return
	}
	out.grow(int(n))
	for i := range int(n) {
		if out.isInt {
			out.ints = append(out.ints, k[0].ints[0]+int64(i)*k[2].ints[0])
		} else {
			out.floats = append(out.floats, float32(at(0)+float64(i)*at(2)))
		}
	}
	c.fold(out)
}
