package hdf5

import (
	"fmt"
	"math/bits"
	"sort"
)

// linkRecord is the type of records in a B-tree of version 2 that finds links by their names, and its size: a hash of 4
// bytes and an ID in the fractal heap of 7.
const (
	linkRecord     = 5
	linkRecordSize = 11
)

// denseLinks reads the links of a group that keeps them in a fractal heap, found by a B-tree of version 2; none where the
// message says that links are elsewhere.
func (r *reader) denseLinks(body []byte) ([]link, error) {
	c := &cursor{b: body}
	c.skip(1)
	if c.u8()&1 != 0 {
		c.skip(8)
	}
	heap, tree := c.u64(), c.u64()
	if err := c.err("link info"); err != nil || heap == undefined {
		return nil, err
	}
	h, err := r.fractalHeap(heap)
	if err != nil {
		return nil, err
	}
	b, err := r.tagged("BTHD", tree, 34)
	if err != nil {
		return nil, err
	}
	version, kind, node, record, depth := b.u8(), b.u8(), uint64(b.u32()), b.u16(), int(b.u16())
	b.skip(2)
	root, count := b.u64(), uint64(b.u16())
	if version != 0 || kind != linkRecord || record != linkRecordSize {
		return nil, fmt.Errorf("tree of version %d with records of type %d and %d bytes, want 0, %d and %d", version, kind, record, linkRecord, linkRecordSize)
	}
	if root == undefined {
		return nil, nil
	}
	widths, err := childWidths(node, depth)
	if err != nil {
		return nil, err
	}
	var all []link
	err = r.tree2(root, depth, count, widths, func(id []byte) error {
		message, err := h.object(id)
		if err != nil {
			return err
		}
		l, err := linkMessage(message)
		all = append(all, l)
		return err
	})
	return all, err
}

// childWidth is how many bytes a node of a B-tree of version 2 spends on the number of records of a child, and on that of
// all below it.
type childWidth struct{ records, all int }

// childWidths returns the widths for nodes of each depth; those of leaves are not used.
func childWidths(node uint64, depth int) ([]childWidth, error) {
	if depth > 16 || node < 64 || node > 1<<24 {
		return nil, fmt.Errorf("tree of depth %d with nodes of %d bytes", depth, node)
	}
	most := (node - 10) / linkRecordSize // records in a leaf
	first, all, below := byteWidth(most), most, 0
	widths := []childWidth{{}}
	for range depth {
		widths = append(widths, childWidth{first, below})
		pointer := uint64(8 + first + below)
		n := (node - 10 - pointer) / (linkRecordSize + pointer)
		all = (n+1)*all + n
		below = byteWidth(all)
		if all > 1<<48 {
			return nil, fmt.Errorf("tree of depth %d with nodes of %d bytes", depth, node)
		}
	}
	return widths, nil
}

// byteWidth returns how many bytes a number up to n takes.
func byteWidth(n uint64) int { return max(1, (bits.Len64(n)+7)/8) }

// tree2 calls found with the heap ID of every record of a node at the given depth, which has so many records, and of those
// below it.
func (r *reader) tree2(at uint64, depth int, records uint64, widths []childWidth, found func(id []byte) error) error {
	tag, children := "BTLF", uint64(0)
	w := widths[depth]
	if depth > 0 {
		tag, children = "BTIN", (records+1)*uint64(8+w.records+w.all)
	}
	c, err := r.tagged(tag, at, 6+records*linkRecordSize+children)
	if err != nil {
		return err
	}
	c.skip(2)
	for range records {
		if err := found(c.take(linkRecordSize)[4:]); err != nil {
			return err
		}
	}
	if depth == 0 {
		return nil
	}
	for range records + 1 {
		child, n := c.u64(), c.uint(w.records)
		c.skip(w.all)
		if err := r.tree2(child, depth-1, n, widths, found); err != nil {
			return err
		}
	}
	return nil
}

// fractalHeap holds objects in direct blocks of growing sizes.
type fractalHeap struct {
	r            *reader
	offset, size int         // bytes of an offset and of a length in an ID
	blocks       []heapBlock // ascending by first
}

// heapBlock is a direct block: where it lies in the file, and in the heap's own numbering of bytes.
type heapBlock struct{ at, first, size uint64 }

// fractalHeap reads the header and the table of direct blocks of a heap.
func (r *reader) fractalHeap(at uint64) (*fractalHeap, error) {
	c, err := r.tagged("FRHP", at, 142)
	if err != nil {
		return nil, err
	}
	c.skip(1)
	id, filters := c.u16(), c.u16()
	c.skip(1)
	maxObject := uint64(c.u32())
	c.skip(12 * 8)
	width, start, maxDirect, heapBits := uint64(c.u16()), c.u64(), c.u64(), uint64(c.u16())
	c.skip(2)
	root, rows := c.u64(), uint64(c.u16())
	if id != 7 || filters != 0 || width == 0 || start == 0 || start > 1<<32 || maxDirect > 1<<32 || heapBits == 0 || heapBits > 64 {
		return nil, fmt.Errorf("fractal heap with IDs of %d bytes and %d bytes of filters, which is not read", id, filters)
	}
	h := &fractalHeap{r: r, offset: int(heapBits+7) / 8, size: byteWidth(min(maxDirect, maxObject))}
	if rows == 0 {
		h.blocks = []heapBlock{{root, 0, start}}
		return h, nil
	}
	head := uint64(4 + 1 + 8 + h.offset)
	if rows > 64 {
		return nil, fmt.Errorf("fractal heap of %d rows", rows)
	}
	if c, err = r.tagged("FHIB", root, head+8*width*rows); err != nil {
		return nil, err
	}
	c.skip(int(head) - 4)
	first := uint64(0)
	for row := range rows {
		size := start << max(0, int(row)-1)
		for range width {
			if child := c.u64(); child != undefined {
				if size > maxDirect {
					return nil, fmt.Errorf("group with more than %d bytes of links, which is not read", first)
				}
				h.blocks = append(h.blocks, heapBlock{child, first, size})
			}
			first += size
		}
		if size > maxDirect {
			break
		}
	}
	return h, nil
}

// object returns the object of an ID.
func (h *fractalHeap) object(id []byte) ([]byte, error) {
	c := &cursor{b: id}
	if kind := c.u8() >> 4 & 3; kind != 0 {
		return nil, fmt.Errorf("object of kind %d in a fractal heap, which is not read", kind)
	}
	at, n := c.uint(h.offset), c.uint(h.size)
	if err := c.err("ID in a fractal heap"); err != nil {
		return nil, err
	}
	i := sort.Search(len(h.blocks), func(i int) bool { return h.blocks[i].first > at }) - 1
	if i >= 0 && at-h.blocks[i].first < h.blocks[i].size {
		b := h.blocks[i]
		if n > b.size-(at-b.first) {
			return nil, fmt.Errorf("object of %d bytes behind the end of its block", n)
		}
		return h.r.bytes(b.at+(at-b.first), n)
	}
	return nil, fmt.Errorf("object at %d of a fractal heap: there is no such block", at)
}
