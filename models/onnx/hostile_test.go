package onnx

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spikec/internal/peak"
)

// hostile is a model that means harm, or was damaged beyond what happens by chance.
type hostile struct {
	name     string
	id, want string // the diagnostic that must be there; "" where the model is taken
	data     []byte
}

// maxSaid bounds what is said about any model. [bytes]
const maxSaid = 1 << 20

// repeat returns n times b.
func repeat(n int, b ...byte) []byte { return bytes.Repeat(b, n) }

// graphOf is a model whose graph is the given bytes.
func graphOf(graph []byte) []byte {
	return appendBytes(appendBytes(nil, 7, graph), 8, appendVarint(nil, 2, 13))
}

// nodeOf is a model x → node → y whose node has the given bytes behind its operator.
func nodeOf(op string, fields ...[]byte) []byte {
	return oneNode(append(wireNode(op, []string{"x"}, []string{"y"}), bytes.Join(fields, nil)...), "N", 4).bytes()
}

// chainOf is a model of n nodes, of which node i reads what from names and is the operator that op names.
func chainOf(n int, op func(i int) string, from func(i int) string) wireModel {
	m := wireModel{opset: 13, inputs: [][]byte{wireInput("x", 1, "N", 4)}, outputs: [][]byte{appendBytes(nil, 1, fmt.Sprint(n))}}
	for i := range n {
		m.nodes = append(m.nodes, wireNode(op(i), []string{from(i)}, []string{fmt.Sprint(i + 1)}))
	}
	return m
}

// always returns a function that returns s.
func always(s string) func(int) string { return func(int) string { return s } }

// before names the value before the i-th node.
func before(i int) string {
	if i == 0 {
		return "x"
	}
	return fmt.Sprint(i)
}

// nested wraps b n times as the fields given, the innermost first: sub-graphs in sub-graphs, for example.
func nested(n int, b []byte, nums ...int) []byte {
	// Built from the inside out in one buffer that grows to the left: the length of each wrapping needs its content's.
	buffer := make([]byte, len(b)+n*len(nums)*12)
	at := len(buffer) - len(b)
	copy(buffer[at:], b)
	for range n {
		for _, num := range nums {
			head := binary.AppendUvarint(appendTag(nil, num, wireBytes), uint64(len(buffer)-at))
			at -= len(head)
			copy(buffer[at:], head)
		}
	}
	return buffer[at:]
}

// small are the hostile models of less than 64 kB; they are seeds of the fuzz test too.
func small() []hostile {
	cycle := chainOf(100, always("Relu"), before)
	cycle.nodes[0] = wireNode("Add", []string{"x", "100"}, []string{"1"})
	twice := oneNode(relu, "N", 4)
	for range 100 {
		twice.nodes = append(twice.nodes, wireNode("Tanh", []string{"x"}, []string{"y"}))
	}
	doubling := oneNode(wireNode("Concat", []string{"w", "w"}, []string{"1"}, wireInt("axis", 0)), "N", 4).with(wireFloats("w", []int64{2}, 1, 2))
	for i := 1; i < 60; i++ {
		doubling.nodes = append(doubling.nodes, wireNode("Concat", []string{fmt.Sprint(i), fmt.Sprint(i)}, []string{fmt.Sprint(i + 1)}, wireInt("axis", 0)))
	}
	doubling.nodes = append(doubling.nodes, wireNode("Add", []string{"x", "60"}, []string{"y"}))
	wide := oneNode(wireNode("Add", []string{"x", "w"}, []string{"y"}), "N", 1<<27).with(wireFloats("w", nil, 1))
	fills := oneNode(wireNode("Relu", []string{"x"}, []string{"y"}), "N", 4).with(wireInt64s("size", 1<<8, 1<<8))
	fills.nodes = nil
	for i := range 900 {
		fills.nodes = append(fills.nodes, wireNode("ConstantOfShape", []string{"size"}, []string{fmt.Sprintf("fill%d", i)}), wireNode("Add", []string{before(i), fmt.Sprintf("fill%d", i)}, []string{fmt.Sprint(i + 1)}))
	}
	fills.outputs = [][]byte{appendBytes(nil, 1, "900")}
	pads := func(n ...int64) []byte {
		return oneNode(wireNode("Pad", []string{"x", "w"}, []string{"y"}), "N", 1, 2, 2).with(wireInt64s("w", n...)).bytes()
	}
	minus := int64(-1)
	return []hostile{
		{"cycle", idCycle, `"2", "3"`, cycle.bytes()},
		{"a node that reads itself", idCycle, `"y" (Add)`, oneNode(wireNode("Add", []string{"x", "y"}, []string{"y"}), "N", 4).bytes()},
		{"one value made by all nodes", idMadeTwice, "and 90 more", twice.bytes()},
		{"constants that double", idTooLarge, "out of proportion", doubling.bytes()},
		{"a scalar for 2^27 channels", idTooLarge, "out of proportion", wide.bytes()},
		{"many constants from nothing", idTooLarge, "out of proportion", fills.bytes()},
		{"pads of 2^31", idInput, "pads axis 2", pads(0, 0, 1<<31, 0, 0, 0, 0, 0)},
		{"pads of 2^20", idShape, "more than 268435456 elements", pads(0, 0, 1<<20, 1<<20, 0, 0, 0, 0)},
		{"pads that overflow", idInput, "pads axis 2", pads(0, 0, math.MaxInt64, 0, 0, 0, math.MaxInt64, 0)},
		{"pads below zero", idInput, "pads axis 2", pads(0, 0, -1<<40, 0, 0, 0, 0, 0)},
		{"a pool with endless pads", idShape, "more than 268435456 elements", oneNode(wireNode("MaxPool", []string{"x"}, []string{"y"}, wireInts("kernel_shape", 1<<20, 1<<20),
			wireInts("pads", 1<<20-1, 1<<20-1, 1<<20-1, 1<<20-1)), "N", 1, 2, 2).bytes()},
		{"a pool with endless dilation", idAttribute, "outside 1..", oneNode(wireNode("MaxPool", []string{"x"}, []string{"y"}, wireInts("kernel_shape", 2, 2), wireInts("dilations", 1<<62, 1<<62)), "N", 1, 2, 2).bytes()},
		{"a target of 2^40", idShape, "does not fit", oneNode(reshap, "N", 4).with(wireInt64s("w", 0, 1<<40, 1<<24)).bytes()},
		{"an input of 2^40", idInputShape, "more than", oneNode(relu, "N", 1<<40).bytes()},
		{"an input below zero", idInputShape, "is not a number", oneNode(relu, "N", -4).bytes()},
		{"a weight of 2^40", idTensorData, "shape [1099511627776] of float32 has more than", oneNode(addW, "N", 4).with(wireHead("w", 1, 1<<40)).bytes()},
		{"a weight of 2^28", idTensorData, "0 elements of data, its shape [268435456]", oneNode(addW, "N", 4).with(wireHead("w", 1, 1<<28)).bytes()},
		{"a weight of no elements", idInput, "input 1 is missing", oneNode(addW, "N", 4).with(wireHead("w", 1, 0, math.MaxInt64, math.MaxInt64)).bytes()},
		{"a negative and an endless dimension", idTensorData, "negative", oneNode(addW, "N", 4).with(wireHead("w", 1, minus, math.MaxInt64)).bytes()},
		{"integers packed and not", "", "", oneNode(reshap, "N", 4).with(appendVarint(appendBytes(appendVarint(wireHead("w", 7, 3), 7, 0), 7, []byte{2}), 7, 2)).bytes()},
		{"floats packed and not", "", "", oneNode(addW, "N", 2).with(append(appendBytes(wireHead("w", 1, 2), 4, repeat(1, 0, 0, 128, 63)), 4<<3|wireFixed32, 0, 0, 0, 64)).bytes()},
		{"floats in pieces", idTensorData, "1 elements of data", oneNode(addW, "N", 2).with(appendBytes(wireHead("w", 1, 2), 4, repeat(7, 1))).bytes()},
		{"integers that do not end", idDamaged, "broken variable-length number", oneNode(addW, "N", 4).with(appendBytes(wireHead("w", 7, 1), 7, repeat(20, 0xff))).bytes()},
		{"an integer of 11 bytes", idDamaged, "broken variable-length number", append(appendTag(nil, 1, wireVarint), repeat(11, 0xff)...)},
		{"a field of 2^63 bytes", idDamaged, "only", append(appendTag(nil, 7, wireBytes), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)},
		{"groups in groups", idDamaged, "wire type 3", graphOf(repeat(1000, 0x0b))},
		{"field number 0", idDamaged, "field number 0", graphOf([]byte{0, 0})},
		{"sub-graphs in sub-graphs", idAttrKind, "is a sub-graph", nodeOf("If", appendBytes(nil, 5, appendBytes(appendVarint(appendBytes(nil, 1, "then_branch"), 20, attrGraph), 6, nested(1000, nil, 6, 5, 1))))},
		{"types in types", idInputShape, "is not a tensor", func() []byte {
			m := oneNode(relu)
			m.inputs = [][]byte{appendBytes(appendBytes(nil, 1, "x"), 2, nested(1000, nil, 1, 4))}
			return m.bytes()
		}()},
		{"an attribute twice", idAttribute, "axis is 2", nodeOf("Flatten", appendBytes(nil, 5, wireInt("axis", 1)), appendBytes(nil, 5, wireInt("axis", 2)))},
		{"a node of no operator", idOperator, "not supported", nodeOf("")},
		{"no name anywhere", idNoProducer, "", oneNode(wireNode("Relu", []string{""}, []string{""}), "N", 4).bytes()},
		{"names that are not text", idDamaged, `not text: "\xff\xfe"`, oneNode(wireNode("\xff\xfe", []string{"x"}, []string{"y"}), "N", 4).bytes()},
		{"a graph in pieces", "", "", append(appendBytes(appendBytes(nil, 7, appendBytes(nil, 1, relu)), 8, appendVarint(nil, 2, 13)),
			appendBytes(nil, 7, append(appendBytes(nil, 11, wireInput("x", 1, "N", 4)), appendBytes(nil, 12, appendBytes(nil, 1, "y"))...))...)},
	}
}

// large are hostile models of some megabytes.
func large() []hostile {
	shared := oneNode(wireNode("Gemm", []string{"x", "w"}, []string{"1"}, wireFloat("alpha", 2)), "N", 1024).with(appendBytes(wireHead("w", 1, 1024, 1024), 9, make([]byte, 4<<20)))
	for i := 1; i < 1000; i++ {
		shared.nodes = append(shared.nodes, wireNode("Gemm", []string{fmt.Sprint(i), "w"}, []string{fmt.Sprint(i + 1)}, wireFloat("alpha", float32(i))))
	}
	shared.outputs = [][]byte{appendBytes(nil, 1, "1000")}
	ports := func(n int) []string {
		s := make([]string, n)
		for i := range s {
			s[i] = fmt.Sprint(i)
		}
		return s
	}
	product := wireModel{opset: 13, nodes: [][]byte{}}
	for range 100 {
		product.nodes = append(product.nodes, wireNode("Relu", ports(1000), ports(1000)))
	}
	empty := oneNode(relu, "N", 4)
	for range 200 {
		empty.nodes = append(empty.nodes, append(repeat(1000, 0x0a, 0), 0x12, 0))
	}
	named := chainOf(5000, always("Relu"), before)
	for i := range named.nodes {
		named.nodes[i] = appendBytes(named.nodes[i], 3, strings.Repeat("n", 4000)+fmt.Sprint(i))
	}
	random := rand.New(rand.NewPCG(3, 4))
	noise := make([]byte, 8<<20)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	const million = 1 << 20
	full := chainOf(maxNodes, always("Relu"), before)
	for i := range full.nodes {
		for j := range 4 {
			full.nodes[i] = appendBytes(full.nodes[i], 5, wireInts(fmt.Sprint("a", j), make([]int64, 8)...))
		}
		for j := range 2 {
			full.nodes[i] = appendBytes(full.nodes[i], 2, fmt.Sprint("o", i, j))
		}
	}
	for i := range maxTensors {
		full = full.with(wireFloats(fmt.Sprint("w", i), nil, 1))
	}
	cycle := chainOf(maxNodes, always("Relu"), before)
	cycle.nodes[0] = wireNode("Add", []string{"x", fmt.Sprint(maxNodes)}, []string{"1"})
	return []hostile{
		{"random bytes", idDamaged, "not an ONNX model", noise},
		{"100,000 nodes in a chain", idTooLarge, "more than 32768 nodes", chainOf(100000, always("Relu"), before).bytes()},
		{"the longest chain", "", "", chainOf(maxNodes, always("Relu"), before).bytes()},
		{"nearly everything there may be", idTooLarge, "takes more memory than", full.bytes()},
		{"a cycle of all nodes", idCycle, `"1" (Add)`, cycle.bytes()},
		{"the longest chain of one bad operator", idOperator, "and 32758 more (Tanh)", chainOf(maxNodes, always("Tanh"), before).bytes()},
		{"a bad operator in each node", idMore, "32568", chainOf(maxNodes, func(i int) string { return fmt.Sprint("Op", i) }, before).bytes()},
		{"nodes that read nothing that is", idNoProducer, `input 0 ("nowhere")`, chainOf(maxNodes, always("Relu"), always("nowhere")).bytes()},
		{"4 million empty nodes", idTooLarge, "nodes", graphOf(repeat(4*million, 0x0a, 0))},
		{"4 million empty initialisers", idTooLarge, "tensors", graphOf(repeat(4*million, 0x2a, 0))},
		{"as many empty initialisers as there may be", idMadeTwice, "and 32757 more", graphOf(append(repeat(maxTensors, 0x2a, 0), appendBytes(nil, 1, relu)...))},
		{"4 million inputs", idTooLarge, "inputs and outputs", graphOf(repeat(4*million, 0x5a, 0))},
		{"4 million outputs", idTooLarge, "inputs and outputs", graphOf(repeat(4*million, 0x62, 0))},
		{"4 million sparse initialisers", idTooLarge, "tensors", graphOf(repeat(4*million, 0x7a, 0))},
		{"4 million functions", idTooLarge, "more than 32768 nodes", repeat(4*million, 0xca, 1, 0)},
		{"a graph in 2 million pieces", idTooLarge, "pieces", repeat(2*million, 0x3a, 2, 0x52, 0)},
		{"4 million attributes", idTooLarge, "attributes", nodeOf("Relu", repeat(4*million, 0x2a, 0))},
		{"8 million packed integers", idTooLarge, "numbers and strings in attributes", nodeOf("Relu", appendBytes(nil, 5, appendBytes(appendBytes(nil, 1, "a"), 8, make([]byte, 8*million))))},
		{"4 million integers", idTooLarge, "numbers and strings in attributes", nodeOf("Relu", appendBytes(nil, 5, append(appendBytes(nil, 1, "a"), repeat(4*million, 0x40, 1)...)))},
		{"4 million packed floats", idTooLarge, "numbers and strings in attributes", nodeOf("Relu", appendBytes(nil, 5, appendBytes(appendBytes(nil, 1, "a"), 7, make([]byte, 16*million))))},
		{"4 million strings", idTooLarge, "numbers and strings in attributes", nodeOf("Relu", appendBytes(nil, 5, append(appendBytes(nil, 1, "a"), repeat(4*million, 0x4a, 0)...)))},
		{"4 million inputs of a node", idTooLarge, "inputs or outputs of one node", nodeOf("Relu", repeat(4*million, 0x0a, 0))},
		{"200,000 inputs of nodes", idTooLarge, "inputs and outputs of nodes", empty.bytes()},
		{"100 million connections", idTooLarge, "connections", product.bytes()},
		{"8 million dimensions", idTensorData, "8388608 dimensions", oneNode(addW, "N", 4).with(appendBytes(wireHead("w", 1), 1, repeat(8*million, 1))).bytes()},
		{"8 million dimensions of the input", idInputShape, "rank", func() []byte {
			m := oneNode(relu)
			shape := appendBytes(nil, 2, repeat(4*million, 0x0a, 0))
			m.inputs = [][]byte{appendBytes(appendBytes(nil, 1, "x"), 2, appendBytes(nil, 1, append(appendVarint(nil, 1, 1), shape...)))}
			return m.bytes()
		}()},
		{"48 million packed integers of one byte", idTooLarge, "out of proportion", oneNode(addW, "N", 4).with(appendBytes(wireHead("w", 6, 48*million), 5, make([]byte, 48*million))).bytes()},
		{"48 million booleans", idTooLarge, "out of proportion", oneNode(addW, "N", 4).with(appendBytes(wireHead("w", 9, 48*million), 9, make([]byte, 48*million))).bytes()},
		{"4 million integers, each a field", idInput, "holds integers", oneNode(addW, "N", 4).with(append(wireHead("w", 7, 4*million), repeat(4*million, 7<<3, 1)...)).bytes()},
		{"a name of 16 MB", idTooLarge, "holds a name of 16777216 bytes", nodeOf("Relu", appendBytes(nil, 3, repeat(16*million, 'n')))},
		{"an operator of 16 MB", idTooLarge, "holds a name of 16777216 bytes", nodeOf(strings.Repeat("O", 16*million))},
		{"a tensor's name of 16 MB", idTooLarge, "holds a name of 16777216 bytes", oneNode(addW, "N", 4).with(wireHead(strings.Repeat("w", 16*million), 1, 1)).bytes()},
		{"a string of 16 MB", idTooLarge, "bytes of names and attributes", nodeOf("Relu", appendBytes(nil, 5, appendBytes(appendBytes(nil, 1, "a"), 4, make([]byte, 16*million))))},
		{"a description of 16 MB", "", "", nodeOf("Relu", appendBytes(nil, 6, repeat(16*million, 'd')))},
		{"long names", "", "", named.bytes()},
		{"one weight with many factors", idTooLarge, "out of proportion", shared.bytes()},
		{"a million sub-graphs in sub-graphs", idAttrKind, "is a sub-graph", nodeOf("If", appendBytes(nil, 5, appendBytes(appendVarint(appendBytes(nil, 1, "then_branch"), 20, attrGraph), 6, nested(300000, nil, 6, 5, 1))))},
		{"4 million groups in groups", idDamaged, "wire type 3", graphOf(repeat(4*million, 0x0b))},
	}
}

// TestHostile reads every hostile model in a process of its own: the diagnostic is there, what is said is short, and the
// peak of memory within the bound.
func TestHostile(t *testing.T) {
	if testing.Short() {
		t.Skip("measures memory; FuzzDecode reads the small ones")
	}
	dir := t.TempDir()
	for _, c := range append(small(), large()...) {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(dir, "model.onnx")
			if err := os.WriteFile(path, c.data, 0o644); err != nil {
				t.Fatal(err)
			}
			checkHostile(t, path, int64(len(c.data)), c)
		})
	}
}

// TestHostileExternalData reads models whose weights lie elsewhere: many times the same bytes, and a file with nothing in it
// that a disk would hold.
func TestHostileExternalData(t *testing.T) {
	dir := t.TempDir()
	path, weights := filepath.Join(dir, "model.onnx"), filepath.Join(dir, "w.bin")
	const most, part = 8 << 20, 1 << 20
	if err := os.WriteFile(weights, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	overlapping, sparse := oneNode(relu, "N", 4), oneNode(relu, "N", 4)
	for i := range 2000 {
		overlapping = overlapping.with(wireExternal(fmt.Sprint("w", i), part, "location", "w.bin", "offset", fmt.Sprint(4*i)))
	}
	sparse = sparse.with(wireExternal("w", 1<<29-1, "location", "w.bin", "offset", fmt.Sprint(1<<33-16)))
	huge := oneNode(relu, "N", 4).with(wireExternal("w", 1<<31, "location", "w.bin"))
	for _, c := range []struct {
		hostile
		size int64 // of w.bin
	}{
		{hostile{"overlapping sections", idTooLarge, "out of proportion", overlapping.bytes()}, most},
		{hostile{"more than the file has", idExternal, "ends before these numbers do", sparse.bytes()}, 1<<33 - 4},
		{hostile{"a tensor above 2 GiB", idTensorData, "more than the 2147483648 bytes of the format", huge.bytes()}, 1 << 33},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := os.WriteFile(path, c.data, 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(weights, c.size); err != nil {
				t.Skipf("no sparse files here: %v", err)
			}
			checkHostile(t, path, int64(len(c.data))+min(c.size, most), c.hostile)
		})
	}
}

// TestExternalTotal checks that all files together are bounded, by the offsets alone: nothing is read.
func TestExternalTotal(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 {
		name := filepath.Join(dir, fmt.Sprint(i))
		if err := errors.Join(os.WriteFile(name, nil, 0o644), os.Truncate(name, 1<<30)); err != nil {
			t.Skipf("no sparse files here: %v", err)
		}
	}
	e := newExternalFiles(dir, newMemory(0))
	defer e.close()
	for i, want := range []bool{true, true, false} {
		s, p := e.open(fmt.Sprint(i), 0, 1<<30)
		if (p == nil) != want {
			t.Errorf("file %d: got problem %v", i, p)
		}
		if s != nil {
			s.close()
		}
	}
	if got := e.names(); len(got) != 3 {
		t.Errorf("files %v", got)
	}
}

// TestTruncated cuts a model off at every byte: the answer is a list of diagnostics or, where only the last fields are
// missing, a model.
func TestTruncated(t *testing.T) {
	whole, err := os.ReadFile("../../testdata/onnx/models/residual_torchscript17.onnx")
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(whole); n += 1 + n/500 {
		m, err := Options{}.decodeModel(whole[:n:n], "", "model")
		checkDecoded(t, m, err)
	}
}

// checkHostile surveys the model at path, whose files have size bytes together.
func checkHostile(t *testing.T, path string, size int64, c hostile) {
	t.Helper()
	said, most := surveyApart(t, path)
	t.Logf("%d kB: peak %d MiB, %d bytes said", size>>10, most>>20, len(said))
	if most > peak.Allowed(size) {
		t.Errorf("the peak of memory is %d bytes, at most %d are allowed for a file of %d", most, peak.Allowed(size), size)
	}
	if len(said) > maxSaid {
		t.Errorf("%d bytes were said", len(said))
	}
	if c.id == "" {
		if said != "" {
			t.Errorf("got\n%s\nwant no error", said)
		}
		return
	}
	for line := range strings.Lines(said) {
		if strings.HasPrefix(line, "error "+c.id) && strings.Contains(line, c.want) {
			return
		}
	}
	t.Errorf("got\n%s\nwant an error %s with %q", beginning(said, 5000), c.id, c.want)
}
