// Package npz reads and writes NumPy's .npz archives: the arrays that commands take and leave (`x`, `y`, `counts`, …).
//
// It exists beside the npyio library because archives come from outside: npyio allocates from the header, panics on
// malformed ones and knows neither version 3 headers nor Fortran order. Here a header is checked against the length
// of the data before anything is allocated. Structured and pickled (object) types are refused by name.
//
// Source of the format: numpy.lib.format, "NPY format", versions 1.0 to 3.0.
package npz

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// Array is one array of an archive.
type Array struct {
	Name  string // without the ending ".npy"
	Kind  byte   // 'f' float, 'i' signed integer, 'u' unsigned integer, 'b' bool
	Width int    // bytes per element: f 2,4,8; i and u 1,2,4,8; b 1
	Shape []int  // sizes, slowest dimension first; empty for a scalar
	Data  []byte // elements little-endian, last dimension fastest, whatever the file had
}

// Float32s makes an array of float32, shape (sizes…); len(values) must be their product.
func Float32s(name string, values []float32, sizes ...int) *Array {
	data := make([]byte, 0, 4*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	return &Array{Name: name, Kind: 'f', Width: 4, Shape: sizes, Data: data}
}

// Int32s makes an array of int32, shape (sizes…); len(values) must be their product.
func Int32s(name string, values []int32, sizes ...int) *Array {
	data := make([]byte, 0, 4*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint32(data, uint32(v))
	}
	return &Array{Name: name, Kind: 'i', Width: 4, Shape: sizes, Data: data}
}

// Int64s makes an array of int64, shape (sizes…); len(values) must be their product.
func Int64s(name string, values []int64, sizes ...int) *Array {
	data := make([]byte, 0, 8*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint64(data, uint64(v))
	}
	return &Array{Name: name, Kind: 'i', Width: 8, Shape: sizes, Data: data}
}

// Uint8s makes an array of uint8, shape (sizes…); len(values) must be their product. It keeps values.
func Uint8s(name string, values []uint8, sizes ...int) *Array {
	return &Array{Name: name, Kind: 'u', Width: 1, Shape: sizes, Data: values}
}

// Len is the number of elements.
func (a *Array) Len() int { return len(a.Data) / a.Width }

// Type is NumPy's name of the element type: "float32", "uint8", "bool".
func (a *Array) Type() string { return typeName(a.Kind, a.Width) }

func typeName(kind byte, width int) string {
	if kind == 'b' {
		return "bool"
	}
	return fmt.Sprintf("%s%d", map[byte]string{'f': "float", 'i': "int", 'u': "uint"}[kind], 8*width)
}

// String is name, type and shape: "x float32 (8, 1, 28, 28)".
func (a *Array) String() string { return fmt.Sprintf("%s %s %s", a.Name, a.Type(), shapeText(a.Shape)) }

// shapeText prints a shape as Python does: "()", "(5,)", "(2, 3)".
func shapeText(shape []int) string {
	text := strings.ReplaceAll(strings.Trim(fmt.Sprint(shape), "[]"), " ", ", ")
	if len(shape) == 1 {
		text += ","
	}
	return "(" + text + ")"
}

// Float32 returns the elements as float32, nearest value, ties to even; false is 0 and true is 1. A finite float64
// beyond the range of float32 becomes an infinity.
func (a *Array) Float32() []float32 {
	out := make([]float32, a.Len())
	for i := range out {
		p := a.Data[i*a.Width:]
		switch {
		case a.Kind == 'f' && a.Width == 2:
			out[i] = float32FromHalf(binary.LittleEndian.Uint16(p))
		case a.Kind == 'f' && a.Width == 4:
			out[i] = math.Float32frombits(binary.LittleEndian.Uint32(p))
		case a.Kind == 'f':
			out[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(p)))
		case a.Kind == 'i':
			out[i] = float32(a.signed(p))
		default:
			out[i] = float32(a.unsigned(p))
		}
	}
	return out
}

// Int64 returns the elements of an integer or bool array. Floats, even whole ones, are an error, and so is a uint64
// beyond the range of int64.
func (a *Array) Int64() ([]int64, error) {
	if a.Kind == 'f' {
		return nil, fmt.Errorf("%s: elements are %s, want integers", a.Name, a.Type())
	}
	out := make([]int64, a.Len())
	for i := range out {
		p := a.Data[i*a.Width:]
		if a.Kind == 'i' {
			out[i] = a.signed(p)
			continue
		}
		u := a.unsigned(p)
		if u > math.MaxInt64 {
			return nil, fmt.Errorf("%s: element %d is %d, more than %d", a.Name, i, u, int64(math.MaxInt64))
		}
		out[i] = int64(u)
	}
	return out, nil
}

func (a *Array) signed(p []byte) int64 {
	switch a.Width {
	case 1:
		return int64(int8(p[0]))
	case 2:
		return int64(int16(binary.LittleEndian.Uint16(p)))
	case 4:
		return int64(int32(binary.LittleEndian.Uint32(p)))
	}
	return int64(binary.LittleEndian.Uint64(p))
}

func (a *Array) unsigned(p []byte) uint64 {
	switch a.Width {
	case 1:
		return uint64(p[0])
	case 2:
		return uint64(binary.LittleEndian.Uint16(p))
	case 4:
		return uint64(binary.LittleEndian.Uint32(p))
	}
	return binary.LittleEndian.Uint64(p)
}

// float32FromHalf widens an IEEE 754 binary16; every value is exact.
func float32FromHalf(h uint16) float32 {
	sign := uint32(h>>15) << 31
	exponent, fraction := uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exponent {
	case 0: // zero or subnormal: fraction * 2^-24
		return math.Float32frombits(math.Float32bits(float32(fraction)*0x1p-24) | sign)
	case 0x1f:
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// Float64s makes an array of float64, shape (sizes…); len(values) must be their product.
func Float64s(name string, values []float64, sizes ...int) *Array {
	data := make([]byte, 0, 8*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint64(data, math.Float64bits(v))
	}
	return &Array{Name: name, Kind: 'f', Width: 8, Shape: sizes, Data: data}
}
