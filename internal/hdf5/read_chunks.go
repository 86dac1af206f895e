package hdf5

import "fmt"

// grid is a dataset that is put together from chunks.
type grid struct {
	s       *shape
	filters []filter
	chunk   []int // sizes of a chunk
	bytes   int   // of a chunk, unpacked
	raw     []byte
}

// newGrid returns a grid without any chunk.
func newGrid(s *shape, filters []filter) (*grid, error) {
	if len(s.dims) == 0 {
		return nil, fmt.Errorf("a scalar in chunks")
	}
	return &grid{s: s, filters: filters, raw: s.unwritten()}, nil
}

// sizes reads the sizes of a chunk, of width bytes each, and of its elements behind them.
func (g *grid) sizes(c *cursor, rank, width int) error {
	if rank != len(g.s.dims)+1 {
		return fmt.Errorf("chunks of %d dimensions, the dataset has %d", rank-1, len(g.s.dims))
	}
	const most = 1 << 32 // of the format
	n := uint64(g.s.t.size)
	for range g.s.dims {
		d := c.uint(width)
		if d == 0 || d >= most || n >= most/d {
			return fmt.Errorf("chunk with a dimension of %d", d)
		}
		n *= d
		g.chunk = append(g.chunk, int(d))
	}
	g.bytes = int(n)
	if e := c.uint(width); c.short || e != uint64(g.s.t.size) {
		return fmt.Errorf("chunks with elements of %d bytes, the dataset has %d", e, g.s.t.size)
	}
	return nil
}

// put unpacks a chunk and copies what lies inside the dataset.
func (r *reader) put(g *grid, offset []int, at, stored uint64, mask uint32) error {
	for d, o := range offset {
		if o < 0 || o >= g.s.dims[d] {
			return nil // of before the dataset was made smaller
		}
	}
	packed, err := r.bytes(at, stored)
	if err != nil {
		return fmt.Errorf("chunk at %v: %w", offset, err)
	}
	if err := r.reserve(uint64(g.bytes)); err != nil {
		return fmt.Errorf("chunk at %v: %w", offset, err)
	}
	data, err := unpack(packed, g.filters, mask, g.bytes)
	if err != nil {
		return fmt.Errorf("chunk at %v: %w", offset, err)
	}
	g.copy(offset, 0, data, g.raw)
	return nil
}

// copy copies dimensions d.. of a chunk to those of the dataset.
func (g *grid) copy(offset []int, d int, from, to []byte) {
	n := min(g.chunk[d], g.s.dims[d]-offset[d])
	step, jump := len(from)/g.chunk[d], len(to)/g.s.dims[d]
	if d == len(g.chunk)-1 {
		copy(to[offset[d]*jump:], from[:n*step])
		return
	}
	for i := range n {
		g.copy(offset, d+1, from[i*step:(i+1)*step], to[(offset[d]+i)*jump:(offset[d]+i+1)*jump])
	}
}

// treeChunks reads the chunks that a B-tree of version 1 finds.
func (r *reader) treeChunks(c *cursor, g *grid) error {
	rank, tree := int(c.u8()), c.u64()
	if err := g.sizes(c, rank, 4); err != nil || tree == undefined {
		return err
	}
	return r.tree(tree, 1, uint64(8+8*rank), -1, func(key []byte, child uint64) error {
		k := &cursor{b: key}
		stored, mask := uint64(k.u32()), k.u32()
		offset := make([]int, rank-1)
		for d := range offset {
			offset[d] = int(k.u64())
		}
		return r.put(g, offset, child, stored, mask)
	})
}

// Kinds of indices in a layout of version 4.
const (
	indexSingle     = 1
	indexFixedArray = 3
)

// indexedChunks reads the chunks of a layout of version 4.
func (r *reader) indexedChunks(c *cursor, g *grid) error {
	flags, rank, width := c.u8(), int(c.u8()), int(c.u8())
	if width < 1 || width > 8 {
		return fmt.Errorf("chunk sizes of %d bytes", width)
	}
	if err := g.sizes(c, rank, width); err != nil {
		return err
	}
	switch index := c.u8(); index {
	case indexSingle:
		stored, mask := uint64(g.bytes), uint32(0)
		if flags&2 != 0 {
			stored, mask = c.u64(), c.u32()
		}
		at := c.u64()
		if err := c.err("layout"); err != nil || at == undefined || g.s.n == 0 {
			return err
		}
		return r.put(g, make([]int, rank-1), at, stored, mask)
	case indexFixedArray:
		c.skip(1)
		at := c.u64()
		if err := c.err("layout"); err != nil || at == undefined {
			return err
		}
		return r.fixedArray(at, g)
	default:
		return fmt.Errorf("chunks found by an index of kind %d, which is not read; write the file again with libver='earliest'", index)
	}
}

// fixedArray reads the chunks that a fixed array lists, in row-major order.
func (r *reader) fixedArray(at uint64, g *grid) error {
	c, err := r.tagged("FAHD", at, 24)
	if err != nil {
		return err
	}
	c.skip(1)
	filtered, entry, page := c.u8() == 1, int(c.u8()), c.u8()
	entries, block := c.u64(), c.u64()
	if block == undefined {
		return nil
	}
	count := uint64(1)
	for d, n := range g.s.dims {
		count *= uint64((n + g.chunk[d] - 1) / g.chunk[d]) // at most the dataset's elements
	}
	size := 8
	if filtered {
		size = entry
	}
	if entries != count || page > 63 || entries > 1<<page || size < 8 || filtered && (size < 13 || size > 20) {
		return fmt.Errorf("%d entries of %d bytes in a fixed array for %d chunks, which are not read; write the file again with libver='earliest'", entries, entry, count)
	}
	if entries > uint64(len(r.file)) {
		return fmt.Errorf("%d chunks in a file of %d bytes", entries, len(r.file))
	}
	if c, err = r.tagged("FADB", block, 14+entries*uint64(size)); err != nil {
		return err
	}
	c.skip(10)
	offset := make([]int, len(g.chunk))
	for range entries {
		address, stored, mask := c.u64(), uint64(g.bytes), uint32(0)
		if filtered {
			stored, mask = c.uint(size-12), c.u32()
		}
		if address != undefined {
			if err := r.put(g, offset, address, stored, mask); err != nil {
				return err
			}
		}
		for d := len(offset) - 1; d >= 0; d-- {
			if offset[d] += g.chunk[d]; offset[d] < g.s.dims[d] {
				break
			}
			offset[d] = 0
		}
	}
	return nil
}
