package onnx

import (
	"fmt"
	"math"
)

// elementType is a number format of tensors.
type elementType struct {
	name  string
	size  int // bytes in raw_data
	float bool
}

// Element types that the importer itself names.
const (
	typeFloat32 = 1
	typeUint8   = 2
	typeInt8    = 3
	typeUint16  = 4
	typeInt16   = 5
	typeInt64   = 7
	typeString  = 8
	typeBool    = 9
	typeFloat64 = 11
)

// elementTypes are the formats that are taken: floats become float32, the others int64.
// Source: onnx.proto3, TensorProto.DataType.
var elementTypes = map[uint64]elementType{
	1: {"float32", 4, true}, 2: {"uint8", 1, false}, 3: {"int8", 1, false}, 4: {"uint16", 2, false}, 5: {"int16", 2, false},
	6: {"int32", 4, false}, 7: {"int64", 8, false}, 9: {"bool", 1, false}, 10: {"float16", 2, true}, 11: {"float64", 8, true},
	12: {"uint32", 4, false}, 13: {"uint64", 8, false}, 16: {"bfloat16", 2, true},
}

// otherTypes names the formats that are not taken.
var otherTypes = map[uint64]string{
	8: "string", 14: "complex64", 15: "complex128", 17: "float8e4m3fn", 18: "float8e4m3fnuz", 19: "float8e5m2", 20: "float8e5m2fnuz",
	21: "uint4", 22: "int4", 23: "float4e2m1", 24: "float8e8m0",
}

// typeName returns the format's name, or its number where it has none.
func typeName(t uint64) string {
	if e, ok := elementTypes[t]; ok {
		return e.name
	}
	if n, ok := otherTypes[t]; ok {
		return n
	}
	return fmt.Sprintf("number %d", t)
}

// toFloat widens or narrows one element of a float format, given by its bits, to float32.
func toFloat(t, bits uint64) float32 {
	switch t {
	case 10:
		return halfToFloat(uint16(bits))
	case 11:
		return float32(math.Float64frombits(bits))
	case 16:
		return math.Float32frombits(uint32(uint16(bits)) << 16)
	}
	return math.Float32frombits(uint32(bits))
}

// toInt widens one element of an integer format, given by its bits, to int64; uint64 wraps.
func toInt(t, bits uint64) int64 {
	switch t {
	case 2, 9:
		return int64(uint8(bits))
	case 3:
		return int64(int8(bits))
	case 4:
		return int64(uint16(bits))
	case 5:
		return int64(int16(bits))
	case 6:
		return int64(int32(bits))
	case 12:
		return int64(uint32(bits))
	}
	return int64(bits)
}

// halfToFloat widens an IEEE 754 binary16 number: sign 1, exponent 5 (bias 15), mantissa 10 bits.
func halfToFloat(h uint16) float32 {
	sign, exp, man := uint32(h>>15)<<31, uint32(h>>10&31), uint32(h&1023)
	switch exp {
	case 0: // zero and subnormal numbers: man · 2^−24
		return math.Float32frombits(sign | math.Float32bits(float32(man)/(1<<24)))
	case 31:
		return math.Float32frombits(sign | 255<<23 | man<<13)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | man<<13)
}
