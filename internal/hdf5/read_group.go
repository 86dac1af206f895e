package hdf5

import (
	"bytes"
	"fmt"
)

// link is a name in a group and the object that it leads to.
type link struct {
	name string
	at   uint64
}

// links returns the links of a group, however they are kept.
func (r *reader) links(messages []headerMessage) ([]link, error) {
	var all []link
	for _, m := range messages {
		var more []link
		var err error
		switch m.kind {
		case msgLink:
			var l link
			l, err = linkMessage(m.body)
			more = []link{l}
		case msgSymbolTable:
			more, err = r.symbolTable(m.body)
		case msgLinkInfo:
			more, err = r.denseLinks(m.body)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// linkMessage reads a link.
func linkMessage(body []byte) (link, error) {
	c := &cursor{b: body}
	if v := c.u8(); v != 1 {
		return link{}, fmt.Errorf("link of version %d, want 1", v)
	}
	flags, kind := c.u8(), uint8(0)
	if flags&8 != 0 {
		kind = c.u8()
	}
	if flags&4 != 0 {
		c.skip(8)
	}
	if flags&0x10 != 0 {
		c.skip(1)
	}
	n := c.uint(1 << (flags & 3))
	if n > uint64(len(c.b)) {
		return link{}, fmt.Errorf("link whose name has %d bytes", n)
	}
	l := link{name: string(c.take(int(n)))}
	if kind != 0 {
		return link{}, fmt.Errorf("link %q is soft or external, which is not read", l.name)
	}
	l.at = c.u64()
	if c.short || l.name == "" {
		return link{}, fmt.Errorf("link %q: ends too early", l.name)
	}
	return l, nil
}

// symbolTable reads the links of a group in the old form: a tree of symbol nodes, and names in a local heap.
func (r *reader) symbolTable(body []byte) ([]link, error) {
	c := &cursor{b: body}
	tree, heap := c.u64(), c.u64()
	if err := c.err("symbol table"); err != nil {
		return nil, err
	}
	h, err := r.tagged("HEAP", heap, 32)
	if err != nil {
		return nil, err
	}
	h.skip(4)
	size := h.u64()
	h.skip(8)
	names, err := r.bytes(h.u64(), size)
	if err != nil {
		return nil, fmt.Errorf("names: %w", err)
	}
	var all []link
	err = r.tree(tree, 0, 8, -1, func(_ []byte, child uint64) error {
		n, err := r.tagged("SNOD", child, 8)
		if err != nil {
			return err
		}
		n.skip(2)
		count := uint64(n.u16())
		if n, err = r.at(child+8, 40*count); err != nil {
			return err
		}
		for range count {
			name, at, cache := n.u64(), n.u64(), n.u32()
			n.skip(20)
			if name >= uint64(len(names)) {
				return fmt.Errorf("name at %d of %d bytes", name, len(names))
			}
			s, _, ended := bytes.Cut(names[name:], []byte{0})
			if !ended || len(s) == 0 {
				return fmt.Errorf("name at %d has no end or nothing before it", name)
			}
			if r.work -= int64(len(s)); r.work < 0 {
				return fmt.Errorf("the same names again and again")
			}
			if cache == 2 {
				return fmt.Errorf("link %q is soft, which is not read", s)
			}
			all = append(all, link{string(s), at})
		}
		return nil
	})
	return all, err
}

// tree calls leaf for every entry of level 0 of a B-tree of version 1 and the given type, with the key before it. Keys have
// keySize bytes. level is that of the node, −1 where it is not known yet.
func (r *reader) tree(at uint64, kind uint8, keySize uint64, level int, leaf func(key []byte, child uint64) error) error {
	c, err := r.tagged("TREE", at, 24)
	if err != nil {
		return err
	}
	k, l, n := c.u8(), int(c.u8()), uint64(c.u16())
	if k != kind || level >= 0 && l != level {
		return fmt.Errorf("node of a tree at %d: type %d and level %d, want %d and %d", at, k, l, kind, level)
	}
	if c, err = r.at(at+24, n*(keySize+8)); err != nil {
		return err
	}
	for range n {
		key, child := c.take(int(keySize)), c.u64()
		if l > 0 {
			err = r.tree(child, kind, keySize, l-1, leaf)
		} else {
			err = leaf(key, child)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
