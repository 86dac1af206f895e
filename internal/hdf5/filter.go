package hdf5

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
)

// Filters that are undone.
const (
	filterDeflate  = 1
	filterShuffle  = 2
	filterFletcher = 3
)

// filter is one step that chunks went through before they were stored.
type filter struct {
	id    uint16
	value uint32 // the first of its values, or 0
}

// maxFilters is how many filters the format allows.
const maxFilters = 32

// readFilters reads the filter pipeline message; nil is none.
func readFilters(body []byte) ([]filter, error) {
	if body == nil {
		return nil, nil
	}
	c := &cursor{b: body}
	version, count := c.u8(), int(c.u8())
	if version != 1 && version != 2 || count > maxFilters {
		return nil, fmt.Errorf("%d filters of version %d, want at most %d of version 1 or 2", count, version, maxFilters)
	}
	if version == 1 {
		c.skip(6)
	}
	var all []filter
	for range count {
		f := filter{id: c.u16()}
		name := 0
		if version == 1 || f.id >= 256 {
			name = int(c.u16())
		}
		c.skip(2)
		values := int(c.u16())
		if version == 1 {
			name += -name & 7
		}
		c.skip(name)
		for i := range values {
			if v := c.u32(); i == 0 {
				f.value = v
			}
		}
		if version == 1 && values%2 != 0 {
			c.skip(4)
		}
		if f.id != filterDeflate && f.id != filterShuffle && f.id != filterFletcher {
			return nil, fmt.Errorf("filter %d, which is not read; want deflate, shuffle or fletcher32", f.id)
		}
		all = append(all, f)
	}
	return all, c.err("filters")
}

// unpack undoes the filters of a chunk, from the last to the first; bit i of the mask says that filter i was left out. The
// result has size bytes.
func unpack(data []byte, filters []filter, mask uint32, size int) ([]byte, error) {
	for i := len(filters) - 1; i >= 0; i-- {
		if mask>>i&1 != 0 {
			continue
		}
		switch filters[i].id {
		case filterFletcher: // the checksum is not compared
			if len(data) < 4 {
				return nil, fmt.Errorf("no checksum in %d bytes", len(data))
			}
			data = data[:len(data)-4]
		case filterDeflate:
			var err error
			if data, err = inflate(data, size+4*len(filters)); err != nil {
				return nil, err
			}
		case filterShuffle:
			data = unshuffle(data, int(filters[i].value))
		}
	}
	if len(data) != size {
		return nil, fmt.Errorf("%d bytes, want %d", len(data), size)
	}
	return data, nil
}

// inflate unpacks a zlib stream of at most so many bytes.
func inflate(data []byte, most int) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if _, err := io.Copy(&b, io.LimitReader(z, int64(most)+1)); err != nil {
		return nil, err
	}
	if b.Len() > most {
		return nil, fmt.Errorf("more than %d bytes when it is unpacked", most)
	}
	return b.Bytes(), nil
}

// unshuffle puts bytes that were sorted by their place in elements of so many bytes back: byte j of element i was byte
// j·n + i, n being the number of whole elements. What is left behind them stays where it is.
func unshuffle(data []byte, element int) []byte {
	if element < 2 || element > len(data) {
		return data
	}
	n := len(data) / element
	out := make([]byte, len(data))
	for j := range element {
		for i, b := range data[j*n : (j+1)*n] {
			out[i*element+j] = b
		}
	}
	copy(out[n*element:], data[n*element:])
	return out
}
