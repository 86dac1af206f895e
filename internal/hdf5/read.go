package hdf5

import (
	"encoding/binary"
	"fmt"
)

// maxDepth is how many groups may lie inside each other.
const maxDepth = 64

// Read returns the root group of a file. What it reads takes at most limit bytes of memory beyond the file, counted as its
// elements are stored, unpacked chunks and the bytes of strings included; a file with more is an error. A file whose
// structures refer to the same bytes again and again is an error too, so that time is bounded by the file's length and the
// limit. Checksums are not compared. Errors name the object by its path.
func Read(data []byte, limit int64) (*Group, error) {
	base, err := findSignature(data)
	if err != nil {
		return nil, fmt.Errorf("hdf5: %w", err)
	}
	r := &reader{file: data[base:], room: limit, seen: map[uint64]bool{}, heaps: map[uint64]map[uint16][]byte{}}
	r.work = 4*int64(len(r.file)) + 1<<16
	root, err := r.superblock()
	if err != nil {
		return nil, fmt.Errorf("hdf5: superblock: %w", err)
	}
	n, err := r.object("", root, 0)
	if err != nil {
		return nil, fmt.Errorf("hdf5: %w", err)
	}
	g, ok := n.(*Group)
	if !ok {
		return nil, fmt.Errorf("hdf5: the root is not a group")
	}
	return g, nil
}

// findSignature returns where the file begins: at 0, or at a power of two from 512 on.
func findSignature(data []byte) (int, error) {
	for at := 0; at+len(signature) <= len(data); at = max(512, 2*at) {
		if string(data[at:at+len(signature)]) == signature {
			return at, nil
		}
	}
	return 0, fmt.Errorf("not an HDF5 file: it has no signature")
}

// reader reads one file.
type reader struct {
	file  []byte // from the signature on
	work  int64  // bytes that may still be looked at
	room  int64  // bytes that what was read may still take
	seen  map[uint64]bool
	heaps map[uint64]map[uint16][]byte // collections of the global heap by address
}

// bytes returns n bytes of the file. All access goes through it.
func (r *reader) bytes(at, n uint64) ([]byte, error) {
	size := uint64(len(r.file))
	if at > size || n > size-at {
		return nil, fmt.Errorf("%d bytes at %d: the file has %d", n, at, size)
	}
	if r.work -= int64(n); r.work < 0 {
		return nil, fmt.Errorf("its parts refer to the same bytes again and again")
	}
	return r.file[at : at+n], nil
}

// at returns a cursor over n bytes of the file.
func (r *reader) at(at, n uint64) (*cursor, error) {
	b, err := r.bytes(at, n)
	return &cursor{b: b}, err
}

// tagged is at for a structure that begins with a tag, which it skips.
func (r *reader) tagged(tag string, at, n uint64) (*cursor, error) {
	c, err := r.at(at, n)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", tag, err)
	}
	if string(c.take(len(tag))) != tag {
		return nil, fmt.Errorf("no %s at %d", tag, at)
	}
	return c, nil
}

// reserve takes n bytes of what may be allocated.
func (r *reader) reserve(n uint64) error {
	if n > uint64(r.room) {
		return fmt.Errorf("%d bytes are more than the limit leaves (%d)", n, r.room)
	}
	r.room -= int64(n)
	return nil
}

// superblock returns the address of the root group's header.
func (r *reader) superblock() (uint64, error) {
	c, err := r.at(8, 8)
	if err != nil {
		return 0, err
	}
	version := c.u8()
	switch version {
	case 0, 1:
		c.skip(4)
		if err := eightBytes(c.u8(), c.u8()); err != nil {
			return 0, err
		}
		at := uint64(24 + 4*8 + 8) // behind four addresses, the second field of the root's entry
		if version == 1 {
			at += 4
		}
		if c, err = r.at(at, 8); err != nil {
			return 0, err
		}
		return c.u64(), nil
	case 2, 3:
		if err := eightBytes(c.u8(), c.u8()); err != nil {
			return 0, err
		}
		if c, err = r.at(36, 8); err != nil {
			return 0, err
		}
		return c.u64(), nil
	}
	return 0, fmt.Errorf("version %d, want 0 to 3", version)
}

// eightBytes refuses files whose addresses or lengths are not of 8 bytes.
func eightBytes(offsets, lengths uint8) error {
	if offsets != 8 || lengths != 8 {
		return fmt.Errorf("addresses of %d bytes and lengths of %d, want 8", offsets, lengths)
	}
	return nil
}

// cursor walks over bytes. Behind their end it gives zeros, and short is true.
type cursor struct {
	b     []byte
	short bool
}

// take returns the next n bytes.
func (c *cursor) take(n int) []byte {
	if n < 0 || n > len(c.b) {
		c.short, c.b = true, nil
		return nil
	}
	b := c.b[:n]
	c.b = c.b[n:]
	return b
}

func (c *cursor) skip(n int) { c.take(n) }

// uint returns the next n bytes, 0 to 8, as a number.
func (c *cursor) uint(n int) uint64 {
	var b [8]byte
	copy(b[:], c.take(min(n, 8)))
	return binary.LittleEndian.Uint64(b[:])
}

func (c *cursor) u8() uint8   { return uint8(c.uint(1)) }
func (c *cursor) u16() uint16 { return uint16(c.uint(2)) }
func (c *cursor) u32() uint32 { return uint32(c.uint(4)) }
func (c *cursor) u64() uint64 { return c.uint(8) }

// err reports whether the bytes ended too early.
func (c *cursor) err(what string) error {
	if c.short {
		return fmt.Errorf("%s: ends too early", what)
	}
	return nil
}
