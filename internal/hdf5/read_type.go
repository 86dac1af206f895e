package hdf5

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// dtype is a datatype of a file.
type dtype struct {
	class  uint8
	size   int // bytes of an element
	order  binary.ByteOrder
	signed bool
	spaces bool // strings end in spaces
}

// maxElement is the largest element that is read. [bytes]
const maxElement = 1 << 24

// maxTypes is how many datatypes may be built on each other.
const maxTypes = 8

// readType reads a datatype message; depth counts the types that it is the base of.
func readType(c *cursor, depth int) (dtype, error) {
	head := c.u8()
	flags := c.uint(3)
	size := uint64(c.u32())
	t := dtype{class: head & 15, size: int(size), order: binary.LittleEndian}
	if err := c.err("datatype"); err != nil {
		return t, err
	}
	if size == 0 || size > maxElement || depth > maxTypes {
		return t, fmt.Errorf("datatype of class %d with elements of %d bytes", t.class, size)
	}
	if flags&1 != 0 {
		t.order = binary.BigEndian
	}
	switch t.class {
	case classInteger:
		t.signed = flags&8 != 0
		offset, precision := c.u16(), int(c.u16())
		if offset != 0 || precision != 8*t.size || t.size&(t.size-1) != 0 || t.size > 8 {
			return t, fmt.Errorf("integers of %d bits in %d bytes, which are not read", precision, t.size)
		}
		return t, c.err("datatype")
	case classFloat:
		return t, floatType(t, c, flags)
	case classString:
		t.order, t.spaces = binary.LittleEndian, flags&15 == 2
		return t, nil
	case classEnum:
		base, err := readType(c, depth+1)
		if err == nil && (base.class != classInteger || base.size != t.size) {
			err = fmt.Errorf("enumeration of class %d", base.class)
		}
		return base, err
	case classVariable:
		if flags&15 != 1 || t.size != 16 {
			return t, fmt.Errorf("sequences of variable length, which are not read")
		}
		t.order = binary.LittleEndian
		return t, nil
	}
	return t, fmt.Errorf("datatype of class %d, which is not read", t.class)
}

// floatType refuses floating-point numbers that are not of IEEE 754.
func floatType(t dtype, c *cursor, flags uint64) error {
	offset, precision := c.u16(), int(c.u16())
	exponentAt, exponentBits, mantissaAt, mantissaBits := int(c.u8()), int(c.u8()), c.u8(), int(c.u8())
	bias := c.u32()
	if err := c.err("datatype"); err != nil {
		return err
	}
	mantissas := map[int]int{2: 10, 4: 23, 8: 52}
	bits := 8 * t.size
	want := mantissas[t.size]
	if want == 0 || offset != 0 || precision != bits || flags&0x40 != 0 || int(flags>>8) != bits-1 || mantissaAt != 0 ||
		mantissaBits != want || exponentAt != want || exponentBits != bits-1-want || bias != 1<<(exponentBits-1)-1 {
		return fmt.Errorf("floating-point numbers of %d bits in %d bytes that are not those of IEEE 754", precision, t.size)
	}
	return nil
}

// readSpace reads a dataspace message.
func readSpace(body []byte) ([]int, error) {
	c := &cursor{b: body}
	version, rank, _ := c.u8(), int(c.u8()), c.u8()
	switch kind := c.u8(); {
	case version != 1 && version != 2:
		return nil, fmt.Errorf("dataspace of version %d, want 1 or 2", version)
	case rank > maxRank:
		return nil, fmt.Errorf("%d dimensions, want at most %d", rank, maxRank)
	case version == 1:
		c.skip(4)
	case kind > 1:
		return nil, fmt.Errorf("no elements at all, not even an empty array, which is not read")
	}
	v := Value{}
	for range rank {
		n := c.u64()
		if n > math.MaxInt {
			return nil, fmt.Errorf("dimension of %d", n)
		}
		v.Dims = append(v.Dims, int(n))
	}
	if v.Len() < 0 {
		return nil, fmt.Errorf("dimensions %v, which are too large", v.Dims)
	}
	return v.Dims, c.err("dataspace")
}

// decode makes n elements of their stored bytes. Their room was reserved, but for that of strings' own bytes.
func (r *reader) decode(t dtype, raw []byte, n int) (any, error) {
	switch t.class {
	case classString:
		return r.fixedStrings(t, raw, n)
	case classVariable:
		return r.variableStrings(raw, n)
	case classFloat:
		switch t.size {
		case 2:
			return numbers(raw, n, 2, func(b []byte) float32 { return half(t.order.Uint16(b)) }), nil
		case 4:
			return numbers(raw, n, 4, func(b []byte) float32 { return math.Float32frombits(t.order.Uint32(b)) }), nil
		}
		return numbers(raw, n, 8, func(b []byte) float64 { return math.Float64frombits(t.order.Uint64(b)) }), nil
	}
	switch {
	case t.size == 1 && t.signed:
		return numbers(raw, n, 1, func(b []byte) int8 { return int8(b[0]) }), nil
	case t.size == 1:
		return bytes.Clone(raw[:n:n]), nil
	case t.size == 2 && t.signed:
		return numbers(raw, n, 2, func(b []byte) int16 { return int16(t.order.Uint16(b)) }), nil
	case t.size == 2:
		return numbers(raw, n, 2, t.order.Uint16), nil
	case t.size == 4 && t.signed:
		return numbers(raw, n, 4, func(b []byte) int32 { return int32(t.order.Uint32(b)) }), nil
	case t.size == 4:
		return numbers(raw, n, 4, t.order.Uint32), nil
	case t.signed:
		return numbers(raw, n, 8, func(b []byte) int64 { return int64(t.order.Uint64(b)) }), nil
	}
	return numbers(raw, n, 8, t.order.Uint64), nil
}

// numbers makes n numbers of size bytes each.
func numbers[T number](raw []byte, n, size int, of func([]byte) T) []T {
	v := make([]T, n)
	for i := range v {
		v[i] = of(raw[i*size : (i+1)*size])
	}
	return v
}

// half returns a floating-point number of 16 bits, exactly.
func half(b uint16) float32 {
	sign, exponent, mantissa := float64(1), int(b>>10&31), float64(b&1023)
	if b>>15 != 0 {
		sign = -1
	}
	switch {
	case exponent == 31 && mantissa != 0:
		return float32(math.NaN())
	case exponent == 31:
		return float32(math.Inf(int(sign)))
	case exponent == 0:
		return float32(sign * math.Ldexp(mantissa, -24))
	}
	return float32(sign * math.Ldexp(1024+mantissa, exponent-25))
}

// fixedStrings makes n strings that end at a zero byte or with their room, or before spaces that fill it.
func (r *reader) fixedStrings(t dtype, raw []byte, n int) ([]string, error) {
	if err := r.reserve(16 * uint64(n)); err != nil {
		return nil, err
	}
	v := make([]string, n)
	for i := range v {
		s, _, _ := bytes.Cut(raw[i*t.size:(i+1)*t.size], []byte{0})
		v[i] = string(s)
		if t.spaces {
			v[i] = strings.TrimRight(v[i], " ")
		}
	}
	return v, nil
}

// variableStrings makes n strings from the global heap.
func (r *reader) variableStrings(raw []byte, n int) ([]string, error) {
	v := make([]string, n)
	c := &cursor{b: raw}
	for i := range v {
		length, at, index := uint64(c.u32()), c.u64(), c.u32()
		if length == 0 || at == 0 {
			continue
		}
		heap, err := r.globalHeap(at)
		if err != nil {
			return nil, err
		}
		object, ok := heap[uint16(index)]
		if !ok || index > math.MaxUint16 || length > uint64(len(object)) {
			return nil, fmt.Errorf("string of %d bytes: the heap at %d has no such object %d", length, at, index)
		}
		if err := r.reserve(length); err != nil {
			return nil, err
		}
		v[i] = string(object[:length])
	}
	return v, nil
}

// globalHeap returns the objects of the collection at an address.
func (r *reader) globalHeap(at uint64) (map[uint16][]byte, error) {
	if h, ok := r.heaps[at]; ok {
		return h, nil
	}
	c, err := r.tagged("GCOL", at, 16)
	if err != nil {
		return nil, err
	}
	c.skip(4)
	size := c.u64()
	if size < 16 {
		return nil, fmt.Errorf("GCOL of %d bytes", size)
	}
	if c, err = r.at(at+16, size-16); err != nil {
		return nil, fmt.Errorf("GCOL: %w", err)
	}
	h := map[uint16][]byte{}
	for len(c.b) >= 16 {
		index := c.u16()
		c.skip(6)
		n := c.u64()
		if index == 0 {
			break
		}
		if n > uint64(len(c.b)) {
			return nil, fmt.Errorf("GCOL: object of %d bytes", n)
		}
		h[index] = c.take(int(n))
		c.skip(min(-int(n)&7, len(c.b)))
	}
	r.heaps[at] = h
	return h, nil
}
