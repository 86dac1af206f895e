package onnx

import (
	"encoding/binary"
	"math"
	"strconv"
)

// maxRank bounds the dimensions of a tensor; no operator of a CNN has more than 5.
const maxRank = 16

// wireTensor is a TensorProto as it stands in the file.
type wireTensor struct {
	name     string
	dims     []int64
	dtype    uint64
	raw      []byte // raw_data
	hasRaw   bool
	floats   []float32 // float_data
	doubles  []float64 // double_data
	ints     []int64   // int32_data, int64_data or uint64_data
	external map[string]string
	location uint64 // data_location; 1 = external
}

// parseTensor reads a TensorProto.
func parseTensor(b []byte) (*wireTensor, error) {
	t := &wireTensor{}
	err := fields(b, func(x field) (err error) {
		switch x.num {
		case 1:
			t.dims, err = varints(t.dims, x)
		case 2:
			t.dtype = x.v
		case 4:
			t.addFloats(x)
		case 5, 7, 11:
			t.ints, err = varints(t.ints, x)
		case 8:
			t.name = string(x.val)
		case 9:
			t.raw, t.hasRaw = x.val, true
		case 10:
			t.addDoubles(x)
		case 13:
			err = t.addExternal(x.val)
		case 14:
			t.location = x.v
		}
		return err
	})
	return t, err
}

// addFloats appends float_data, packed or not.
func (t *wireTensor) addFloats(x field) {
	if x.wire == wireFixed32 {
		t.floats = append(t.floats, math.Float32frombits(uint32(x.v)))
	}
	for b := x.val; len(b) >= 4; b = b[4:] {
		t.floats = append(t.floats, math.Float32frombits(binary.LittleEndian.Uint32(b)))
	}
}

// addDoubles appends double_data, packed or not.
func (t *wireTensor) addDoubles(x field) {
	if x.wire == wireFixed64 {
		t.doubles = append(t.doubles, math.Float64frombits(x.v))
	}
	for b := x.val; len(b) >= 8; b = b[8:] {
		t.doubles = append(t.doubles, math.Float64frombits(binary.LittleEndian.Uint64(b)))
	}
}

// addExternal reads one key and value of external_data.
func (t *wireTensor) addExternal(b []byte) error {
	var key, value string
	err := fields(b, func(x field) error {
		switch x.num {
		case 1:
			key = string(x.val)
		case 2:
			value = string(x.val)
		}
		return nil
	})
	if t.external == nil {
		t.external = map[string]string{}
	}
	t.external[key] = value
	return err
}

// count returns the number of elements, or what is wrong with the dimensions.
func (t *wireTensor) count() (int64, *problem) {
	if len(t.dims) > maxRank {
		return 0, problemf(idTensorData, "has %d dimensions, at most %d are taken", len(t.dims), maxRank)
	}
	n, zero := int64(1), false
	for _, d := range t.dims {
		switch {
		case d < 0:
			return 0, problemf(idTensorData, "shape %v has a negative dimension", t.dims)
		case d == 0:
			zero = true
		case d > math.MaxInt64/8/n:
			return 0, problemf(idTensorData, "shape %v has more elements than a file can hold", t.dims)
		default:
			n *= d
		}
	}
	if zero {
		return 0, nil
	}
	return n, nil
}

// normal returns the tensor as a TensorProto that onnx-go takes: float32 or int64 in raw_data, not external. It must
// have elements.
func (t *wireTensor) normal(files *externalFiles) ([]byte, *problem) {
	elem, ok := elementTypes[t.dtype]
	if !ok {
		return nil, problemf(idElementType, "has element type %s", typeName(t.dtype)).withRemedy("export the model in float32")
	}
	n, p := t.count()
	if p != nil {
		return nil, p
	}
	if t.location == 1 {
		if t.raw, p = t.loadExternal(files, n*int64(elem.size)); p != nil {
			return nil, p
		}
		t.hasRaw = true
	}
	if have := t.stored(elem); have != n {
		return nil, problemf(idTensorData, "holds %d elements of data, its shape %v has %d", have, t.dims, n).withRemedy("export the model again; the file is damaged")
	}
	kind, raw := uint64(typeInt64), []byte(nil)
	if elem.float {
		kind = typeFloat32
	}
	if t.hasRaw && t.dtype == kind {
		raw = t.raw
	} else {
		raw = t.convert(int(n), elem)
	}
	var b []byte
	for _, d := range t.dims {
		b = appendVarint(b, 1, uint64(d))
	}
	b = appendBytes(appendVarint(b, 2, kind), 8, t.name)
	return appendBytes(b, 9, raw), nil
}

// stored returns the number of elements that the data holds, or −1 for a part of an element.
func (t *wireTensor) stored(elem elementType) int64 {
	switch {
	case t.hasRaw && len(t.raw)%elem.size != 0:
		return -1
	case t.hasRaw:
		return int64(len(t.raw) / elem.size)
	case t.dtype == typeFloat32:
		return int64(len(t.floats))
	case t.dtype == 11:
		return int64(len(t.doubles))
	}
	return int64(len(t.ints))
}

// convert returns the first n elements as float32 or int64, little-endian.
func (t *wireTensor) convert(n int, elem elementType) []byte {
	out := make([]byte, 0, n*8)
	for i := range n {
		bits := t.bits(i, elem.size)
		if elem.float {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(toFloat(t.dtype, bits)))
		} else {
			out = binary.LittleEndian.AppendUint64(out, uint64(toInt(t.dtype, bits)))
		}
	}
	return out
}

// bits returns the bits of element i, of size bytes.
func (t *wireTensor) bits(i, size int) uint64 {
	switch {
	case t.hasRaw:
		return littleEndian(t.raw[i*size : (i+1)*size])
	case t.dtype == typeFloat32:
		return uint64(math.Float32bits(t.floats[i]))
	case t.dtype == 11:
		return math.Float64bits(t.doubles[i])
	}
	return uint64(t.ints[i])
}

// loadExternal reads the tensor's data of size bytes from its file.
func (t *wireTensor) loadExternal(files *externalFiles, size int64) ([]byte, *problem) {
	location := t.external["location"]
	number := func(key string, missing int64) (int64, *problem) {
		s, ok := t.external[key]
		if !ok {
			return missing, nil
		}
		v, err := strconv.ParseInt(s, 10, 64)
		if err != nil || v < 0 {
			return 0, problemf(idExternal, "external data %q: %s %q is not a number of bytes", location, key, s)
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
		return nil, problemf(idExternal, "external data %q: length is %d bytes, shape %v needs %d", location, length, t.dims, size)
	}
	return files.read(location, offset, length)
}
