package onnx

import (
	"encoding/binary"
	"math"
)

// wireModel writes models for tests field by field, also ones that no ONNX library would write.
type wireModel struct {
	opset                                 int64
	nodes, inits, sparse, inputs, outputs [][]byte
	functions                             [][]byte
}

// bytes encodes the model.
func (m wireModel) bytes() []byte {
	var g []byte
	for _, part := range []struct {
		num  int
		list [][]byte
	}{{1, m.nodes}, {5, m.inits}, {11, m.inputs}, {12, m.outputs}, {15, m.sparse}} {
		for _, b := range part.list {
			g = appendBytes(g, part.num, b)
		}
	}
	b := appendBytes(appendVarint(nil, 1, 8), 7, g)
	if m.opset != 0 {
		b = appendBytes(b, 8, appendVarint(nil, 2, uint64(m.opset)))
	}
	for _, f := range m.functions {
		b = appendBytes(b, 25, f)
	}
	return b
}

// oneNode returns a model x → node → y of opset 13 for images of the given dimensions.
func oneNode(node []byte, dims ...any) wireModel {
	return wireModel{opset: 13, nodes: [][]byte{node}, inputs: [][]byte{wireInput("x", 1, dims...)}, outputs: [][]byte{appendBytes(nil, 1, "y")}}
}

// with adds initialisers.
func (m wireModel) with(inits ...[]byte) wireModel {
	m.inits = append(m.inits, inits...)
	return m
}

// wireNode encodes a node without a name.
func wireNode(op string, inputs, outputs []string, attrs ...[]byte) []byte {
	var b []byte
	for _, in := range inputs {
		b = appendBytes(b, 1, in)
	}
	for _, out := range outputs {
		b = appendBytes(b, 2, out)
	}
	b = appendBytes(b, 4, op)
	for _, a := range attrs {
		b = appendBytes(b, 5, a)
	}
	return b
}

// wireInts encodes an attribute of integers.
func wireInts(name string, v ...int64) []byte {
	b := appendBytes(nil, 1, name)
	for _, x := range v {
		b = appendVarint(b, 8, uint64(x))
	}
	return appendVarint(b, 20, attrInts)
}

// wireInput encodes a graph input; a dimension is a string or a number.
func wireInput(name string, elem uint64, dims ...any) []byte {
	var shape []byte
	for _, d := range dims {
		var b []byte
		switch d := d.(type) {
		case string:
			b = appendBytes(b, 2, d)
		case int:
			b = appendVarint(b, 1, uint64(d))
		}
		shape = appendBytes(shape, 1, b)
	}
	tensor := appendBytes(appendVarint(nil, 1, elem), 2, shape)
	return appendBytes(appendBytes(nil, 1, name), 2, appendBytes(nil, 1, tensor))
}

// wireHead encodes the beginning of a tensor.
func wireHead(name string, dtype uint64, dims ...int64) []byte {
	b := appendBytes(appendVarint(nil, 2, dtype), 8, name)
	for _, d := range dims {
		b = appendVarint(b, 1, uint64(d))
	}
	return b
}

// wireFloats encodes a float32 tensor with raw data.
func wireFloats(name string, dims []int64, v ...float32) []byte {
	var raw []byte
	for _, x := range v {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
	}
	return appendBytes(wireHead(name, typeFloat32, dims...), 9, raw)
}

// wireInt64s encodes a vector of integers, unpacked.
func wireInt64s(name string, v ...int64) []byte {
	b := wireHead(name, typeInt64, int64(len(v)))
	for _, x := range v {
		b = appendVarint(b, 7, uint64(x))
	}
	return b
}

// wireExternal encodes a float32 tensor whose data lie in a file.
func wireExternal(name string, elements int64, pairs ...string) []byte {
	b := appendVarint(wireHead(name, typeFloat32, elements), 14, 1)
	for i := 0; i < len(pairs); i += 2 {
		b = appendBytes(b, 13, appendBytes(appendBytes(nil, 1, pairs[i]), 2, pairs[i+1]))
	}
	return b
}
