package hdf5

import "fmt"

// headerMessage is one message of an object header.
type headerMessage struct {
	kind uint16
	body []byte
}

// maxMessages is how many messages a header may have.
const maxMessages = 1 << 20

// object reads the object whose header is at an address, and all below it.
func (r *reader) object(path string, at uint64, depth int) (Node, error) {
	if r.seen[at] {
		return nil, fmt.Errorf("%s/: links to an object that another link leads to; want one link an object", path)
	}
	r.seen[at] = true
	if depth > maxDepth {
		return nil, fmt.Errorf("%s/: more than %d groups inside each other", path, maxDepth)
	}
	messages, err := r.header(at)
	if err != nil {
		return nil, fmt.Errorf("%s/: header: %w", path, err)
	}
	attrs, err := r.attributes(messages)
	if err != nil {
		return nil, fmt.Errorf("%s/: %w", path, err)
	}
	isGroup := false
	for _, m := range messages {
		switch m.kind {
		case msgLayout:
			v, err := r.dataset(messages)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			return &Dataset{Value: v, Attrs: attrs}, nil
		case msgLinkInfo, msgLink, msgSymbolTable:
			isGroup = true
		}
	}
	if !isGroup {
		return nil, fmt.Errorf("%s: neither a group nor a dataset", path)
	}
	g := &Group{Links: map[string]Node{}, Attrs: attrs}
	links, err := r.links(messages)
	if err != nil {
		return nil, fmt.Errorf("%s/: %w", path, err)
	}
	for _, l := range links {
		below := path + "/" + l.name
		if g.Links[l.name] != nil {
			return nil, fmt.Errorf("%s: two links of this name", below)
		}
		if g.Links[l.name], err = r.object(below, l.at, depth+1); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// header returns the messages of an object header of either version.
func (r *reader) header(at uint64) ([]headerMessage, error) {
	c, err := r.at(at, 6)
	if err != nil {
		return nil, err
	}
	if string(c.b[:4]) == "OHDR" {
		return r.header2(at, c.b[4], c.b[5])
	}
	if c.b[0] != 1 {
		return nil, fmt.Errorf("version %d at %d, want 1 or 2", c.b[0], at)
	}
	return r.header1(at)
}

// block is a part of a header that holds messages.
type block struct{ at, size uint64 }

// header1 reads a header of version 1.
func (r *reader) header1(at uint64) ([]headerMessage, error) {
	c, err := r.at(at, 16)
	if err != nil {
		return nil, err
	}
	c.skip(2)
	count := int(c.u16())
	c.skip(4)
	blocks := []block{{at + 16, uint64(c.u32())}}
	var all []headerMessage
	for i := 0; i < len(blocks) && count > 0; i++ {
		c, err := r.at(blocks[i].at, blocks[i].size)
		if err != nil {
			return nil, err
		}
		for ; count > 0 && len(c.b) >= 8; count-- {
			kind, size, flags := c.u16(), c.u16(), c.u8()
			c.skip(3)
			if all, blocks, err = keep(all, blocks, kind, flags, c.take(int(size))); err != nil {
				return nil, err
			}
		}
		if err := c.err("messages"); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// header2 reads a header of version 2.
func (r *reader) header2(at uint64, version, flags uint8) ([]headerMessage, error) {
	if version != 2 {
		return nil, fmt.Errorf("version %d at %d, want 1 or 2", version, at)
	}
	head := uint64(6)
	if flags&0x20 != 0 {
		head += 16
	}
	if flags&0x10 != 0 {
		head += 4
	}
	width := uint64(1) << (flags & 3)
	c, err := r.at(at+head, width)
	if err != nil {
		return nil, err
	}
	blocks := []block{{at + head + width, c.uint(int(width))}}
	prefix := 4
	if flags&4 != 0 {
		prefix += 2
	}
	var all []headerMessage
	for i := 0; i < len(blocks); i++ {
		b := blocks[i]
		if i > 0 {
			if b.size < 8 {
				return nil, fmt.Errorf("continuation of %d bytes", b.size)
			}
			if _, err := r.tagged("OCHK", b.at, 4); err != nil {
				return nil, err
			}
			b = block{b.at + 4, b.size - 8}
		}
		c, err := r.at(b.at, b.size)
		if err != nil {
			return nil, err
		}
		for len(c.b) >= prefix { // a smaller rest is a gap
			kind, size, flags := uint16(c.u8()), c.u16(), c.u8()
			c.skip(prefix - 4)
			if all, blocks, err = keep(all, blocks, kind, flags, c.take(int(size))); err != nil {
				return nil, err
			}
		}
		if err := c.err("messages"); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// keep adds a message, or where the message says that there are more of them, their block.
func keep(all []headerMessage, blocks []block, kind uint16, flags uint8, body []byte) ([]headerMessage, []block, error) {
	switch {
	case len(all) >= maxMessages || len(blocks) >= maxMessages:
		return nil, nil, fmt.Errorf("more than %d messages", maxMessages)
	case kind == 0:
	case flags&2 != 0:
		return nil, nil, fmt.Errorf("message %#x is shared with other objects, which is not read", kind)
	case kind == msgContinuation:
		c := &cursor{b: body}
		blocks = append(blocks, block{c.u64(), c.u64()})
		return all, blocks, c.err("continuation")
	default:
		all = append(all, headerMessage{kind, body})
	}
	return all, blocks, nil
}

// find returns the first message of a kind, or nil.
func find(messages []headerMessage, kind uint16) []byte {
	for _, m := range messages {
		if m.kind == kind {
			return m.body
		}
	}
	return nil
}
