package onnx

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strconv"
)

// maxRank bounds the dimensions of a tensor; no operator of a CNN has more than 5.
const maxRank = 16

// wireTensor is a TensorProto as it stands in the file.
type wireTensor struct {
	name     string
	body     []byte // the whole message: typed data are read from it where they lie
	dims     []int64
	rank     int // number of dims; of more than maxRank not all are kept
	dtype    uint64
	raw      []byte // raw_data
	hasRaw   bool
	floats   int64 // number of elements in float_data
	doubles  int64 // in double_data
	ints     int64 // in int32_data, int64_data and uint64_data
	external map[string]string
	location uint64 // data_location; 1 = external
}

// parseTensor reads a TensorProto, but for its typed data, which it counts.
func parseTensor(b []byte) (*wireTensor, error) {
	t := &wireTensor{body: b}
	err := fields(b, func(x field) (err error) {
		var n int64
		switch x.num {
		case 1:
			return t.addDims(x)
		case 2:
			t.dtype = x.v
		case 4:
			t.floats += fixedCount(x, wireFixed32)
		case 5, 7, 11:
			n, err = varintCount(x)
			t.ints += n
		case 8:
			t.name, err = nameOf(x.val)
		case 9:
			t.raw, t.hasRaw = x.val, true
		case 10:
			t.doubles += fixedCount(x, wireFixed64)
		case 13:
			err = t.addExternal(x.val)
		case 14:
			t.location = x.v
		}
		return err
	})
	return t, err
}

// addDims appends dimensions, packed or not.
func (t *wireTensor) addDims(x field) error {
	return eachVarint(x, func(v uint64) {
		if t.rank++; t.rank <= maxRank {
			t.dims = append(t.dims, int64(v))
		}
	})
}

// fixedCount returns the number of elements of a repeated field of 4 or 8 bytes each, packed or not.
func fixedCount(x field, wire int) int64 {
	switch {
	case x.wire == wire:
		return 1
	case wire == wireFixed32:
		return int64(len(x.val) / 4)
	}
	return int64(len(x.val) / 8)
}

// addExternal reads one key and value of external_data.
func (t *wireTensor) addExternal(b []byte) error {
	var key, value string
	err := fields(b, func(x field) (err error) {
		switch x.num {
		case 1:
			key, err = nameOf(x.val)
		case 2:
			value, err = nameOf(x.val)
		}
		return err
	})
	if t.external == nil {
		t.external = map[string]string{}
	}
	switch key {
	case "location", "offset", "length": // what else there is, such as a checksum, has no use here
		t.external[key] = value
	}
	return err
}

// count returns the number of elements, or what is wrong with the dimensions.
func (t *wireTensor) count() (int64, *problem) {
	if t.rank > maxRank {
		return 0, problemf(idTensorData, "has %d dimensions, at most %d are taken", t.rank, maxRank)
	}
	n := int64(1)
	for _, d := range t.dims {
		switch {
		case d < 0:
			return 0, problemf(idTensorData, "shape %v has a negative dimension", t.dims)
		case d == 0 || n == 0:
			n = 0
		case d > math.MaxInt64/8/n && !slices.Contains(t.dims, 0):
			return 0, problemf(idTensorData, "shape %v has more elements than a file can hold", t.dims)
		default:
			n *= d
		}
	}
	return n, nil
}

// decode returns the tensor's elements as float32 or int64. It must have elements; their memory is taken from m.
func (t *wireTensor) decode(files *externalFiles, m *memory) (*constant, *problem) {
	elem, ok := elementTypes[t.dtype]
	if !ok {
		return nil, problemf(idElementType, "has element type %s", typeName(t.dtype)).withRemedy("export the model in float32")
	}
	n, p := t.count()
	if p != nil {
		return nil, p
	}
	if n > maxFile/int64(elem.size) {
		return nil, problemf(idTensorData, "shape %v of %s has more than the %d bytes of the format", t.dims, elem.name, int64(maxFile)).
			withRemedy("train a smaller layer; no chip holds so many weights")
	}
	var section *externalSection
	if t.location == 1 {
		if section, p = t.openExternal(files, n*int64(elem.size)); p != nil {
			return nil, p
		}
		defer section.close()
	} else if have := t.stored(elem); have != n {
		return nil, problemf(idTensorData, "holds %d elements of data, its shape %v has %d", have, t.dims, n).withRemedy("export the model again; the file is damaged")
	}
	c := &constant{name: t.name, isInt: !elem.float, kind: t.dtype}
	for _, d := range t.dims {
		c.dims = append(c.dims, int(d))
	}
	if c.isInt && elem.size < 8 && n > keptIntegers {
		return c.keep(t, elem, n, section, m)
	}
	if !m.take(n, c.elementSize()) {
		return nil, noMemory(n)
	}
	if section != nil {
		c.grow(int(n))
		return c, section.each(func(b []byte) { c.addRaw(t.dtype, elem, b) })
	}
	c.fill(t, elem, n)
	return c, nil
}

// keep leaves the elements of a large tensor of integers as they are stored; those of another file are read.
func (c *constant) keep(t *wireTensor, elem elementType, n int64, section *externalSection, m *memory) (*constant, *problem) {
	c.packed = &packed{t, elem, n}
	if section == nil {
		return c, nil
	}
	if !m.take(section.length, 1) {
		return nil, noMemory(n)
	}
	t.raw, t.hasRaw = make([]byte, 0, section.length), true
	return c, section.each(func(b []byte) { t.raw = append(t.raw, b...) })
}

// fill makes the n elements that the tensor holds itself.
func (c *constant) fill(t *wireTensor, elem elementType, n int64) {
	c.grow(int(n))
	if t.hasRaw {
		c.addRaw(t.dtype, elem, t.raw)
	} else {
		t.addTyped(c, elem)
	}
}

// stored returns the number of elements that the file itself holds, or −1 for a part of an element.
func (t *wireTensor) stored(elem elementType) int64 {
	switch {
	case t.hasRaw && len(t.raw)%elem.size != 0:
		return -1
	case t.hasRaw:
		return int64(len(t.raw) / elem.size)
	case t.dtype == typeFloat32:
		return t.floats
	case t.dtype == typeFloat64:
		return t.doubles
	}
	return t.ints
}

// addTyped appends the elements of the typed data of the element's format.
func (t *wireTensor) addTyped(c *constant, elem elementType) {
	// The message was read before, so that there can be no error.
	_ = fields(t.body, func(x field) error {
		switch {
		case t.dtype == typeFloat32 && x.num == 4:
			t.addFixed(c, elem, x, wireFixed32, 4)
		case t.dtype == typeFloat64 && x.num == 10:
			t.addFixed(c, elem, x, wireFixed64, 8)
		}
		return nil
	})
	if t.dtype != typeFloat32 && t.dtype != typeFloat64 {
		t.eachTyped(func(bits uint64) { c.addBits(t.dtype, elem, bits) })
	}
}

// eachTyped calls f for the bits of each element of the typed data for integers, which also hold narrow floats.
func (t *wireTensor) eachTyped(f func(bits uint64)) {
	_ = fields(t.body, func(x field) error { // read before, as above
		if x.num == 5 || x.num == 7 || x.num == 11 {
			return eachVarint(x, f)
		}
		return nil
	})
}

// addFixed appends a field of elements of size bytes, packed or not.
func (t *wireTensor) addFixed(c *constant, elem elementType, x field, wire, size int) {
	if x.wire == wire {
		c.addBits(t.dtype, elem, x.v)
		return
	}
	c.addRaw(t.dtype, elem, x.val[:len(x.val)/size*size])
}

// elementSize returns the bytes that an element takes.
func (c *constant) elementSize() int64 {
	if c.isInt {
		return 8
	}
	return 4
}

// grow allocates room for n elements.
func (c *constant) grow(n int) {
	if c.isInt {
		c.ints = make([]int64, 0, n)
	} else {
		c.floats = make([]float32, 0, n)
	}
}

// addBits appends one element, given by its bits.
func (c *constant) addBits(dtype uint64, elem elementType, bits uint64) {
	if elem.float {
		c.floats = append(c.floats, toFloat(dtype, bits))
	} else {
		c.ints = append(c.ints, toInt(dtype, bits))
	}
}

// addRaw appends elements as raw_data holds them, little-endian.
func (c *constant) addRaw(dtype uint64, elem elementType, b []byte) {
	if dtype == typeFloat32 { // the bulk of all weights
		at := len(c.floats)
		c.floats = c.floats[:at+len(b)/4]
		for i := range c.floats[at:] {
			c.floats[at+i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
		return
	}
	for ; len(b) >= elem.size; b = b[elem.size:] {
		c.addBits(dtype, elem, littleEndian(b[:elem.size]))
	}
}

// openExternal returns the tensor's data of size bytes in its file.
func (t *wireTensor) openExternal(files *externalFiles, size int64) (*externalSection, *problem) {
	location := t.external["location"]
	number := func(key string, missing int64) (int64, *problem) {
		s, ok := t.external[key]
		if !ok {
			return missing, nil
		}
		v, err := strconv.ParseInt(s, 10, 64)
		if errors.Is(err, strconv.ErrRange) && v > 0 {
			return v, nil // beyond the end of any file, which is what the message will say
		}
		if err != nil || v < 0 {
			return 0, problemf(idExternal, "external data %s: %s %s is not a number of bytes", quoted(location), key, quoted(s))
		}
		return v, nil
	}
	offset, p := number("offset", 0)
	if p != nil {
		return nil, p
	}
	length, p := number("length", size)
	if p != nil {
		return nil, p
	}
	if length != size {
		return nil, problemf(idExternal, "external data %s: length is %d bytes, shape %v needs %d", quoted(location), length, t.dims, size)
	}
	return files.open(location, offset, length)
}
