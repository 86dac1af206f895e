package onnx

import "math"

func init() {
	for op := range unary {
		register(importer{op: op, about: "folded for constants; refused on a tensor of the network", run: importUnary})
	}
}

// unary are the functions of one number that are folded for constants, as they stand in shape arithmetic and in front of
// weights. On a tensor of the network they are refused: none is linear.
var unary = map[string]func(float64) float64{
	"Abs": math.Abs, "Ceil": math.Ceil, "Floor": math.Floor, "Round": math.RoundToEven, "Exp": math.Exp, "Log": math.Log, "Sqrt": math.Sqrt,
	"Reciprocal": func(x float64) float64 { return 1 / x },
	"Not":        func(x float64) float64 { return float64(1 - min(1, math.Abs(x))) },
}

// importUnary folds a function of constants.
func importUnary(c *call) {
	c.maxInputs(1)
	f := unary[c.op]
	if !c.foldUnary(func(x float32) float32 { return float32(f(float64(x))) }, func(x int64) int64 { return int64(f(float64(x))) }) {
		c.data(0)
		c.constantsOnly()
	}
}

// foldUnary computes an operator on a constant. It reports false where the input is not constant.
func (c *call) foldUnary(floats func(float32) float32, ints func(int64) int64) bool {
	if !c.isConstant(0) {
		return false
	}
	k := c.inputs[0].constant
	out := &constant{name: c.name, dims: k.dims, isInt: k.isInt}
	if !c.hasRoom(k.size(), k.elementSize()) {
		return true
	}
	out.grow(k.size())
	for _, v := range k.ints {
		if v == batchMark {
			c.refuse(idInput, "", "computes with the batch size")
			return true
		}
		out.ints = append(out.ints, ints(v))
	}
	for _, v := range k.floats {
		out.floats = append(out.floats, floats(v))
	}
	c.fold(out)
	return true
}
