package inspect

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"spikec/convert"
	"spikec/internal/peak"
	"spikec/models/onnx"
)

// pathVariable names the model that a child process of the test binary looks at.
const pathVariable = "SPIKEC_TEST_INSPECT"

// TestMain runs the tests, or as a child process looks at one model and prints how many layers it has.
func TestMain(m *testing.M) {
	peak.Main(m, pathVariable, func(path string) {
		r, err := Run(context.Background(), path, onnx.Options{}, convert.Strict, nil)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(len(r.Layers))
	})
}

// field appends a field of bytes to a protobuf message.
func field[T string | []byte](b []byte, num int, val T) []byte {
	b = binary.AppendUvarint(b, uint64(num)<<3|2)
	return append(binary.AppendUvarint(b, uint64(len(val))), val...)
}

// number appends a field of an integer.
func number(b []byte, num int, v uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(num)<<3), v)
}

// deep returns an ONNX file of fully connected layers of 1024 inputs and outputs, 4 MiB each, with rectifiers between
// them and batch normalisation behind every second one, so that the conversion has something to fold.
func deep(layers int) []byte {
	tensor := func(name string, dims ...uint64) []byte {
		b, n := number(field(nil, 8, name), 2, 1), uint64(1)
		for _, d := range dims {
			b, n = number(b, 1, d), n*d
		}
		raw := make([]byte, 0, 4*n)
		for i := range n {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(i%7+1)/1024))
		}
		return field(b, 9, raw)
	}
	var graph []byte
	last := "x"
	add := func(op, name string, parameters ...string) {
		node := field(nil, 1, last)
		for _, p := range parameters {
			node = field(node, 1, name+p)
		}
		graph = field(graph, 1, field(field(node, 2, name), 4, op))
		last = name
	}
	for i := range layers {
		name := fmt.Sprint("fc", i)
		add("MatMul", name, ".weight")
		graph = field(graph, 5, tensor(name+".weight", 1024, 1024))
		if i%2 == 0 {
			norm := fmt.Sprint("norm", i)
			add("BatchNormalization", norm, ".gamma", ".beta", ".mean", ".var")
			for _, p := range []string{".gamma", ".beta", ".mean", ".var"} {
				graph = field(graph, 5, tensor(norm+p, 1024))
			}
		}
		if i < layers-1 {
			add("Relu", fmt.Sprint("act", i))
		}
	}
	shape := field(field(nil, 1, field(nil, 2, "N")), 1, number(nil, 1, 1024))
	input := field(field(nil, 1, "x"), 2, field(nil, 1, field(number(nil, 1, 1), 2, shape)))
	graph = field(field(graph, 11, input), 12, field(nil, 1, last))
	return field(field(nil, 7, graph), 8, number(nil, 2, 13))
}

// TestPeak looks at a network of 24 MiB, in long runs of 100 MiB, in a process of its own: it takes four times the file and
// 256 MiB at most.
func TestPeak(t *testing.T) {
	layers := 6
	if os.Getenv("SPIKEC_LONG") == "1" {
		layers = 25
	}
	path, file := filepath.Join(t.TempDir(), "deep.onnx"), deep(layers)
	if err := os.WriteFile(path, file, 0o644); err != nil {
		t.Fatal(err)
	}
	shown, most := peak.Apart(t, pathVariable, path)
	if want := 1 + 2*layers + (layers+1)/2 - 1; strings.TrimSpace(shown) != strconv.Itoa(want) {
		t.Fatalf("the process printed %q, want %d layers", shown, want)
	}
	if limit := peak.Allowed(int64(len(file))); most > limit {
		t.Errorf("a file of %d bytes took %d, at most %d are allowed", len(file), most, limit)
	}
	t.Logf("%d MiB took %d MiB", len(file)>>20, most>>20)
}
