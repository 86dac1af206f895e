package onnx

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"spikec/internal/diag"
	"spikec/models/ann"
)

// wireOctets encodes a tensor of one-byte numbers, a vector or with rank 0 a scalar.
func wireOctets(name string, kind uint64, dims []int64, v ...byte) []byte {
	return appendBytes(wireHead(name, kind, dims...), 9, v)
}

// microsoftNode encodes a node of onnxruntime's own domain.
func microsoftNode(op, output, inputs string, attrs ...[]byte) []byte {
	return appendBytes(named(op, output, inputs, attrs...), 7, "com.microsoft")
}

// wireText encodes an attribute of one string.
func wireText(name, v string) []byte {
	return appendVarint(appendBytes(appendBytes(nil, 1, name), 4, v), 20, 3)
}

// quantised returns a model for images of 2×2×2 in which q is x in whole numbers, unsigned with scale 0.5 and zero point 4.
func quantised(nodes ...[]byte) wireModel {
	m := oneNode(named("QuantizeLinear", "q", "x s z"), "N", 2, 2, 2)
	m.nodes = append(m.nodes, nodes...)
	return m.with(wireFloats("s", nil, 0.5), wireFloats("s1", nil, 1), wireFloats("s2", []int64{2}, 1, 2), wireFloats("s0", nil, 0), wireOctets("z", typeUint8, nil, 4), wireOctets("z0", typeUint8, nil, 0),
		wireOctets("i", typeInt8, nil, 0xfe), wireOctets("k", typeUint8, []int64{2, 1, 1}, 6, 2), wireFloats("w", []int64{2, 2}, 1, 1, 1, 1))
}

// TestWholeNumbers follows values through operators on whole numbers, worked out by hand: nothing is rounded, and what
// begins at 0 is bounded.
func TestWholeNumbers(t *testing.T) {
	x := []float32{-1.2, 0.3, 2.1, 40, 1, 2, 3, 4}
	y := func(f func(c int, v float32) float32) []float32 {
		out := make([]float32, len(x))
		for i, v := range x {
			out[i] = f(i/4, v)
		}
		return out
	}
	cases := []struct {
		name   string
		nodes  [][]byte
		want   []float32
		ranges []Range
	}{
		{"there and back", [][]byte{named("DequantizeLinear", "y", "q s z")}, x, []Range{{0, -2, 125.5}}},
		{"back in another scale", [][]byte{named("DequantizeLinear", "y", "q s1 z0")}, y(func(_ int, v float32) float32 { return 2*v + 4 }), []Range{{0, -2, 125.5}}},
		{"moved", [][]byte{named("Reshape", "r", "q to"), named("Flatten", "f", "r"), named("DequantizeLinear", "y", "f s z")}, x, []Range{{0, -2, 125.5}}},
		{"sum", [][]byte{microsoftNode("QLinearAdd", "a", "q s z q s z s1 i"), named("DequantizeLinear", "y", "a s1 i")}, y(func(_ int, v float32) float32 { return 2 * v }), []Range{{0, -2, 125.5}, {1, -126, 129}}},
		{"product", [][]byte{microsoftNode("QLinearMul", "a", "q s z k s z s1 z"), named("DequantizeLinear", "y", "a s1 z")},
			y(func(c int, v float32) float32 { return v * []float32{1, -1}[c] }), []Range{{0, -2, 125.5}, {1, -4, 251}}},
		{"rectified", [][]byte{microsoftNode("QLinearMul", "a", "q s z k s z s z0"), named("DequantizeLinear", "y", "a s z0")},
			y(func(c int, v float32) float32 { return max(0, v*[]float32{1, -1}[c]) }), []Range{{0, -2, 125.5}, {2, 0, 127.5}}},
		{"joined", [][]byte{microsoftNode("QLinearConcat", "a", "s1 z q s z q s z", wireInt("axis", 1)), named("DequantizeLinear", "y", "a s1 z")}, append(append([]float32{}, x...), x...), []Range{{0, -2, 125.5}, {1, -4, 251}}},
		{"mean", [][]byte{microsoftNode("QLinearGlobalAveragePool", "a", "q s z s1 z", wireInt("channels_last", 0)), named("DequantizeLinear", "y", "a s1 z")}, []float32{10.3, 2.5}, []Range{{0, -2, 125.5}, {1, -4, 251}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, err := Decode(quantised(c.nodes...).with(wireInt64s("to", 0, 2, 4)).bytes(), "")
			if err != nil {
				t.Fatal(err)
			}
			got, err := ann.NewExecutor(m.Graph).Run(x)
			if err != nil || len(got) != len(c.want) {
				t.Fatalf("got %v, %v", got, err)
			}
			for i, v := range c.want {
				if math.Abs(float64(got[i]-v)) > 1e-5 {
					t.Fatalf("got %v, want %v", got, c.want)
				}
			}
			if len(m.Ranges) != len(c.ranges) {
				t.Fatalf("ranges %v, want %v", m.Ranges, c.ranges)
			}
			for i, r := range c.ranges {
				if m.Ranges[i] != r {
					t.Errorf("ranges %v, want %v", m.Ranges, c.ranges)
				}
			}
		})
	}
}

// TestWeightsOfWholeNumbers: constants are rounded to even, within their type, along an axis.
func TestWeightsOfWholeNumbers(t *testing.T) {
	m := oneNode(named("QuantizeLinear", "q", "w s z", wireInt("axis", -2)), "N", 3)
	m.nodes = append(m.nodes, named("DequantizeLinear", "d", "q s z", wireInt("axis", 0)), named("Gemm", "y", "x d", wireInt("transB", 1)))
	m = m.with(wireFloats("w", []int64{2, 3}, 2.5, -3.5, 300, 1, 1.1, -300), wireFloats("s", []int64{2}, 1, 2), wireOctets("z", typeInt8, []int64{2}, 0, 1))
	got, err := Decode(m.bytes(), "")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]float32{{2, 0}, {-4, 2}, {127, -258}} { // 0.5, 0.55 and −150 to even: 0, 1 and −129 above zero point 1
		x := make([]float32, 3)
		x[i] = 1
		y, err := ann.NewExecutor(got.Graph).Run(x)
		if err != nil || y[0] != want[0] || y[1] != want[1] {
			t.Errorf("column %d: got %v, %v, want %v", i, y, err, want)
		}
	}
}

// TestRecordedRanges: what picks or moves values has the range of what it reads, the widest where there are several.
func TestRecordedRanges(t *testing.T) {
	m := oneNode(named("Relu", "r", "x"), "N", 2, 2, 2)
	m.nodes = append(m.nodes, named("MaxPool", "p", "r", wireInts("kernel_shape", 2, 2)), named("Flatten", "f", "p"), named("QuantizeLinear", "q", "f s z"), named("DequantizeLinear", "d", "q s z"),
		named("QuantizeLinear", "q2", "d s1 z"), named("DequantizeLinear", "y", "q2 s1 z"))
	got, err := Decode(m.with(wireFloats("s", nil, 0.5), wireFloats("s1", nil, 0.25), wireOctets("z", typeUint8, nil, 0)).bytes(), "")
	if err != nil {
		t.Fatal(err)
	}
	found := got.Recorded()
	for _, name := range []string{"r", "p", "f"} {
		if found[name] != [2]float64{0, 127.5} {
			t.Errorf("%s: %v", name, found[name])
		}
	}
	if len(found) != 3 {
		t.Errorf("got %v", found)
	}
}

func TestWholeNumberRefusals(t *testing.T) {
	cases := []struct {
		name, id, want string
		nodes          [][]byte
	}{
		{"arithmetic", idInput, `input 0 ("q") is whole numbers, uint8`, [][]byte{named("Relu", "y", "q")}},
		{"joined in two scales", idInput, "another scale", [][]byte{named("QuantizeLinear", "p", "x s1 z"), named("Concat", "j", "q p", wireInt("axis", 1)), named("DequantizeLinear", "y", "j s z")}},
		{"scale a channel of an activation", idShape, "has 2 scales", [][]byte{named("DequantizeLinear", "y", "q s2 z")}},
		{"scale 0", idInput, "scale is 0", [][]byte{named("QuantizeLinear", "p", "x s0 z"), named("DequantizeLinear", "y", "p s z")}},
		{"scale 0 of weights", idInput, "want positive", [][]byte{named("DequantizeLinear", "d", "k s0 z"), named("Mul", "y", "x d")}},
		{"blocks", idAttribute, "block_size", [][]byte{named("DequantizeLinear", "d", "k s2 z", wireInt("block_size", 2)), named("Mul", "y", "x d")}},
		{"scales of another axis", idShape, "axis 1 of size 1", [][]byte{named("DequantizeLinear", "d", "k s2", wireInt("axis", 1)), named("Mul", "y", "x d")}},
		{"floats taken for whole numbers", idInput, "is no whole numbers", [][]byte{named("DequantizeLinear", "y", "x s z")}},
		{"float weights taken for whole numbers", idInput, "is no whole numbers", [][]byte{named("DequantizeLinear", "d", "w s z"), named("Mul", "y", "x d")}},
		{"rounding to int32", idElementType, "int32", [][]byte{named("QuantizeLinear", "y", "x s", wireInt("output_dtype", 6))}},
		{"whole numbers of the network as weights", idInput, "only a constant", [][]byte{named("QLinearConv", "y", "q s z q s z s z")}},
		{"channels last", idAttribute, "channels_last", [][]byte{microsoftNode("QLinearGlobalAveragePool", "a", "q s z s z", wireInt("channels_last", 1)), named("DequantizeLinear", "y", "a s z")}},
		{"another activation", idOperator, "LeakyRelu", [][]byte{microsoftNode("FusedConv", "y", "x c", wireText("activation", "LeakyRelu"))}},
		{"a domain in the name", idOperator, "is not supported", [][]byte{named("com.microsoft.QLinearAdd", "y", "q s z q s z s1 i")}},
		{"a part of the domain in the name", idOperator, `domain "com"`, [][]byte{appendBytes(named("microsoft.QLinearAdd", "y", "q s z q s z s1 i"), 7, "com")}},
		{"operators of onnxruntime", idOperator, "level basic", [][]byte{microsoftNode("QLinearSigmoid", "y", "q s z s z")}},
		{"integer type of QLinear", idElementType, "int64", [][]byte{microsoftNode("QLinearAdd", "y", "q s z q s z s to")}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode(quantised(c.nodes...).with(wireFloats("c", []int64{1, 2, 1, 1}, 1, 1), wireInt64s("to", 1)).bytes(), "")
			wantFailure(t, err, c.id, c.want)
		})
	}
}

// wireFloatList encodes an attribute of floats.
func wireFloatList(name string, v ...float32) []byte {
	b := appendBytes(nil, 1, name)
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(appendTag(b, 7, wireFixed32), math.Float32bits(x))
	}
	return appendVarint(b, 20, 6)
}

// TestMachineLearningOperators: (x − offset)·scale of Scaler, and the probabilities that ZipMap names as they stand.
func TestMachineLearningOperators(t *testing.T) {
	ml := func(n []byte) []byte { return appendBytes(n, 7, "ai.onnx.ml") }
	scaler := ml(named("Scaler", "a", "x", wireFloatList("offset", 1, 2), wireFloatList("scale", 3)))
	m := oneNode(scaler, "N", 2)
	m.nodes = append(m.nodes, ml(named("ZipMap", "y", "a")))
	got, err := Decode(m.bytes(), "")
	if err != nil {
		t.Fatal(err)
	}
	if y, err := ann.NewExecutor(got.Graph).Run([]float32{5, 1}); err != nil || y[0] != 12 || y[1] != -3 {
		t.Errorf("got %v, %v, want 12 and -3", y, err)
	}
	m = oneNode(ml(named("Scaler", "y", "x", wireFloatList("offset", 1, 2, 3))), "N", 2)
	_, err = Decode(m.bytes(), "")
	wantFailure(t, err, idShape, "3 values for 2 features")
	m = oneNode(ml(named("Scaler", "y", "x")), "N", 1, 2, 2)
	_, err = Decode(m.bytes(), "")
	wantFailure(t, err, idShape, "N,D")
	m = oneNode(ml(named("LabelEncoder", "y", "x")), "N", 2)
	_, err = Decode(m.bytes(), "")
	wantFailure(t, err, idOperator, "before labels are made")
}

// TestWholeNumbersAtTheEnd checks that a network which ends in whole numbers ends in what they stand for, which is said, and
// that whole numbers of the input which are only moved are taken as they are.
func TestWholeNumbersAtTheEnd(t *testing.T) {
	m := oneNode(named("QuantizeLinear", "q", "x s z"), "N", 2)
	m.nodes = append(m.nodes, named("Reshape", "y", "q to"))
	got, err := Decode(m.with(wireFloats("s", nil, 0.5), wireOctets("z", typeInt8, nil, 3), wireInt64s("to", 0, 2)).bytes(), "")
	if err != nil {
		t.Fatal(err)
	}
	same(t, answer(t, got, []float32{0.3, -7}), []float32{0.3, -7})
	const want = `output "y": is whole numbers q in the file, int8; the graph gives the numbers that they stand for, (q - 3) * 0.5 before they are rounded`
	if !slices.ContainsFunc(got.Diagnostics, func(d diag.Diagnostic) bool {
		return d.ID == idWholeOutput && d.Severity == diag.Info && d.Subject+": "+d.Message == want
	}) {
		t.Errorf("%v does not say %s", got.Diagnostics, want)
	}
	m = oneNode(named("Identity", "y", "x"), "N", 2)
	m.inputs = [][]byte{wireInput("x", typeUint8, "N", 2)}
	if got, err = Decode(m.bytes(), ""); err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(got.Diagnostics, func(d diag.Diagnostic) bool { return d.ID == idWholeOutput }) {
		t.Errorf("%v: nothing was rounded", got.Diagnostics)
	}
}
