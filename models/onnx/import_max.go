package onnx

import (
	"math"

	"spikec/models/ann"
)

func init() {
	register(importer{op: "Max", about: "one tensor of the network and any number of constants; Max with 0 is Relu", run: importMax})
	register(importer{op: "Min", about: "as Max", run: importMax})
}

// importMax takes the larger, or the smaller, of a tensor and constants broadcast against it: bounds of every element. Max
// with 0 is Relu.
func importMax(c *call) {
	if len(c.inputs) == 2 && c.isConstant(0) && c.isConstant(1) {
		floats, ints := largerFloat, largerInt
		if c.op == "Min" {
			floats, ints = smallerFloat, smallerInt
		}
		c.foldBinary(floats, ints)
		return
	}
	var x operand
	var bounds []int
	found := false
	for i := range c.inputs {
		if c.isConstant(i) {
			bounds = append(bounds, i)
			continue
		}
		if found {
			c.refuse(idInput, "compare with constants only, or use MaxPool", "compares several tensors of the network")
			return
		}
		x, found = c.data(i), true
	}
	if !found {
		c.refuse(idInput, "fold constants before the export, for example with onnxsim", "compares constants only")
		return
	}
	for n, i := range bounds {
		y, v, ok := c.against(i, "bound", x)
		if !ok {
			return
		}
		suffix := "/bound"
		if n == len(bounds)-1 {
			suffix = ""
		}
		x = c.bounded(suffix, y, v, c.inputs[i].constant.size() == 1)
	}
	c.result(x)
}

// bounded returns the larger, or the smaller, of x and v; single says that all values of v are one.
func (c *call) bounded(suffix string, x operand, v spread, single bool) operand {
	inf := float32(math.Inf(1))
	switch {
	case single && c.op == "Max" && v.values[0] == 0:
		return c.emitAs(suffix, ann.Relu{}, x)
	case single && c.op == "Max":
		return c.emitAs(suffix, ann.Clip{Min: v.values[0], Max: inf}, x)
	case single:
		return c.emitAs(suffix, ann.Clip{Min: -inf, Max: v.values[0]}, x)
	}
	values := v.values
	if v.channel && len(values) != x.shape.Size() {
		if !c.room(x.shape.Size(), 4) {
			return operand{}
		}
		plane := x.shape.Size() / len(values)
		values = make([]float32, 0, x.shape.Size())
		for _, b := range v.values {
			for range plane {
				values = append(values, b)
			}
		}
	}
	if c.op == "Max" {
		return c.emitAs(suffix, &ann.ElementClip{Min: values}, x)
	}
	return c.emitAs(suffix, &ann.ElementClip{Max: values}, x)
}

func largerFloat(a, b float32) float32  { return max(a, b) }
func smallerFloat(a, b float32) float32 { return min(a, b) }
func largerInt(a, b int64) int64        { return max(a, b) }
func smallerInt(a, b int64) int64       { return min(a, b) }
