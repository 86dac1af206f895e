package hdf5

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// superblockSize is the length of a superblock of version 2.
const superblockSize = 48

// maxHeap is how many bytes and objects a collection of the global heap holds at most, and minHeap its least length.
const (
	maxHeapBytes   = 1 << 20
	maxHeapObjects = math.MaxUint16
	minHeap        = 4096
)

// Write returns a file with root as its root group. The error names the first object that cannot be written.
func Write(root *Group) ([]byte, error) {
	w := &writer{buf: make([]byte, superblockSize)}
	at, err := w.group("", root)
	if err != nil {
		return nil, fmt.Errorf("hdf5: %w", err)
	}
	w.heaps()
	w.seal()
	w.align()
	sb := append([]byte(signature), 2, 8, 8, 0)
	for _, address := range []uint64{0, undefined, uint64(len(w.buf)), at} {
		sb = le64(sb, address)
	}
	copy(w.buf, le32(sb, checksum(sb)))
	return w.buf, nil
}

// writer lays out a file in memory: objects depth first, a dataset's numbers before its header, then strings.
type writer struct {
	buf     []byte
	strings []heapString
	headers [][2]int // from..to of headers whose checksum follows them, once strings have their place
}

// heapString is a string that has no place yet, and where the address of its collection and its index go.
type heapString struct {
	at int
	s  string
}

func le16(b []byte, v int) []byte    { return binary.LittleEndian.AppendUint16(b, uint16(v)) }
func le32(b []byte, v uint32) []byte { return binary.LittleEndian.AppendUint32(b, v) }
func le64(b []byte, v uint64) []byte { return binary.LittleEndian.AppendUint64(b, v) }

func (w *writer) align() { w.buf = append(w.buf, make([]byte, -len(w.buf)&7)...) }

// message is one message of an object header; strings of an attribute stand at their offsets in the body.
type message struct {
	kind    byte
	body    []byte
	strings []heapString
}

// group writes a group and all below it, and returns the address of its header.
func (w *writer) group(path string, g *Group) (uint64, error) {
	info := append([]byte{0, 0}, le64(le64(nil, undefined), undefined)...)
	messages := []message{{kind: msgLinkInfo, body: info}, {kind: msgGroupInfo, body: []byte{0, 0}}}
	for _, name := range g.Names() {
		below := path + "/" + name
		if name == "" || len(name) > math.MaxUint16-16 || strings.ContainsAny(name, "/\x00") {
			return 0, fmt.Errorf("%s: not a name of a link", below)
		}
		var at uint64
		var err error
		switch n := g.Links[name].(type) {
		case *Group:
			at, err = w.group(below, n)
		case *Dataset:
			at, err = w.dataset(below, n)
		default:
			err = fmt.Errorf("%s: neither a group nor a dataset", below)
		}
		if err != nil {
			return 0, err
		}
		link := le16([]byte{1, 0x11, 1}, len(name)) // flags: a character set, UTF-8, and two bytes of length
		messages = append(messages, message{kind: msgLink, body: le64(append(link, name...), at)})
	}
	return w.header(path, messages, g.Attrs)
}

// dataset writes a dataset and returns the address of its header.
func (w *writer) dataset(path string, d *Dataset) (uint64, error) {
	kind, err := datatype(&d.Value)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	w.align()
	at := len(w.buf)
	raw, refs := elements(&d.Value)
	for _, r := range refs {
		w.strings = append(w.strings, heapString{at + r.at, r.s})
	}
	w.buf = append(w.buf, raw...)
	address := uint64(at)
	if len(raw) == 0 {
		address = undefined
	}
	layout := le64(le64([]byte{3, 1}, address), uint64(len(raw)))
	return w.header(path, []message{{kind: msgDataspace, body: dataspace(d.Dims)}, {kind: msgDatatype, body: kind},
		{kind: msgFill, body: []byte{3, 0x0a}}, {kind: msgLayout, body: layout}}, d.Attrs)
}

// attribute returns an attribute as a message.
func attribute(name string, v Value) (message, error) {
	kind, err := datatype(&v)
	if err != nil {
		return message{}, fmt.Errorf("attribute %q: %w", name, err)
	}
	if name == "" || len(name) >= math.MaxUint16 || strings.Contains(name, "\x00") {
		return message{}, fmt.Errorf("attribute %q: not a name", name)
	}
	space := dataspace(v.Dims)
	b := le16(le16(le16([]byte{3, 0}, len(name)+1), len(kind)), len(space))
	b = append(append(append(b, 1), name...), 0)
	b = append(append(b, kind...), space...)
	raw, refs := elements(&v)
	for i := range refs {
		refs[i].at += len(b)
	}
	return message{msgAttribute, append(b, raw...), refs}, nil
}

// header writes an object header of version 2 in one block, and returns its address.
func (w *writer) header(path string, messages []message, attrs map[string]Value) (uint64, error) {
	for _, name := range slices.Sorted(maps.Keys(attrs)) {
		m, err := attribute(name, attrs[name])
		if err != nil {
			return 0, fmt.Errorf("%s: %w", path, err)
		}
		messages = append(messages, m)
	}
	size := 0
	for _, m := range messages {
		if len(m.body) > math.MaxUint16 {
			return 0, fmt.Errorf("%s: a message of %d bytes in its header, want at most %d", path, len(m.body), math.MaxUint16)
		}
		size += 4 + len(m.body)
	}
	if size > math.MaxUint32 {
		return 0, fmt.Errorf("%s: a header of %d bytes", path, size)
	}
	w.align()
	at := len(w.buf)
	w.buf = le32(append(w.buf, "OHDR\x02\x02"...), uint32(size)) // flags: four bytes of size
	for _, m := range messages {
		w.buf = append(le16(append(w.buf, m.kind), len(m.body)), 0)
		for _, r := range m.strings {
			w.strings = append(w.strings, heapString{len(w.buf) + r.at, r.s})
		}
		w.buf = append(w.buf, m.body...)
	}
	w.headers = append(w.headers, [2]int{at, len(w.buf)})
	w.buf = le32(w.buf, 0)
	return uint64(at), nil
}

// heaps writes the strings, in collections, and their places to where they are referred to.
func (w *writer) heaps() {
	for len(w.strings) > 0 {
		w.align()
		at, n := len(w.buf), 0
		w.buf = append(w.buf, "GCOL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"...)
		for _, r := range w.strings {
			if n == maxHeapObjects || n > 0 && len(w.buf)-at > maxHeapBytes {
				break
			}
			n++
			w.buf = le64(le32(le16(le16(w.buf, n), 0), 0), uint64(len(r.s)))
			w.buf = append(w.buf, r.s...)
			w.align()
			binary.LittleEndian.PutUint64(w.buf[r.at:], uint64(at))
			binary.LittleEndian.PutUint32(w.buf[r.at+8:], uint32(n))
		}
		w.strings = w.strings[n:]
		free := max(16, minHeap-(len(w.buf)-at)) // an object of index 0, its own 16 bytes included
		w.buf = append(le64(append(w.buf, make([]byte, 8)...), uint64(free)), make([]byte, free-16)...)
		binary.LittleEndian.PutUint64(w.buf[at+8:], uint64(len(w.buf)-at))
	}
}

// seal writes the checksums of all headers.
func (w *writer) seal() {
	for _, h := range w.headers {
		binary.LittleEndian.PutUint32(w.buf[h[1]:], checksum(w.buf[h[0]:h[1]]))
	}
}
