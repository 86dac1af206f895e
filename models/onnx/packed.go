package onnx

import "slices"

// keptIntegers is the largest number of elements of a tensor of integers that is kept as int64 all the time: shapes, axes and
// indices. Larger ones are weights of quantised layers, of a byte each in the file.
const keptIntegers = 1 << 12

// packed is a tensor of integers as the file stores it. It becomes int64 while a node that reads it is imported, so that a
// file of bytes does not take eight times its size. A constant with other elements has no packed ones.
type packed struct {
	tensor *wireTensor // its data are inline
	elem   elementType
	n      int64
}

// unpack makes the integers of the constants that the node reads, and reports whether there was memory for them.
func (c *call) unpack() bool {
	for i := range c.inputs {
		if !c.isConstant(i) {
			continue
		}
		if k := c.inputs[i].constant; k.packed != nil && k.ints == nil {
			if !c.room(int(k.packed.n), 8) {
				return false
			}
			k.fill(k.packed.tensor, k.packed.elem, k.packed.n)
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
