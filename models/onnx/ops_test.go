package onnx

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"spikec/internal/diag"
	"spikec/models/ann"
)

// ramp returns 1, 2, … n.
func ramp(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(i + 1)
	}
	return v
}

// answer runs a model on one image.
func answer(t *testing.T, m *Model, x []float32) []float32 {
	t.Helper()
	y, err := ann.NewExecutor(m.Graph).Run(x)
	if err != nil {
		t.Fatal(err)
	}
	return y
}

// same compares results; the expected values are exact but for rounding.
func same(t *testing.T, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range got {
		if math.Abs(float64(got[i]-want[i])) > 1e-5 {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}

// operatorCase is a node x → y, and what it makes of the image 1, 2, 3, …
type operatorCase struct {
	name  string
	node  []byte
	dims  []any // of the input
	inits [][]byte
	want  []float32
}

// model returns the case as a file.
func (c operatorCase) model() []byte { return oneNode(c.node, c.dims...).with(c.inits...).bytes() }

// operatorCases have values worked out by hand.
func operatorCases() []operatorCase {
	node := func(op, inputs string, attrs ...[]byte) []byte { return named(op, "y", inputs, attrs...) }
	f := func(name string, dims []int64, v ...float32) []byte { return wireFloats(name, dims, v...) }
	return []operatorCase{
		{"add of a row", node("Add", "x b"), []any{"N", 2, 2}, [][]byte{f("b", []int64{2}, 10, 20)}, []float32{11, 22, 13, 24}},
		{"add that repeats the tensor", node("Add", "x b"), []any{"N", 1}, [][]byte{f("b", []int64{1, 2}, 10, 20)}, []float32{11, 21}},
		{"constant minus tensor", node("Sub", "b x"), []any{"N", 1, 2}, [][]byte{f("b", []int64{2}, 10, 20)}, []float32{9, 18}},
		{"difference of a branch and itself", node("Sub", "x x"), []any{"N", 2}, nil, []float32{0, 0}},
		{"division by elements", node("Div", "x b"), []any{"N", 1, 2}, [][]byte{f("b", []int64{2}, 2, 4)}, []float32{0.5, 0.5}},
		{"negation", node("Neg", "x"), []any{"N", 2}, nil, []float32{-1, -2}},
		{"sum of branches and a constant", node("Sum", "x b x"), []any{"N", 2}, [][]byte{f("b", nil, 10)}, []float32{12, 14}},
		{"mean of branches", node("Mean", "x b"), []any{"N", 2}, [][]byte{f("b", nil, 10)}, []float32{5.5, 6}},
		{"max with elements", node("Max", "x b"), []any{"N", 2, 2}, [][]byte{f("b", []int64{2}, 2, 3)}, []float32{2, 3, 3, 4}},
		{"min with one value", node("Min", "x b"), []any{"N", 3}, [][]byte{f("b", nil, 2)}, []float32{1, 2, 2}},
		{"max with channels", node("Max", "x b"), []any{"N", 2, 2}, [][]byte{f("b", []int64{2, 1}, 2, 0)}, []float32{2, 2, 3, 4}},
		{"transpose", node("Transpose", "x", wireInts("perm", 0, 2, 1)), []any{"N", 2, 2}, nil, []float32{1, 3, 2, 4}},
		{"slice from behind", node("Slice", "x s e a t"), []any{"N", 5},
			[][]byte{wireInt64s("s", -1), wireInt64s("e", -100), wireInt64s("a", 1), wireInt64s("t", -2)}, []float32{5, 3, 1}},
		{"slice from before the beginning", node("Slice", "x s e a t"), []any{"N", 5},
			[][]byte{wireInt64s("s", -100), wireInt64s("e", -100), wireInt64s("a", 1), wireInt64s("t", -2)}, []float32{1}},
		{"gather", node("Gather", "x i", wireInt("axis", 2)), []any{"N", 2, 3}, [][]byte{wireInt64s("i", 2, 0, -1)}, []float32{3, 1, 3, 6, 4, 6}},
		{"tile", node("Tile", "x r"), []any{"N", 2}, [][]byte{wireInt64s("r", 1, 2)}, []float32{1, 2, 1, 2}},
		{"expand", node("Expand", "x r"), []any{"N", 2, 1}, [][]byte{wireInt64s("r", 1, 1, 2)}, []float32{1, 1, 2, 2}},
		{"pad reflects", node("Pad", "x p", wireString("mode", "reflect")), []any{"N", 3}, [][]byte{wireInt64s("p", 0, 2, 0, 1)}, []float32{3, 2, 1, 2, 3, 2}},
		{"pad repeats the edge", node("Pad", "x p", wireString("mode", "edge")), []any{"N", 2}, [][]byte{wireInt64s("p", 0, 1, 0, 2)}, []float32{1, 1, 2, 2, 2}},
		{"pad wraps", node("Pad", "x p", wireString("mode", "wrap")), []any{"N", 3}, [][]byte{wireInt64s("p", 0, 1, 0, 1)}, []float32{3, 1, 2, 3, 1}},
		{"pad wraps what it left", node("Pad", "x p", wireString("mode", "wrap")), []any{"N", 4}, [][]byte{wireInt64s("p", 0, -1, 0, 2)}, []float32{2, 3, 4, 2, 3}},
		{"pad cuts off", node("Pad", "x p"), []any{"N", 3}, [][]byte{wireInt64s("p", 0, -1, 0, 1)}, []float32{2, 3, 0}},
		{"concat along rows", node("Concat", "x x", wireInt("axis", 2)), []any{"N", 2, 2}, nil, []float32{1, 2, 1, 2, 3, 4, 3, 4}},
		{"concat with a constant", node("Concat", "b x", wireInt("axis", 1)), []any{"N", 2}, [][]byte{f("b", []int64{1, 1}, 9)}, []float32{9, 1, 2}},
		{"resize doubles", node("Resize", "x roi s", wireString("mode", "nearest")), []any{"N", 1, 1, 2}, [][]byte{f("s", []int64{4}, 1, 1, 2, 2), f("roi", []int64{0})}, []float32{1, 1, 2, 2, 1, 1, 2, 2}},
		{"resize in float32", node("Resize", "x roi s", wireString("mode", "nearest"), wireString("coordinate_transformation_mode", "asymmetric"), wireString("nearest_mode", "floor")),
			[]any{"N", 3}, [][]byte{f("s", []int64{2}, 1, 5./3), f("roi", []int64{0})}, []float32{1, 1, 2, 2, 3}},
		{"convolution of the largest number as bound", fusedClip(), []any{"N", 1, 2}, [][]byte{f("w", []int64{1, 1, 1}, 3), f("b", []int64{1}, -4)}, []float32{0, 2}},
		{"depth to space", node("DepthToSpace", "x", wireInt("blocksize", 2)), []any{"N", 4, 1, 1}, nil, []float32{1, 2, 3, 4}},
		{"space to depth", node("SpaceToDepth", "x", wireInt("blocksize", 2)), []any{"N", 1, 2, 2}, nil, []float32{1, 2, 3, 4}},
		{"mean over channels", node("ReduceMean", "x", wireInts("axes", 1)), []any{"N", 2, 2}, nil, []float32{2, 3}},
		{"sum over rows and columns", node("ReduceSum", "x a", wireInt("keepdims", 0)), []any{"N", 1, 2, 2}, [][]byte{wireInt64s("a", 2, 3)}, []float32{10}},
		{"largest of columns", node("ReduceMax", "x", wireInts("axes", -1)), []any{"N", 1, 2, 2}, nil, []float32{2, 4}},
		{"smallest of all", node("ReduceMin", "x", wireInts("axes", 1, 2), wireInt("keepdims", 0)), []any{"N", 2, 2}, nil, []float32{1}},
		{"largest of a map", node("GlobalMaxPool", "x"), []any{"N", 2, 1, 2}, nil, []float32{2, 4}},
		{"position of the largest", node("ArgMax", "x", wireInt("axis", 1), wireInt("keepdims", 0)), []any{"N", 3}, nil, []float32{2}},
		{"position of the smallest", node("ArgMin", "x", wireInt("axis", 2)), []any{"N", 2, 2}, nil, []float32{0, 0}},
		{"softmax along channels", node("Softmax", "x", wireInt("axis", 1)), []any{"N", 2, 1, 2}, nil, []float32{0.1192029, 0.1192029, 0.8807971, 0.8807971}},
		{"convolution of a row", node("Conv", "x w", wireInts("strides", 2), wireInts("pads", 1, 0)), []any{"N", 1, 4}, [][]byte{f("w", []int64{1, 1, 2}, 1, 10)}, []float32{10, 32}},
		{"pooling of a row", node("MaxPool", "x", wireInts("kernel_shape", 2), wireInts("strides", 2)), []any{"N", 1, 4}, nil, []float32{2, 4}},
		{"matrix from the right", node("MatMul", "x w"), []any{"N", 2, 2}, [][]byte{f("w", []int64{2, 1}, 1, 10)}, []float32{21, 43}},
		{"matrix from the left", node("MatMul", "w x"), []any{"N", 2, 2}, [][]byte{f("w", []int64{1, 2}, 1, 10)}, []float32{31, 42}},
		{"vector from the right", node("MatMul", "x w"), []any{"N", 2, 2}, [][]byte{f("w", []int64{2}, 1, 10)}, []float32{21, 43}},
		{"gemm with a bias of the network", node("Gemm", "x w x", wireFloat("beta", 2)), []any{"N", 1}, [][]byte{f("w", []int64{1, 1}, 5)}, []float32{7}},
	}
}

// fusedClip returns a convolution with bounds 0 and none behind it.
func fusedClip() []byte {
	params := appendVarint(appendBytes(appendBytes(nil, 1, "activation_params"), 7, binary.LittleEndian.AppendUint32(make([]byte, 4), math.Float32bits(math.MaxFloat32))), 20, 6)
	return microsoftNode("FusedConv", "y", "x w b", wireString("activation", "Clip"), params)
}

// TestOperators compares nodes with values worked out by hand.
func TestOperators(t *testing.T) {
	for _, c := range operatorCases() {
		t.Run(c.name, func(t *testing.T) {
			m, err := Decode(c.model(), "")
			if err != nil {
				t.Fatal(err)
			}
			same(t, answer(t, m, ramp(m.Graph.Nodes[0].Shape.Size())), c.want)
		})
	}
}

// TestWhole checks networks for one image without a batch, and that a batch comes first where there can be one.
func TestWhole(t *testing.T) {
	cases := []struct {
		name string
		m    wireModel
		want []float32
	}{
		{"vector", oneNode(named("Neg", "y", "x"), 3), []float32{-1, -2, -3}},
		{"transpose of all dimensions", oneNode(named("Transpose", "y", "x"), 2, 3), []float32{1, 4, 2, 5, 3, 6}},
		{"constants of the first dimension", oneNode(named("Add", "y", "x w"), 2, 2).with(wireFloats("w", []int64{2, 2}, 1, 2, 3, 4)), []float32{2, 4, 6, 8}},
		{"product of transposed matrices", oneNode(named("Gemm", "y", "x w", wireInt("transA", 1)), 2, 2).with(wireFloats("w", []int64{2, 1}, 1, 10)), []float32{31, 42}},
		{"matrices from the left", oneNode(named("Gemm", "y", "w x"), 2, 2).with(wireFloats("w", []int64{1, 2}, 1, 10)), []float32{31, 42}},
		{"stacks of matrices", oneNode(named("MatMul", "y", "x w"), 2, 1, 2).with(wireFloats("w", []int64{2, 2, 1}, 1, 10, 100, 1000)), []float32{21, 4300}},
		{"everything reduced", oneNode(named("ReduceSum", "y", "x", wireInt("keepdims", 0)), 2, 2), []float32{10}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, err := Decode(c.m.bytes(), "")
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(m.Diagnostics, func(d diag.Diagnostic) bool { return d.ID == idWhole }) {
				t.Errorf("%v does not say that there is no batch", m.Diagnostics)
			}
			same(t, answer(t, m, ramp(m.Graph.Nodes[0].Shape.Size())), c.want)
		})
	}
	m, err := Decode(oneNode(named("Neg", "y", "x"), 2, 3).bytes(), "")
	if err != nil || !m.Graph.Nodes[0].Shape.Equal(ann.Shape{3}) {
		t.Errorf("got %v, %v, want images of 3", m, err)
	}
}

// TestOutputs chooses one of several outputs of a Split.
func TestOutputs(t *testing.T) {
	split := wireNode("Split", []string{"x"}, []string{"left", "right"}, wireInt("axis", 1))
	m := wireModel{opset: 13, nodes: [][]byte{split, named("Tanh", "other", "left")}, inputs: [][]byte{wireInput("x", 1, "N", 4)},
		outputs: [][]byte{appendBytes(nil, 1, "right"), appendBytes(nil, 1, "other")}}
	_, err := Decode(m.bytes(), "")
	wantFailure(t, err, idOutputs, `2 outputs: "right", "other"`)
	_, err = Options{Output: "left"}.Decode(m.bytes(), "")
	wantFailure(t, err, idOutputs, `no output "left"`)
	got, err := Options{Output: "right"}.Decode(m.bytes(), "")
	if err != nil {
		t.Fatal(err)
	}
	if got.OutputName != "right" {
		t.Errorf("output %q", got.OutputName)
	}
	same(t, answer(t, got, ramp(4)), []float32{3, 4})
}

// TestNumbers checks that what has one number for each image is an output, and is not read as something with a dimension.
func TestNumbers(t *testing.T) {
	m := oneNode(named("ArgMax", "a", "x", wireInt("axis", 1), wireInt("keepdims", 0)), "N", 3)
	m.nodes = append(m.nodes, named("Neg", "y", "a"))
	_, err := Decode(m.bytes(), "")
	wantFailure(t, err, idShape, "one number for each image")
	m.nodes[1] = named("Cast", "y", "a", wireInt("to", typeFloat32))
	got, err := Decode(m.bytes(), "")
	if err != nil {
		t.Fatal(err)
	}
	same(t, answer(t, got, ramp(3)), []float32{2})
	if shape := got.Graph.Nodes[got.Graph.Output].Shape; !shape.Equal(ann.Shape{1}) {
		t.Errorf("the output has shape %v", shape)
	}
}

// TestOldOpsets checks what was different below opset 7: where a constant's dimensions belong, and what a missing is_test means.
func TestOldOpsets(t *testing.T) {
	old := func(node []byte, dims ...any) wireModel {
		m := oneNode(node, dims...)
		m.opset = 6
		return m
	}
	m, err := Decode(old(named("Add", "y", "x b", wireInt("axis", 1), wireInt("broadcast", 1)), "N", 2, 2).with(wireFloats("b", []int64{2}, 10, 20)).bytes(), "")
	if err != nil {
		t.Fatal(err)
	}
	same(t, answer(t, m, ramp(4)), []float32{11, 12, 23, 24})
	m, err = Decode(old(named("Dropout", "y", "x", wireInt("is_test", 1)), "N", 2).bytes(), "")
	if err != nil {
		t.Fatal(err)
	}
	same(t, answer(t, m, ramp(2)), ramp(2))
	_, err = Decode(old(named("Dropout", "y", "x"), "N", 2).bytes(), "")
	wantFailure(t, err, idAttribute, "is_test is 0")
	_, err = Decode(oneNode(named("Add", "y", "x b", wireInt("axis", 1)), "N", 2).with(wireFloats("b", nil, 1)).bytes(), "")
	wantFailure(t, err, idAttribute, "attribute axis is not known")
	one := []int64{1}
	norm := old(named("BatchNormalization", "y", "x a a a a"), "N", 1).with(wireFloats("a", one, 1))
	_, err = Decode(norm.bytes(), "")
	wantFailure(t, err, idAttribute, "is_test is 0")
}

// TestBudget checks that constants which a small file asks for are bounded together.
func TestBudget(t *testing.T) {
	big := wireInt64s("big", 1<<13, 1<<11)
	m := oneNode(named("Add", "y", "s c"), "N", 1).with(big)
	m.nodes = append([][]byte{named("ConstantOfShape", "a", "big"), named("ConstantOfShape", "b", "big"), named("ConstantOfShape", "c", "big"), named("Concat", "d", "a b", wireInt("axis", 0)),
		named("Add", "s", "x d")}, m.nodes...)
	_, err := Decode(m.bytes(), "")
	wantFailure(t, err, idTooLarge, "asks for 16777216 numbers")
}

// TestRank checks that shapes do not grow node by node.
func TestRank(t *testing.T) {
	m := oneNode(named("Unsqueeze", "y", "a", wireInts("axes", 1, 2, 3, 4, 5, 6, 7, 8, 9)), "N", 2)
	m.opset = 11
	m.nodes = append(m.nodes, named("Unsqueeze", "a", "x", wireInts("axes", 1, 2, 3, 4, 5, 6, 7, 8, 9)))
	_, err := Decode(m.bytes(), "")
	wantFailure(t, err, idShape, "19 dimensions, at most 16")
}

// TestRefusedOperators checks what would be read with another meaning than it has, or not be read the same by all runtimes.
func TestRefusedOperators(t *testing.T) {
	count := func(nodes ...[]byte) []byte { // the number of images, as n
		m := oneNode(named("Shape", "s", "x"), "N", 4)
		m.nodes = append(append(m.nodes, named("Gather", "n", "s first")), nodes...)
		return m.with(wireInt64s("first", 0), wireInt64s("one", 1), wireInt64s("four", 4)).bytes()
	}
	for _, c := range []struct {
		name string
		file []byte
		id   string
		want string
	}{
		{"number of images as a factor", count(named("Cast", "f", "n", wireInt("to", typeFloat32)), named("Mul", "y", "x f")), idInput, "computes with the number of images"},
		{"number of images like a float", count(named("Constant", "z", "", wireFloat("value_float", 1)), named("CastLike", "f", "n z"), named("Mul", "y", "x f")), idInput, "computes with the number of images"},
		{"as many elements as images", count(named("Slice", "y", "x n four one")), idInput, "takes as much of axis 1 as there are images"},
		{"division by almost nothing", oneNode(named("Div", "y", "x d"), "N", 2).with(wireFloats("d", []int64{2}, 1, 1e-40)).bytes(), idNotFinite, `divides by 1e-40, element 1 of "d"`},
		{"strides beyond the kernel", oneNode(named("MaxPool", "y", "x", wireInts("kernel_shape", 1), wireInts("strides", 4), wireString("auto_pad", "SAME_UPPER")), "N", 1, 8).bytes(),
			idAttribute, "a kernel of [1] with strides of [4] leaves pixels of the map out"},
		{"reflection of more than was left", oneNode(named("Pad", "y", "x p", wireString("mode", "reflect")), "N", 4).with(wireInt64s("p", 0, -2, 0, 2)).bytes(), idInput, "more than mode reflect can take"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode(c.file, "")
			wantFailure(t, err, c.id, c.want)
		})
	}
	// A size that is cast to bool is true, and so is 0.5.
	m := oneNode(named("Constant", "half", "", wireFloat("value_float", 0.5)), "N", 2)
	m.nodes = append(m.nodes, named("Cast", "c", "half", wireInt("to", typeBool)), named("Where", "w", "c a b"), named("Mul", "y", "x w"))
	got, err := Decode(m.with(wireFloats("a", nil, 3), wireFloats("b", nil, 5)).bytes(), "")
	if err != nil {
		t.Fatal(err)
	}
	same(t, answer(t, got, ramp(2)), []float32{3, 6})
}
