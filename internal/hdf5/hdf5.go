// Package hdf5 reads and writes the part of the HDF5 file format that NIR and netx files need: groups, datasets and
// attributes of numbers and strings. The format is that of the HDF5 File Format Specification of The HDF Group; the tests
// compare it with h5py.
//
// Read takes what h5py writes by default and in its older modes: superblocks 0 to 3, both kinds of object headers,
// groups as symbol tables, as links and as dense links, data that are compact, contiguous or chunked, the filters deflate,
// shuffle and fletcher32. Everything else is an error that names the object. Write writes superblock 2, links and
// contiguous data; equal content gives equal bytes.
package hdf5

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// Node is a *Group or a *Dataset.
type Node interface{ node() }

// Group holds other nodes by their names. A name is not empty, and has no '/' and no zero byte.
type Group struct {
	Links map[string]Node
	Attrs map[string]Value
}

// Dataset is a value in a file of its own name.
type Dataset struct {
	Value
	Attrs map[string]Value
}

func (*Group) node()   {}
func (*Dataset) node() {}

// Value is an array of numbers or strings, row-major.
type Value struct {
	// Dims are the sizes of the dimensions; none for a scalar, which has one element.
	Dims []int
	// Data is one of []float32, []float64, []int8, []int16, []int32, []int64, []uint8, []uint16, []uint32, []uint64 and
	// []string. Floats of 16 bits are read as float32; an enumeration, and so h5py's bool, is read as its integers.
	Data any
	// Fixed is the number of bytes of each string where all take the same room, filled up with zero bytes; 0 for strings of
	// variable length.
	Fixed int
}

// number is a type of numbers that a dataset may hold.
type number interface {
	float32 | float64 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

// Array returns a dataset of a vector or, with dimensions, of an array.
func Array[T number | string](data []T, dims ...int) *Dataset {
	if len(dims) == 0 {
		dims = []int{len(data)}
	}
	return &Dataset{Value: Value{Dims: dims, Data: data}}
}

// Scalar returns a dataset of one element without dimensions.
func Scalar[T number | string](x T) *Dataset { return &Dataset{Value: Value{Data: []T{x}}} }

// Len returns the number of elements that the dimensions say, or −1 where that is no number of elements.
func (v *Value) Len() int {
	n := 1
	for _, d := range v.Dims {
		if d < 0 || d > 0 && n > math.MaxInt/d {
			return -1
		}
		n *= d
	}
	return n
}

// Names returns the names of a group's links in ascending order.
func (g *Group) Names() []string { return slices.Sorted(maps.Keys(g.Links)) }

// maxRank is how many dimensions the format allows.
const maxRank = 32

// undefined is the address that stands for none.
const undefined = math.MaxUint64

// Types of header messages.
const (
	msgDataspace    = 0x01
	msgLinkInfo     = 0x02
	msgDatatype     = 0x03
	msgOldFill      = 0x04
	msgFill         = 0x05
	msgLink         = 0x06
	msgExternal     = 0x07
	msgLayout       = 0x08
	msgGroupInfo    = 0x0a
	msgFilters      = 0x0b
	msgAttribute    = 0x0c
	msgContinuation = 0x10
	msgSymbolTable  = 0x11
	msgAttrInfo     = 0x15
)

// signature begins every file.
const signature = "\x89HDF\r\n\x1a\n"

// dataLen returns the number of elements of data, and an error where their type is none of Value's.
func dataLen(data any) (int, error) {
	switch d := data.(type) {
	case []float32:
		return len(d), nil
	case []float64:
		return len(d), nil
	case []int8:
		return len(d), nil
	case []int16:
		return len(d), nil
	case []int32:
		return len(d), nil
	case []int64:
		return len(d), nil
	case []uint8:
		return len(d), nil
	case []uint16:
		return len(d), nil
	case []uint32:
		return len(d), nil
	case []uint64:
		return len(d), nil
	case []string:
		return len(d), nil
	}
	return 0, fmt.Errorf("data of type %T", data)
}
