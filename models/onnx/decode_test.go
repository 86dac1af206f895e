package onnx

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spikec/internal/diag"
	"spikec/models/ann"
)

var (
	relu   = wireNode("Relu", []string{"x"}, []string{"y"})
	addW   = wireNode("Add", []string{"x", "w"}, []string{"y"})
	reshap = wireNode("Reshape", []string{"x", "w"}, []string{"y"})
)

// wantFailure checks that err is a *diag.Failure with a diagnostic of the ID whose text contains want.
func wantFailure(t *testing.T, err error, id, want string) {
	t.Helper()
	var f *diag.Failure
	if !errors.As(err, &f) {
		t.Fatalf("got %v, want a *diag.Failure", err)
	}
	if !slices.ContainsFunc(f.List, func(d diag.Diagnostic) bool { return d.ID == id && strings.Contains(d.String(), want) }) {
		t.Errorf("got\n%v\nwant %s with %q", f, id, want)
	}
}

func TestRefusals(t *testing.T) {
	two := oneNode(wireNode("Add", []string{"x", "label"}, []string{"y"}), "N", 4)
	two.inputs = append(two.inputs, wireInput("label", 1, "N", 4))
	outs := oneNode(relu, "N", 4)
	outs.outputs = append(outs.outputs, appendBytes(nil, 1, "aux"))
	cycle := oneNode(wireNode("Add", []string{"x", "b"}, []string{"a"}), "N", 4)
	cycle.nodes = append(cycle.nodes, wireNode("Relu", []string{"a"}, []string{"b"}), wireNode("Relu", []string{"b"}, []string{"y"}))
	twice := oneNode(relu, "N", 4)
	twice.nodes = append(twice.nodes, relu)
	noOutput := oneNode(relu, "N", 4)
	noOutput.outputs = nil
	old := oneNode(relu, "N", 4)
	old.opset = -1
	next := old
	next.opset = MaxOpset + 1
	none := old
	none.opset = 0
	sparse := oneNode(addW, "N", 4)
	sparse.sparse = [][]byte{appendBytes(nil, 1, wireFloats("w", []int64{1}, 1))}
	noNodes := oneNode(relu, "N", 4)
	noNodes.nodes = nil
	huge := int64(math.MaxInt64)
	cases := []struct {
		name, id, want string
		m              wireModel
	}{
		{"two inputs", idInputs, `2 inputs: "x", "label"`, two},
		{"no input used", idInputs, "no input", oneNode(wireNode("Relu", []string{"w"}, []string{"y"}), "N", 4).with(wireFloats("w", []int64{1}, 1))},
		{"two outputs", idOutputs, `2 outputs: "y", "aux"`, outs},
		{"no output", idOutputs, "no output", noOutput},
		{"constant output", idConstOutput, `"y"`, oneNode(wireNode("Shape", []string{"x"}, []string{"y"}), "N", 4)},
		{"cycle", idCycle, `"a" (Add)`, cycle},
		{"made twice", idMadeTwice, `"y_2" (Relu)`, twice},
		{"opset too old", idOpset, "-1, want 1..28", old},
		{"opset too new", idOpset, "29, want 1..28", next},
		{"no opset", idOpset, "no version", none},
		{"sparse", idSparse, `initialiser "w"`, sparse},
		{"no nodes", idNoGraph, "no nodes", noNodes},
		{"symbolic height", idInputShape, "dimension 2 of shape [N,1,height,28]", oneNode(relu, "N", 1, "height", 28)},
		{"rank 0", idInputShape, "rank 0", oneNode(relu)},
		{"rank 7", idInputShape, "rank 7", oneNode(relu, "N", 1, 2, 3, 4, 5, 6)},
		{"huge input", idInputShape, "more than", oneNode(relu, "N", 1<<20, 1<<20)},
		{"negative dimension", idTensorData, "negative", oneNode(addW, "N", 4).with(wireHead("w", 1, -1))},
		{"dimensions overflow", idTensorData, "more elements than", oneNode(addW, "N", 4).with(wireHead("w", 1, huge, huge))},
		{"too many dimensions", idTensorData, "17 dimensions", oneNode(addW, "N", 4).with(wireHead("w", 1, make([]int64, 17)...))},
		{"typed data too short", idTensorData, "2 elements of data, its shape [4] has 4", oneNode(addW, "N", 4).with(append(wireHead("w", 6, 4), 0x2a, 2, 1, 1))},
		{"raw data too short", idTensorData, "1 elements of data", oneNode(addW, "N", 4).with(wireFloats("w", []int64{4}, 1))},
		{"raw data in pieces", idTensorData, "-1 elements", oneNode(addW, "N", 4).with(appendBytes(wireHead("w", 1, 4), 9, "abc"))},
		{"no data", idTensorData, "0 elements of data", oneNode(addW, "N", 4).with(wireHead("w", 1, 4))},
		{"complex", idElementType, "complex64", oneNode(addW, "N", 4).with(wireHead("w", 14, 4))},
		{"initialiser twice", idMadeTwice, `"w"`, oneNode(addW, "N", 1).with(wireFloats("w", []int64{1}, 1), wireFloats("w", []int64{1}, 1))},
		{"missing value", idNoProducer, `input 1 ("w")`, oneNode(addW, "N", 4)},
		{"constants of every image", idShape, "image by image", oneNode(addW, "N", 2).with(wireFloats("w", []int64{2, 2}, 1, 2, 3, 4))},
		{"constant of more dimensions", idShape, "image by image", oneNode(addW, "N", 2).with(wireFloats("w", []int64{1, 1, 2}, 1, 2))},
		{"transpose of the batch", idAttribute, "perm [1 0 2]", oneNode(wireNode("Transpose", []string{"x"}, []string{"y"}, wireInts("perm", 1, 0, 2)), "N", 3, 2)},
		{"mean over the batch", idAttribute, "axis 0 of Nx3", oneNode(wireNode("ReduceMean", []string{"x"}, []string{"y"}, wireInts("axes", 0)), "N", 3)},
		{"infinite weight", idNotFinite, `(initialiser "w"): element 1 is -Inf`, oneNode(addW, "N", 2).with(wireFloats("w", []int64{2}, 1, float32(math.Inf(-1))))},
		{"integer operand", idInput, "holds integers", oneNode(addW, "N", 4).with(wireInt64s("w", 1))},
		{"division by zero", idNotFinite, "divides by 0, element 0 of", oneNode(wireNode("Div", []string{"x", "w"}, []string{"y"}), "N", 4).with(wireFloats("w", nil, 0))},
		{"product of branches", idInput, "computed from the network's input", oneNode(wireNode("Mul", []string{"x", "x"}, []string{"y"}), "N", 4)},
		{"reshape over the batch", idShape, "does not keep the batch", oneNode(reshap, "N", 4).with(wireInt64s("w", -1))},
		{"reshape moves the batch", idShape, "does not keep the batch", oneNode(reshap, "N", 4).with(wireInt64s("w", 2, -1))},
		{"reshape infers twice", idShape, "does not keep the batch", oneNode(reshap, "N", 4).with(wireInt64s("w", -1, -1))},
		{"reshape to another size", idShape, "does not fit", oneNode(reshap, "N", 4).with(wireInt64s("w", 0, 5))},
		{"reshape to endless size", idShape, "does not fit", oneNode(reshap, "N", 4).with(wireInt64s("w", 0, 1<<40, 1<<40))},
		{"endless pads", idInput, "axis 2 of Nx3x2x2 by 1099511627776", oneNode(wireNode("Pad", []string{"x", "w"}, []string{"y"}), "N", 3, 2, 2).with(wireInt64s("w", 0, 0, 1<<40, 0, 0, 0, 0, 0))},
		{"attribute of another type", idAttribute, "axis has the wrong type", oneNode(wireNode("Softmax", []string{"x"}, []string{"y"}, wireInts("axis", 1)), "N", 3)},
		{"stride 0", idAttribute, "outside 1..", oneNode(wireNode("MaxPool", []string{"x"}, []string{"y"}, wireInts("kernel_shape", 2, 2), wireInts("strides", 0, 1)), "N", 3, 2, 2)},
		{"weights for other channels", idShape, "2 input channels", oneNode(wireNode("Conv", []string{"x", "w"}, []string{"y"}), "N", 3, 2, 2).with(wireFloats("w", []int64{1, 2, 1, 1}, 1, 2))},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode(c.m.bytes(), "")
			wantFailure(t, err, c.id, c.want)
		})
	}
}

// TestNoConsequentialErrors checks that nothing is reported only because an earlier node failed.
func TestNoConsequentialErrors(t *testing.T) {
	m := oneNode(wireNode("Tanh", []string{"x"}, []string{"a"}), "N", 4)
	m.nodes = append(m.nodes, wireNode("Shape", []string{"a"}, []string{"s"}), wireNode("Reshape", []string{"a", "s"}, []string{"b"}),
		wireNode("Mul", []string{"b", "s"}, []string{"c"}), wireNode("Add", []string{"c", "b"}, []string{"y"}))
	_, err := Decode(m.bytes(), "")
	var f *diag.Failure
	if !errors.As(err, &f) || len(f.List) != 1 || f.List[0].ID != idOperator {
		t.Errorf("got %v, want the one unsupported operator", err)
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return p
	}
	whole := oneNode(relu, "N", 4).bytes()
	cases := []struct{ name, path, id, want string }{
		{"missing", filepath.Join(dir, "none.onnx"), idUnreadable, "none.onnx: there is no such file"},
		{"folder", dir, idUnreadable, "not a regular file"},
		{"empty", write("empty.onnx", nil), idEmpty, "empty.onnx"},
		{"pointer", write("lfs.onnx", []byte(pointerHead+"v1\noid sha256:00\nsize 9\n")), idPointer, "lfs.onnx"},
		{"archive", write("net.pt", []byte("PK\x03\x04rest")), idDamaged, "ZIP"},
		{"cut off", write("cut.onnx", whole[:len(whole)-9]), idDamaged, "cut.onnx: the bytes are not an ONNX model, or are cut off: at byte 2"},
		{"text", write("readme.onnx", []byte("hello, world")), idDamaged, "readme.onnx"},
		{"no graph", write("nograph.onnx", appendVarint(nil, 1, 8)), idNoGraph, "holds no graph"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Read(c.path)
			wantFailure(t, err, c.id, c.want)
		})
	}
	if _, err := Read(write("good.onnx", whole)); err != nil {
		t.Error(err)
	}
}

func TestExternalData(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string]string{"w.bin": "\x00\x00\x80\x3f\x00\x00\x00\x40\x00\x00\x40\x40", "lfs.bin": pointerHead + "v1\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"link.bin": "/etc/hostname", "inner.bin": "w.bin", "up": "..", "zero.bin": "/dev/zero", "loop.bin": "loop.bin"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	cases := []struct {
		name, want string
		dir        string
		pairs      []string
	}{
		{"whole file", "", dir, []string{"location", "w.bin", "offset", "0", "length", "12"}},
		{"without length", "", dir, []string{"location", "./w.bin"}},
		{"missing", `external data "none.bin" is missing`, dir, []string{"location", "none.bin"}},
		{"outside", "outside the model's folder", dir, []string{"location", "../w.bin"}},
		{"absolute", "outside the model's folder", dir, []string{"location", "/etc/passwd"}},
		{"outside in the end", "outside the model's folder", dir, []string{"location", "a/b/../../../w.bin"}},
		{"link out of the folder", "cannot be opened", dir, []string{"location", "link.bin"}},
		{"link to a device", "cannot be opened", dir, []string{"location", "zero.bin"}},
		{"link to itself", "cannot be opened", dir, []string{"location", "loop.bin"}},
		{"through a link to the folder above", "cannot be opened", dir, []string{"location", "up/w.bin"}},
		{"link within the folder", "", dir, []string{"location", "inner.bin"}},
		{"a zero byte in the name", "cannot be opened", dir, []string{"location", "w.bin\x00.txt"}},
		{"a long name", "cannot be opened", dir, []string{"location", strings.Repeat("w", 4000)}},
		{"a file as a folder", "cannot be opened", dir, []string{"location", "w.bin/w.bin"}},
		{"no location", "without a location", dir, nil},
		{"the folder itself", "not a regular file", dir, []string{"location", "."}},
		{"too short", "has 12 bytes and ends before", dir, []string{"location", "w.bin", "offset", "4"}},
		{"offset of 20 digits", "ends before these numbers do", dir, []string{"location", "w.bin", "offset", "99999999999999999999"}},
		{"offset that is no number", "not a number of bytes", dir, []string{"location", "w.bin", "offset", "0x0"}},
		{"offset overflows", "ends before these numbers do", dir, []string{"location", "w.bin", "offset", "9223372036854775807"}},
		{"negative offset", "not a number of bytes", dir, []string{"location", "w.bin", "offset", "-4"}},
		{"length of another shape", "length is 8 bytes", dir, []string{"location", "w.bin", "length", "8"}},
		{"pointer", "Git LFS pointer", dir, []string{"location", "lfs.bin", "offset", "100"}},
		{"no folder", "only the model's own bytes", "", []string{"location", "w.bin"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, err := Decode(oneNode(addW, "N", 3).with(wireExternal("w", 3, c.pairs...)).bytes(), c.dir)
			if c.want != "" {
				wantFailure(t, err, idExternal, c.want)
				wantFailure(t, err, idExternal, `initialiser "w"`)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := m.Graph.Nodes[1].Op.(*ann.ChannelAffine).Shift; !slices.Equal(got, []float32{1, 2, 3}) || len(m.ExternalFiles) != 1 {
				t.Errorf("got %v from %v, want [1 2 3] from one file", got, m.ExternalFiles)
			}
		})
	}
}

// TestPackedIntegers checks that a tensor of more integers than are kept as int64 has the elements that it has in float32,
// however it is stored and whatever stands between it and the layer that uses it.
func TestPackedIntegers(t *testing.T) {
	const rows, columns = 64, 100
	dir := t.TempDir()
	var raw, typed []byte
	want := make([]float32, rows*columns)
	for i := range want {
		v := int8(i*7 + i/100)
		raw, want[i] = append(raw, byte(v)), float32(v)
		typed = appendVarint(typed, 5, uint64(int64(v)))
	}
	if err := os.WriteFile(filepath.Join(dir, "w.bin"), raw, 0o644); err != nil {
		t.Fatal(err)
	}
	head := wireHead("w", 3, rows*columns)
	external := appendVarint(slices.Clone(head), 14, 1)
	external = appendBytes(external, 13, appendBytes(appendBytes(nil, 1, "location"), 2, "w.bin"))
	for name, w := range map[string][]byte{"raw": appendBytes(slices.Clone(head), 9, raw), "typed": append(slices.Clone(head), typed...), "external": external} {
		m := oneNode(nil, "N", columns).with(w, wireInt64s("shape", rows, columns))
		m.nodes = [][]byte{named("Identity", "same", "w"), named("Reshape", "matrix", "same shape"), named("Cast", "wide", "matrix", wireInt("to", 7)),
			named("Cast", "floats", "wide", wireInt("to", 1)), named("Gemm", "y", "x floats", wireInt("transB", 1))}
		got, err := Decode(m.bytes(), dir)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if l := got.Graph.Nodes[1].Op.(*ann.Linear); !slices.Equal(l.Weight, want) {
			t.Errorf("%s: weights %v …, want %v …", name, l.Weight[:8], want[:8])
		}
	}
}

func TestModelFields(t *testing.T) {
	m, err := Read("../../testdata/onnx/models/unsorted_dead_inputs.onnx")
	if err != nil {
		t.Fatal(err)
	}
	if m.IR != 3 || m.Opset != 8 || m.Producer != "make.py" || m.InputName != "x" || m.OutputName != "y" {
		t.Errorf("got %d %d %q %q %q", m.IR, m.Opset, m.Producer, m.InputName, m.OutputName)
	}
	want := []Origin{{"c", "Conv", 1, Layer, ""}, {"a", "Relu", 2, Layer, ""}, {"y", "Relu", 3, Layer, ""}, {"dead", "Conv", -1, Unused, ""}}
	if !slices.Equal(m.Nodes, want) {
		t.Errorf("nodes %v, want %v", m.Nodes, want)
	}
	if len(m.Diagnostics) != 1 || m.Diagnostics[0].ID != idDeadNodes || !strings.Contains(m.Diagnostics[0].Message, "dead") {
		t.Errorf("diagnostics %v, want the dead node", m.Diagnostics)
	}
}

func TestVanishingNodesKeepTheirNames(t *testing.T) {
	m, err := Read("../../testdata/onnx/models/shapes.onnx")
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for _, o := range m.Nodes {
		at[o.Op] = o.Node
	}
	if at["Identity"] != at["Squeeze"] || at["Dropout"] != at["Squeeze"] || at["Squeeze"] <= 0 {
		t.Errorf("nodes %v: Identity and Dropout must point to the result of Squeeze", m.Nodes)
	}
}

func TestFixedBatchIsReported(t *testing.T) {
	m, err := Decode(oneNode(relu, 64, 4).bytes(), "")
	if err != nil || len(m.Diagnostics) != 1 || m.Diagnostics[0].ID != idFixedBatch || m.Diagnostics[0].Value != int64(64) {
		t.Errorf("got %v, %v, want %s with 64", m, err, idFixedBatch)
	}
}

// Values from IEEE 754: 0x3555 is the half nearest to 1/3, 0x0001 the smallest subnormal number.
func TestHalf(t *testing.T) {
	for h, want := range map[uint16]float32{0: 0, 0x3c00: 1, 0xc000: -2, 0x3555: 0.33325195, 0x7bff: 65504, 1: 1.0 / (1 << 24), 0x83ff: -1023.0 / (1 << 24)} {
		if got := halfToFloat(h); got != want {
			t.Errorf("half %#04x: got %v, want %v", h, got, want)
		}
	}
	if !math.IsInf(float64(halfToFloat(0x7c00)), 1) || !math.IsNaN(float64(halfToFloat(0x7e00))) {
		t.Error("half infinity or NaN is lost")
	}
}

// Values from the ONNX operator's text: starts and ends are clamped, INT64_MAX means the end.
func TestSliceRows(t *testing.T) {
	cases := []struct {
		n, start, end, step int64
		want                []int
	}{
		{4, 1, 3, 1, []int{1, 2}},
		{4, -1, math.MinInt64 + 1, -1, []int{3, 2, 1, 0}},
		{4, 0, math.MaxInt64, 3, []int{0, 3}},
		{4, 3, 0, -2, []int{3, 1}},
		{4, 2, 2, 1, nil},
		{0, -1, math.MinInt64 + 1, -1, nil},
	}
	for _, c := range cases {
		if got := sliceRows(c.n, c.start, c.end, c.step); !slices.Equal(got, c.want) {
			t.Errorf("sliceRows(%d, %d, %d, %d) = %v, want %v", c.n, c.start, c.end, c.step, got, c.want)
		}
	}
}

func TestTranspose(t *testing.T) {
	c := &constant{dims: []int{2, 1, 3}, ints: []int64{1, 2, 3, 4, 5, 6}, isInt: true}
	got := c.transpose([]int{2, 0, 1})
	if !slices.Equal(got.dims, []int{3, 2, 1}) || !slices.Equal(got.ints, []int64{1, 4, 2, 5, 3, 6}) {
		t.Errorf("got %v %v", got.dims, got.ints)
	}
}

func TestDescribe(t *testing.T) {
	m, err := Read("../../testdata/onnx/models/conv_asymmetric.onnx")
	if err != nil {
		t.Fatal(err)
	}
	rows := Describe(m.Graph)
	// Rows (7+0+2−3)/2+1 = 4, columns (6+1+3−3)/1+1 = 8; 3·2·3·2 weights and 3 biases; 36·32 multiplications.
	want := Row{Name: "y", Op: "Conv", Parameters: 39, MACs: 1152}
	got := rows[len(rows)-1]
	if len(rows) != 2 || rows[0].Name != "x" || got.Name != want.Name || got.Op != want.Op || got.Parameters != want.Parameters || got.MACs != want.MACs ||
		!got.Shape.Equal(ann.Shape{3, 4, 8}) || got.Detail == "" {
		t.Errorf("got %+v", rows)
	}
}
