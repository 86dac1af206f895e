package image

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// arrayRef names an array in the file: count numbers of a type from offset on, counted in bytes from the end of the
// header's padding.
type arrayRef struct {
	Count  int    `json:"count"`
	Offset int    `json:"offset"`
	Type   string `json:"type"` // i8, i16 or i32: the narrowest that holds every number
}

// width returns the bytes of one number of a type, or 0 for an unknown type.
func width(t string) int {
	switch t {
	case "i8":
		return 1
	case "i16":
		return 2
	case "i32":
		return 4
	}
	return 0
}

// narrowest returns the narrowest type that holds every value; an empty array is of type i8.
func narrowest(values []int32) string {
	if len(values) == 0 {
		return "i8"
	}
	lo, hi := slices.Min(values), slices.Max(values)
	switch {
	case lo >= math.MinInt8 && hi <= math.MaxInt8:
		return "i8"
	case lo >= math.MinInt16 && hi <= math.MaxInt16:
		return "i16"
	}
	return "i32"
}

// padded rounds n up to a multiple of 8.
func padded(n int) int { return (n + align - 1) / align * align }

// arrayWriter collects the arrays of a file in their order.
type arrayWriter struct {
	arrays [][]int32
	refs   []arrayRef
	end    int
}

// put adds an array and returns its place.
func (w *arrayWriter) put(values []int32) arrayRef {
	r := arrayRef{Count: len(values), Offset: w.end, Type: narrowest(values)}
	w.arrays, w.refs = append(w.arrays, values), append(w.refs, r)
	w.end = padded(w.end + r.Count*width(r.Type))
	return r
}

// bytes appends the numbers of array i, and the padding behind it, to dst.
func (w *arrayWriter) bytes(dst []byte, i int) []byte {
	for _, v := range w.arrays[i] {
		switch w.refs[i].Type {
		case "i8":
			dst = append(dst, byte(v))
		case "i16":
			dst = binary.LittleEndian.AppendUint16(dst, uint16(v))
		default:
			dst = binary.LittleEndian.AppendUint32(dst, uint32(v))
		}
	}
	n := w.refs[i].Count * width(w.refs[i].Type)
	return append(dst, make([]byte, padded(n)-n)...)
}

// arrayReader reads the arrays of a file in their order.
type arrayReader struct {
	data []byte
	next int
}

// take returns the array at a place, which must be the next one. It allocates no more than four times the bytes that
// the array takes in the file.
func (r *arrayReader) take(a arrayRef) ([]int32, error) {
	size := width(a.Type)
	switch {
	case size == 0:
		return nil, fmt.Errorf("array of unknown type %q", a.Type)
	case a.Offset != r.next:
		return nil, fmt.Errorf("array at offset %d: want %d, behind the array before it", a.Offset, r.next)
	case a.Count < 0 || a.Count > (len(r.data)-r.next)/size:
		return nil, fmt.Errorf("array of %d numbers of type %s at offset %d: the file has %d bytes of arrays", a.Count, a.Type, a.Offset, len(r.data))
	}
	b := r.data[r.next:][:a.Count*size]
	r.next += len(b)
	if r.next = padded(r.next); r.next > len(r.data) {
		return nil, fmt.Errorf("the array at offset %d is not padded to 8 bytes", a.Offset)
	}
	if !zero(r.data[a.Offset+len(b) : r.next]) {
		return nil, fmt.Errorf("the padding behind the array at offset %d is not zero", a.Offset)
	}
	if a.Count == 0 {
		return nil, r.isNarrowest(a, nil)
	}
	values := make([]int32, a.Count)
	for i := range values {
		switch size {
		case 1:
			values[i] = int32(int8(b[i]))
		case 2:
			values[i] = int32(int16(binary.LittleEndian.Uint16(b[2*i:])))
		default:
			values[i] = int32(binary.LittleEndian.Uint32(b[4*i:]))
		}
	}
	return values, r.isNarrowest(a, values)
}

// isNarrowest refuses an array that a narrower type would hold: an image has one stored form only.
func (r *arrayReader) isNarrowest(a arrayRef, values []int32) error {
	if t := narrowest(values); t != a.Type {
		return fmt.Errorf("array at offset %d of type %s: its numbers fit %s", a.Offset, a.Type, t)
	}
	return nil
}

// zero reports whether all bytes are zero.
func zero(b []byte) bool { return !slices.ContainsFunc(b, func(x byte) bool { return x != 0 }) }
