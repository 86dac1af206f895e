package onnx

import "slices"

// keptIntegers is the largest number of elements of a tensor of integers that is kept as int64 all the time: shapes, axes and
// indices. Larger ones are weights of quantised layers, of a byte each in the file.
const keptIntegers = 1 << 12

// packed is a tensor of integers as the file stores it, so that a file of bytes does not take eight times its size. An importer
// that reads it one by one (importer.streams) makes what it needs of it; for others it becomes int64 while the node is imported.
// A constant with other elements has no packed ones.
type packed struct {
	tensor *wireTensor // its data are inline
	elem   elementType
	n      int64
}

// each calls f for each of the integers, in their order.
func (p *packed) each(f func(v int64)) {
	if !p.tensor.hasRaw {
		p.tensor.eachTyped(func(bits uint64) { f(toInt(p.tensor.dtype, bits)) })
		return
	}
	size := p.elem.size
	for b := p.tensor.raw; len(b) >= size; b = b[size:] {
		f(toInt(p.tensor.dtype, littleEndian(b[:size])))
	}
}

// eachInteger calls f for each of the constant's integers, in their order, packed or not.
func (c *constant) eachInteger(f func(v int64)) {
	if c.packed != nil && c.ints == nil {
		c.packed.each(f)
		return
	}
	for _, v := range c.ints {
		f(v)
	}
}

// unpack makes the integers of the constants that the node reads, from input i on, and reports whether there was memory for them.
func (c *call) unpack(i int) bool {
	for ; i < len(c.inputs); i++ {
		if !c.isConstant(i) {
			continue
		}
		if k := c.inputs[i].constant; k.packed != nil && k.ints == nil {
			if !c.room(int(k.packed.n), 8) {
				return false
			}
			k.grow(int(k.packed.n))
			k.packed.each(func(v int64) { k.ints = append(k.ints, v) })
			c.unpacked += k.packed.n
		}
	}
	return true
}

// pack lets go of them: also of those that the node's results share.
func (c *call) pack() {
	for _, v := range slices.Concat(c.inputs, c.outputs) {
		if v != nil && v.constant != nil && v.constant.packed != nil {
			v.constant.ints = nil
		}
	}
	c.b.pre.memory.give(c.unpacked, 8)
	c.b.pre.memory.drop(8 * c.unpacked)
}
