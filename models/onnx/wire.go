package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Wire types of protobuf.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

// errVarint is a varint that runs off the end or over 64 bits.
var errVarint = errors.New("broken variable-length number")

// field is one field of a protobuf message.
type field struct {
	num  int    // field number
	wire int    // wire type
	val  []byte // content of wireBytes
	v    uint64 // value of the other types
	raw  []byte // the field as it stands, tag included
}

// fields calls f for each field of message b, in order, until f fails or b ends. It fails on bytes that are not a
// message; groups, which ONNX does not use, are such bytes.
func fields(b []byte, f func(field) error) error {
	for pos := 0; pos < len(b); {
		x, n, err := readField(b[pos:])
		if err != nil {
			return fmt.Errorf("at byte %d of %d: %w", pos, len(b), err)
		}
		if err := f(x); err != nil {
			return err
		}
		pos += n
	}
	return nil
}

// readField reads the field that b starts with and returns its length.
func readField(b []byte) (field, int, error) {
	tag, n := binary.Uvarint(b)
	if n <= 0 {
		return field{}, 0, errVarint
	}
	x := field{num: int(tag >> 3 & 0x1fffffff), wire: int(tag & 7)}
	if tag>>32 != 0 || x.num == 0 {
		return x, 0, fmt.Errorf("field number %d is not possible", tag>>3)
	}
	rest := b[n:]
	switch x.wire {
	case wireVarint:
		v, m := binary.Uvarint(rest)
		if m <= 0 {
			return x, 0, errVarint
		}
		x.v, n = v, n+m
	case wireFixed64, wireFixed32:
		size := 8
		if x.wire == wireFixed32 {
			size = 4
		}
		if len(rest) < size {
			return x, 0, fmt.Errorf("field %d is cut off", x.num)
		}
		x.v, n = littleEndian(rest[:size]), n+size
	case wireBytes:
		length, m := binary.Uvarint(rest)
		if m <= 0 {
			return x, 0, errVarint
		}
		if length > uint64(len(rest)-m) {
			return x, 0, fmt.Errorf("field %d has %d bytes, only %d are there", x.num, length, len(rest)-m)
		}
		x.val, n = rest[m:m+int(length)], n+m+int(length)
	default:
		return x, 0, fmt.Errorf("field %d has wire type %d", x.num, x.wire)
	}
	x.raw = b[:n]
	return x, n, nil
}

// littleEndian reads an unsigned number of len(b) ≤ 8 bytes.
func littleEndian(b []byte) uint64 {
	var v uint64
	for i, c := range b {
		v |= uint64(c) << (8 * i)
	}
	return v
}

// eachVarint calls f for each number of a repeated integer field, packed or not.
func eachVarint(x field, f func(v uint64)) error {
	if x.wire != wireBytes {
		f(x.v)
		return nil
	}
	for b := x.val; len(b) > 0; {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return errVarint
		}
		f(v)
		b = b[n:]
	}
	return nil
}

// varintCount returns how many numbers a repeated integer field holds.
func varintCount(x field) (n int64, err error) {
	err = eachVarint(x, func(uint64) { n++ })
	return n, err
}

// appendTag appends the tag of a field.
func appendTag(dst []byte, num, wire int) []byte {
	return binary.AppendUvarint(dst, uint64(num)<<3|uint64(wire))
}

// appendBytes appends a field of bytes, a string or a message.
func appendBytes[T []byte | string](dst []byte, num int, val T) []byte {
	dst = binary.AppendUvarint(appendTag(dst, num, wireBytes), uint64(len(val)))
	return append(dst, val...)
}

// appendVarint appends an integer field.
func appendVarint(dst []byte, num int, v uint64) []byte {
	return binary.AppendUvarint(appendTag(dst, num, wireVarint), v)
}
