package onnx

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// tape hands out choices that a fuzzer makes, zeros where it has made no more.
type tape struct{ left []byte }

// upTo returns a number below n.
func (t *tape) upTo(n int) int {
	if len(t.left) == 0 || n < 2 {
		return 0
	}
	b := t.left[0]
	t.left = t.left[1:]
	return int(b) % n
}

// tapeInts are the integers that graphs are made of: sizes that occur, and those at which something ends.
var tapeInts = []int64{0, 1, 2, 3, 4, -1, -2, -3, 5, 6, 8, 12, 24, 100, 1 << 16, 1 << 31, -1 << 31, 1 << 40, math.MaxInt64, math.MinInt64}

// number returns an integer, most often a small one.
func (t *tape) number() int64 {
	if t.upTo(4) > 0 {
		return tapeInts[t.upTo(8)]
	}
	return tapeInts[t.upTo(len(tapeInts))]
}

// numbers returns up to eight integers, most often two or four.
func (t *tape) numbers() []int64 {
	v := make([]int64, []int{2, 2, 2, 4, 4, 1, 0, 3, 6, 8}[t.upTo(10)])
	for i := range v {
		v[i] = t.number()
	}
	return v
}

// attribute returns an attribute of any kind.
func (t *tape) attribute(name string) []byte {
	switch t.upTo(6) {
	case 0:
		return wireFloat(name, float32(t.number()))
	case 1:
		return wireString(name, []string{"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID", "constant", "reflect", "edge", "nearest", "linear", "sum", ""}[t.upTo(11)])
	case 2:
		return appendVarint(appendBytes(appendBytes(nil, 1, name), 5, t.tensor("")), 20, attrTensor)
	case 3:
		return wireInt(name, t.number())
	}
	return wireInts(name, t.numbers()...)
}

// tensor returns a tensor of up to four dimensions and 24 floats or integers.
func (t *tape) tensor(name string) []byte {
	dims, n := []int64{}, int64(1)
	for range t.upTo(5) {
		if d := int64(1 + t.upTo(4)); n*d <= 24 {
			dims, n = append(dims, d), n*d
		}
	}
	if kind := t.upTo(4); kind < 3 {
		b := wireHead(name, []uint64{typeInt64, typeUint8, typeInt8}[kind], dims...)
		for range n {
			if kind > 0 {
				b = appendVarint(b, 5, uint64(t.number()))
				continue
			}
			b = appendVarint(b, 7, uint64(t.number()))
		}
		return b
	}
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(t.number())
	}
	return wireFloats(name, dims, v...)
}

// model returns a graph of up to twelve nodes of operators that are known, over images, vectors and constants.
func (t *tape) model() []byte {
	ops := slices.Sorted(maps.Keys(importers))
	shapes := [][]any{{"N", 4}, {"N", 1, 4, 6}, {"N", 3, 4, 4}, {2, 3, 4}, {1, 2, 3, 3}, {"N", 2, 5}, {4}}
	m := wireModel{opset: int64(MinOpset + t.upTo(MaxOpset-MinOpset+1)), inputs: [][]byte{wireInput("x", []uint64{typeFloat32, typeUint8}[t.upTo(2)], shapes[t.upTo(len(shapes))]...)}}
	values := []string{"x", ""}
	for i := range 1 + t.upTo(5) {
		name := fmt.Sprint("k", i)
		m, values = m.with(t.tensor(name)), append(values, name)
	}
	last := "x"
	for i := range 1 + t.upTo(12) {
		imp := importers[ops[t.upTo(len(ops))]]
		var inputs, outputs []string
		for j := range []int{1, 1, 2, 2, 3, 5, 8, 9}[t.upTo(8)] {
			if j == 0 && t.upTo(8) > 0 { // the chain goes on
				inputs = append(inputs, last)
				continue
			}
			inputs = append(inputs, values[t.upTo(len(values))])
		}
		last = fmt.Sprint("v", i)
		outputs = append(outputs, last)
		for j := range t.upTo(16) / 14 {
			outputs = append(outputs, fmt.Sprintf("v%d.%d", i, j))
		}
		values = append(values, outputs...)
		var attributes [][]byte
		for _, name := range imp.attributes {
			if t.upTo(4) == 0 {
				attributes = append(attributes, t.attribute(name))
			}
		}
		at := strings.LastIndex(imp.op, ".")
		node := wireNode(imp.op[at+1:], inputs, outputs, attributes...)
		if at > 0 {
			node = appendBytes(node, 7, imp.op[:at])
		}
		m.nodes = append(m.nodes, node)
	}
	m.outputs = [][]byte{appendBytes(nil, 1, last)}
	return m.bytes()
}

// FuzzGraph checks what FuzzDecode checks, of graphs whose bytes are right and whose nodes are of known operators with
// any attributes and inputs.
func FuzzGraph(f *testing.F) {
	for i := range 256 {
		seed := make([]byte, 64)
		for j := range seed {
			seed[j] = byte((i*131 + 7) * (j*j + 3*j + 1) >> 3)
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		data := (&tape{choices}).model()
		watchdog := time.AfterFunc(time.Minute, func() { panic("the model is still being read") })
		defer watchdog.Stop()
		m, err := Options{}.decodeModel(data, "", "model")
		checkDecoded(t, m, err)
	})
}
