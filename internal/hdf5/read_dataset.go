package hdf5

import (
	"bytes"
	"fmt"
)

// shape is what the header of a dataset, or an attribute, says of its elements.
type shape struct {
	dims []int
	n    int // elements
	t    dtype
	fill []byte // an element that was never written; nil: zeros
}

// size returns the bytes of all elements; it was checked that they fit.
func (s *shape) size() int { return s.n * s.t.size }

// newShape reads a dataspace and a datatype, and reserves room for the elements.
func (r *reader) newShape(space, kind []byte) (s shape, err error) {
	if s.dims, err = readSpace(space); err != nil {
		return s, err
	}
	if s.t, err = readType(&cursor{b: kind}, 0); err != nil {
		return s, err
	}
	s.n = (&Value{Dims: s.dims}).Len()
	each := uint64(s.t.size)
	if s.t.class == classFloat && each == 2 {
		each = 4
	}
	if uint64(s.n) > uint64(r.room)/each {
		return s, fmt.Errorf("%d elements of %d bytes are more than the limit leaves (%d bytes)", s.n, each, r.room)
	}
	return s, r.reserve(uint64(s.n) * each)
}

// value makes a value of all elements as they are stored.
func (r *reader) value(s *shape, raw []byte) (Value, error) {
	v := Value{Dims: s.dims}
	if s.t.class == classString {
		v.Fixed = s.t.size
	}
	var err error
	v.Data, err = r.decode(s.t, raw, s.n)
	return v, err
}

// dataset reads the elements of a dataset.
func (r *reader) dataset(messages []headerMessage) (Value, error) {
	if find(messages, msgExternal) != nil {
		return Value{}, fmt.Errorf("its data are in another file, which is not read")
	}
	s, err := r.newShape(find(messages, msgDataspace), find(messages, msgDatatype))
	if err != nil {
		return Value{}, err
	}
	if s.fill, err = fillValue(messages, s.t.size); err != nil {
		return Value{}, err
	}
	filters, err := readFilters(find(messages, msgFilters))
	if err != nil {
		return Value{}, err
	}
	raw, err := r.layout(find(messages, msgLayout), &s, filters)
	if err != nil {
		return Value{}, err
	}
	return r.value(&s, raw)
}

// fillValue returns the bytes of an element that was never written, nil for zeros.
func fillValue(messages []headerMessage, size int) ([]byte, error) {
	c := &cursor{b: find(messages, msgOldFill)}
	defined := len(c.b) > 0
	if b := find(messages, msgFill); b != nil {
		c = &cursor{b: b}
		switch version := c.u8(); version {
		case 1, 2:
			c.skip(2)
			defined = c.u8() != 0
		case 3:
			defined = c.u8()&0x20 != 0
		default:
			return nil, fmt.Errorf("fill value of version %d, want 1 to 3", version)
		}
	}
	if !defined {
		return nil, nil
	}
	n := c.u32()
	if n == 0 {
		return nil, nil
	}
	value := c.take(int(n))
	if c.short || len(value) != size {
		return nil, fmt.Errorf("fill value of %d bytes for elements of %d", n, size)
	}
	if len(bytes.Trim(value, "\x00")) == 0 {
		return nil, nil
	}
	return value, nil
}

// unwritten returns all elements as if none had been written.
func (s *shape) unwritten() []byte {
	if s.fill == nil {
		return make([]byte, s.size())
	}
	return bytes.Repeat(s.fill, s.n)
}

// Classes of layouts.
const (
	layoutCompact    = 0
	layoutContiguous = 1
	layoutChunked    = 2
)

// layout returns the stored elements of a dataset.
func (r *reader) layout(body []byte, s *shape, filters []filter) ([]byte, error) {
	c := &cursor{b: body}
	version, class := c.u8(), c.u8()
	if version != 3 && version != 4 {
		return nil, fmt.Errorf("layout of version %d, which is not read; write the file again with libver='earliest'", version)
	}
	switch class {
	case layoutCompact:
		n := int(c.u16())
		raw := c.take(n)
		if c.short || n != s.size() {
			return nil, fmt.Errorf("%d bytes in its header for elements of %d", n, s.size())
		}
		return raw, nil
	case layoutContiguous:
		at, n := c.u64(), c.u64()
		if err := c.err("layout"); err != nil {
			return nil, err
		}
		if at == undefined {
			return s.unwritten(), nil
		}
		if n != uint64(s.size()) {
			return nil, fmt.Errorf("%d bytes for elements of %d", n, s.size())
		}
		return r.bytes(at, n)
	case layoutChunked:
		g, err := newGrid(s, filters)
		if err != nil {
			return nil, err
		}
		if version == 3 {
			return g.raw, r.treeChunks(c, g)
		}
		return g.raw, r.indexedChunks(c, g)
	}
	return nil, fmt.Errorf("layout of class %d, which is not read", class)
}

// attributes returns the attributes of an object.
func (r *reader) attributes(messages []headerMessage) (map[string]Value, error) {
	var all map[string]Value
	for _, m := range messages {
		switch m.kind {
		case msgAttrInfo:
			c := &cursor{b: m.body}
			c.skip(1)
			if c.u8()&1 != 0 {
				c.skip(2)
			}
			if heap := c.u64(); heap != undefined || c.short {
				return nil, fmt.Errorf("more attributes than fit its header, which are not read")
			}
		case msgAttribute:
			name, v, err := r.attribute(m.body)
			if err != nil {
				return nil, fmt.Errorf("attribute %q: %w", name, err)
			}
			if all == nil {
				all = map[string]Value{}
			}
			all[name] = v
		}
	}
	return all, nil
}

// attribute reads one attribute.
func (r *reader) attribute(body []byte) (string, Value, error) {
	c := &cursor{b: body}
	version, flags := c.u8(), c.u8()
	sizes := [3]int{int(c.u16()), int(c.u16()), int(c.u16())} // of name, datatype and dataspace
	if version < 1 || version > 3 || version > 1 && flags != 0 {
		return "", Value{}, fmt.Errorf("version %d with flags %d, which is not read", version, flags)
	}
	if version == 3 {
		c.skip(1)
	}
	var parts [3][]byte
	for i, n := range sizes {
		parts[i] = c.take(n)
		if version == 1 {
			c.skip(-n & 7)
		}
	}
	name, _, _ := bytes.Cut(parts[0], []byte{0})
	s, err := r.newShape(parts[2], parts[1])
	if err != nil {
		return string(name), Value{}, err
	}
	raw := c.take(s.size())
	if err := c.err("message"); err != nil {
		return string(name), Value{}, err
	}
	v, err := r.value(&s, raw)
	return string(name), v, err
}
