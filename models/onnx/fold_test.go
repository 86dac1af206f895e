package onnx

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"spikec/models/ann"
)

// chain returns a model whose nodes end in Reshape(x, target) for images of 2×3×4.
func chain(nodes ...[]byte) wireModel {
	m := oneNode(nil, "N", 2, 3, 4)
	m.nodes = append(nodes, wireNode("Reshape", []string{"x", "target"}, []string{"y"}))
	return m.with(wireInt64s("minus1", -1), wireInt64s("zero", 0), wireInt64s("one", 1), wireInt64s("two", 2), wireInt64s("three", 3))
}

// named returns a node with inputs and the output as words of one string: "shape i = ...".
func named(op, output, inputs string, attrs ...[]byte) []byte {
	return wireNode(op, strings.Fields(inputs), []string{output}, attrs...)
}

// wireInt encodes an attribute of one integer.
func wireInt(name string, v int64) []byte {
	return appendVarint(appendVarint(appendBytes(nil, 1, name), 3, uint64(v)), 20, 2)
}

// wireString encodes an attribute of a string.
func wireString(name, v string) []byte {
	return appendVarint(appendBytes(appendBytes(nil, 1, name), 4, v), 20, 3)
}

// wireFloat encodes an attribute of one float.
func wireFloat(name string, v float32) []byte {
	b := appendTag(appendBytes(nil, 1, name), 2, wireFixed32)
	return appendVarint(binary.LittleEndian.AppendUint32(b, math.Float32bits(v)), 20, 1)
}

func TestShapeArithmetic(t *testing.T) {
	shape := named("Shape", "s", "x")
	cases := []struct {
		name string
		want ann.Shape
		m    wireModel
	}{
		{"sizes multiplied", ann.Shape{6, 4}, chain(shape, named("Gather", "c", "s one"), named("Gather", "h", "s two"), named("Mul", "ch", "c h"), named("Gather", "n", "s zero"),
			named("Concat", "target", "n ch minus1", wireInt("axis", 0)))},
		{"sizes divided, added, subtracted", ann.Shape{2, 12}, chain(shape, named("Gather", "h", "s three"), named("Div", "a", "h two"), named("Add", "b", "a two"), named("Sub", "c", "b two"),
			named("Concat", "target", "minus1 c twelve", wireInt("axis", 0))).with(wireInt64s("twelve", 12))},
		{"slice of the shape", ann.Shape{2, 12}, chain(shape, named("Slice", "nc", "s zero two"), named("Concat", "target", "nc minus1", wireInt("axis", 0)))},
		{"slice by attributes", ann.Shape{2, 12}, chain(shape, named("Slice", "nc", "s", wireInts("starts", -4), wireInts("ends", 2)), named("Concat", "target", "nc minus1", wireInt("axis", 0)))},
		{"part of the shape", ann.Shape{2, 3, 4}, chain(named("Shape", "chw", "x", wireInt("start", -3), wireInt("end", 9)), named("Concat", "target", "minus1 chw", wireInt("axis", 0)))},
		{"constant list", ann.Shape{24}, chain(named("Constant", "target", "", wireInts("value_ints", 0, -1)))},
		{"filled and squeezed", ann.Shape{24}, chain(named("Constant", "n", "", wireInt("value_int", -1)), named("Unsqueeze", "n1", "n zero"), named("Unsqueeze", "n2", "n1 zero"),
			named("Squeeze", "n3", "n2 zero"), named("Concat", "target", "zero n3", wireInt("axis", 0)))},
		{"shape of a constant", ann.Shape{24}, chain(named("ConstantOfShape", "z", "two"), named("Shape", "two1", "z"), named("Sub", "zero1", "two1 two"), named("Concat", "target", "zero1 minus1", wireInt("axis", 0)))},
		{"reshaped and cast", ann.Shape{24}, chain(named("Constant", "f", "", wireFloat("value_float", -1)), named("Cast", "i", "f", wireInt("to", 7)), named("Reshape", "i1", "i minus1"),
			named("Concat", "target", "zero i1", wireInt("axis", 0)))},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, err := Decode(c.m.bytes(), "")
			if err != nil {
				t.Fatal(err)
			}
			if got := m.Graph.Nodes[m.Graph.Output].Shape; !got.Equal(c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestShapeArithmeticRefusals(t *testing.T) {
	shape := named("Shape", "s", "x")
	cases := []struct {
		name, id, want string
		m              wireModel
	}{
		{"arithmetic on the batch", idInput, "cannot be folded", chain(shape, named("Gather", "n", "s zero"), named("Mul", "target", "n two"))},
		{"integer division by zero", idInput, "divides by zero", chain(named("Div", "target", "two zero"))},
		{"index outside", idInput, "index 9", chain(shape, named("Gather", "target", "s nine")).with(wireInt64s("nine", 9))},
		{"step 0", idInput, "step 0", chain(shape, named("Slice", "target", "s zero two zero zero"))},
		{"gather from the batch", idAttribute, "axis 0 of Nx2x3x4, the batch", chain(named("Gather", "target", "x zero"))},
		{"branches joined along the batch", idAttribute, "the batch", chain(named("Concat", "target", "x x", wireInt("axis", 0)))},
		{"a branch and a constant of integers", idShape, "joins a constant of shape 1", chain(named("Concat", "target", "x two", wireInt("axis", 1)))},
		{"fill of the batch size", idShape, "depends on the batch", chain(named("Shape", "s", "x", wireInt("end", 1)), named("ConstantOfShape", "target", "s"))},
		{"fill without end", idTooLarge, "or more", chain(named("ConstantOfShape", "target", "big")).with(wireInt64s("big", 1<<40))},
		{"squeeze of size 3", idShape, "has size 3", chain(named("Squeeze", "target", "x two"))},
		{"squeeze of the batch", idAttribute, "drop the batch", chain(named("Squeeze", "target", "x zero"))},
		{"squeeze without axes", idAttribute, "names no axes", chain(named("Squeeze", "target", "x"))},
		{"unsqueeze before the batch", idAttribute, "before the batch", chain(named("Unsqueeze", "target", "x zero"))},
		{"axis outside", idAttribute, "axis 9", chain(named("Unsqueeze", "target", "x nine")).with(wireInt64s("nine", 9))},
		{"cast of the network to integers", idAttribute, "makes int64", chain(named("Cast", "target", "x", wireInt("to", 7)))},
		{"cast to strings", idAttribute, "string", chain(named("Cast", "target", "x", wireInt("to", 8)))},
		{"constant without value", idAttribute, "0 values", chain(named("Constant", "target", ""))},
		{"dropout in training", idInput, "training mode", chain(named("Dropout", "target", "x two one"))},
		{"flatten over the batch", idAttribute, "axis is 2", chain(named("Flatten", "target", "x", wireInt("axis", 2)))},
		{"flag of 2", idAttribute, "want 0 or 1", chain(named("MaxPool", "target", "x", wireInts("kernel_shape", 1, 1), wireInt("ceil_mode", 2)))},
		{"pooling without a kernel", idAttribute, "kernel_shape is missing", chain(named("MaxPool", "target", "x"))},
		{"pooling of a vector", idShape, "needs an input of shape N,C,H,W", chain(named("Flatten", "f", "x"), named("GlobalAveragePool", "target", "f"))},
		{"gemm of a map", idShape, "needs an input of shape N,I", chain(named("Gemm", "target", "x w")).with(wireFloats("w", []int64{1, 1}, 1))},
		{"matmul of a map", idShape, "rows of 4", chain(named("MatMul", "target", "x w")).with(wireFloats("w", []int64{1, 1}, 1))},
		{"kernel_shape of other weights", idAttribute, "contradicts weight", chain(named("Conv", "target", "x w", wireInts("kernel_shape", 2, 1))).with(wireFloats("w", []int64{1, 2, 1, 1}, 1, 1))},
		{"no groups", idAttribute, "group is 0", chain(named("Conv", "target", "x w", wireInt("group", 0))).with(wireFloats("w", []int64{1, 2, 1, 1}, 1, 1))},
		{"dilation with auto_pad", idAttribute, "together with dilations", chain(named("Conv", "target", "x w", wireInts("dilations", 1, 2),
			wireString("auto_pad", "SAME_UPPER"))).with(wireFloats("w", []int64{1, 2, 1, 1}, 1, 1))},
		{"bias of another length", idShape, "want 1", chain(named("Conv", "target", "x w b")).with(wireFloats("w", []int64{1, 2, 1, 1}, 1, 1), wireFloats("b", []int64{2}, 1, 1))},
		{"bound of several values", idShape, "want a scalar", chain(named("Clip", "target", "x b")).with(wireFloats("b", []int64{2}, 1, 1))},
		{"bounds upside down", idShape, "not below", chain(named("Clip", "target", "x b a")).with(wireFloats("a", nil, 1), wireFloats("b", nil, 2))},
		{"too many inputs", idInput, `input 1 ("one") is not supported`, chain(named("Relu", "target", "x one"))},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode(c.m.bytes(), "")
			wantFailure(t, err, c.id, c.want)
		})
	}
}

func TestToInt(t *testing.T) {
	for _, c := range []struct {
		dtype, bits uint64
		want        int64
	}{{2, 0xff, 255}, {3, 0xff, -1}, {4, 0xffff, 65535}, {5, 0xffff, -1}, {6, 0xffffffff, -1}, {7, math.MaxUint64, -1}, {9, 1, 1}, {12, 0xffffffff, math.MaxUint32}, {13, 7, 7}} {
		if got := toInt(c.dtype, c.bits); got != c.want {
			t.Errorf("%s %#x: got %d, want %d", typeName(c.dtype), c.bits, got, c.want)
		}
	}
}
