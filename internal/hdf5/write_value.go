package hdf5

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// Classes of datatypes.
const (
	classInteger  = 0
	classFloat    = 1
	classString   = 3
	classEnum     = 8
	classVariable = 9
)

// datatype returns the datatype message of a value, or what is wrong with it.
func datatype(v *Value) ([]byte, error) {
	n, err := dataLen(v.Data)
	if err != nil {
		return nil, err
	}
	if len(v.Dims) > maxRank {
		return nil, fmt.Errorf("%d dimensions, want at most %d", len(v.Dims), maxRank)
	}
	if v.Len() != n {
		return nil, fmt.Errorf("%d elements in dimensions %v", n, v.Dims)
	}
	if s, ok := v.Data.([]string); ok {
		return stringType(v.Fixed, s)
	}
	if v.Fixed != 0 {
		return nil, fmt.Errorf("numbers of %d bytes each, as strings", v.Fixed)
	}
	switch v.Data.(type) {
	case []float32:
		return []byte{0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0}, nil
	case []float64:
		return []byte{0x11, 0x20, 63, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52, 0xff, 3, 0, 0}, nil
	case []int8:
		return integerType(1, true), nil
	case []int16:
		return integerType(2, true), nil
	case []int32:
		return integerType(4, true), nil
	case []int64:
		return integerType(8, true), nil
	case []uint8:
		return integerType(1, false), nil
	case []uint16:
		return integerType(2, false), nil
	case []uint32:
		return integerType(4, false), nil
	}
	return integerType(8, false), nil
}

func integerType(size int, signed bool) []byte {
	b := []byte{0x10, 0, 0, 0}
	if signed {
		b[1] = 8
	}
	return le16(le16(le32(b, uint32(size)), 0), 8*size)
}

// stringType returns the type of strings in UTF-8, of variable length or filled up to fixed bytes.
func stringType(fixed int, all []string) ([]byte, error) {
	if fixed < 0 || fixed > math.MaxInt32 {
		return nil, fmt.Errorf("strings of %d bytes", fixed)
	}
	for _, s := range all {
		if strings.Contains(s, "\x00") || fixed > 0 && len(s) > fixed || len(s) > math.MaxInt32 {
			return nil, fmt.Errorf("string %.40q does not fit: it has a zero byte, or more than %d bytes", s, fixed)
		}
	}
	if fixed > 0 {
		charset := byte(0)
		for _, s := range all {
			if strings.ContainsFunc(s, func(r rune) bool { return r > 0x7f }) {
				charset = 1
			}
		}
		return le32([]byte{0x13, charset<<4 | 1, 0, 0}, uint32(fixed)), nil // padded with zero bytes
	}
	return append(le32([]byte{0x19, 0x01, 0x01, 0x00}, 16), integerType(1, false)...), nil
}

// dataspace returns the dataspace message of dimensions.
func dataspace(dims []int) []byte {
	if len(dims) == 0 {
		return []byte{2, 0, 0, 0}
	}
	b := []byte{2, byte(len(dims)), 0, 1}
	for _, d := range dims {
		b = le64(b, uint64(d))
	}
	return b
}

// elements returns the elements of a value as they are stored, and where the places of strings go.
func elements(v *Value) ([]byte, []heapString) {
	s, ok := v.Data.([]string)
	if !ok {
		var b bytes.Buffer
		if err := binary.Write(&b, binary.LittleEndian, v.Data); err != nil {
			panic("hdf5: " + err.Error()) // datatype takes only what binary.Write takes
		}
		return b.Bytes(), nil
	}
	var raw []byte
	var refs []heapString
	for _, x := range s {
		if v.Fixed > 0 {
			raw = append(append(raw, x...), make([]byte, v.Fixed-len(x))...)
			continue
		}
		raw = le32(raw, uint32(len(x)))
		if x != "" {
			refs = append(refs, heapString{len(raw), x})
		}
		raw = append(raw, make([]byte, 12)...)
	}
	return raw, refs
}
