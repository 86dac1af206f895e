package onnx

import (
	"spikec/models/ann"
)

// call is the import of one node: what its file reads from and what it reports to.
type call struct {
	*node
	b      *builder
	failed bool // a problem was found; the result stays unknown
	notes  []string

	unpacked int64 // integers that were made for this node alone
}

// operand is a tensor of the network, one image of the batch. It is not known where an earlier node failed; then it
// has no shape, and everything that does not need one is still checked.
type operand struct {
	node  int
	shape ann.Shape
	known bool
}

// refuse records a problem of the node.
func (c *call) refuse(id, remedy, format string, args ...any) {
	c.failed = true
	c.b.diags.blame(c.nodeInfo, problemf(id, format, args...).withRemedy(remedy))
}

// opset returns the version of the operator set.
func (c *call) opset() int64 { return c.b.pre.opset }

// has reports whether input i is given.
func (c *call) has(i int) bool { return i < len(c.inputs) && c.inputs[i] != nil }

// isConstant reports whether input i is given and constant.
func (c *call) isConstant(i int) bool { return c.has(i) && c.inputs[i].constant != nil }

// maxInputs refuses inputs beyond the first n.
func (c *call) maxInputs(n int) {
	for i := n; i < len(c.inputs); i++ {
		if c.has(i) {
			c.refuse(idInput, "", "input %d (%q) is not supported", i, c.inputs[i].name)
		}
	}
}

// data returns input i, which must depend on the network's input.
func (c *call) data(i int) operand {
	if !c.has(i) {
		c.refuse(idInput, "", "input %d is missing", i)
		return operand{}
	}
	v := c.inputs[i]
	if v.constant != nil {
		c.refuse(idInput, "fold constants before the export, for example with onnxsim", "input %d (%q) is constant; only a value computed from the network's input is supported there", i, v.name)
		return operand{}
	}
	if !v.known {
		return operand{}
	}
	if v.number {
		c.refuse(idShape, "keep the dimension of size 1, for example with keepdims", "input %d (%q) is one number for each image, without a dimension", i, v.name)
		return operand{}
	}
	return operand{node: v.node, shape: c.b.model.Graph.Nodes[v.node].Shape, known: true}
}

// param returns input i, which must be constant, or nil.
func (c *call) param(i int, what string) *constant {
	if !c.has(i) {
		c.refuse(idInput, "", "%s (input %d) is missing", what, i)
		return nil
	}
	v := c.inputs[i]
	if v.constant == nil && v.known {
		c.refuse(idInput, "store it as an initialiser", "%s (input %d, %q) is computed from the network's input; only a constant is supported", what, i, v.name)
	}
	if v.constant == nil {
		c.failed = true // the reason is on record
		return nil
	}
	return v.constant
}

// floats returns input i, which must be a constant of finite floats, or nil.
func (c *call) floats(i int, what string) *constant {
	k := c.rawFloats(i, what)
	if k == nil {
		return nil
	}
	if at, bad := k.notFinite(); bad {
		c.refuse(idNotFinite, "train again, or export from an earlier checkpoint", "%s (initialiser %q): element %d is %v", what, c.inputs[i].name, at, k.floats[at])
		return nil
	}
	return k
}

// rawFloats is floats without the check for finite values.
func (c *call) rawFloats(i int, what string) *constant {
	k := c.param(i, what)
	if k != nil && k.isInt {
		c.refuse(idInput, "export in float32", "%s (input %d, %q) holds integers", what, i, c.inputs[i].name)
		return nil
	}
	return k
}

// vector returns input i as a constant of n finite floats in one dimension, or nil.
func (c *call) vector(i int, what string, n int) []float32 {
	k := c.floats(i, what)
	if k == nil {
		return nil
	}
	if len(k.dims) != 1 || k.dims[0] != n {
		c.refuse(idShape, "", "%s (input %d, %q) has shape %s, want %d", what, i, c.inputs[i].name, shapeText(k.dims), n)
		return nil
	}
	return k.floats
}

// ints returns input i, which must be a constant of integers, or nil.
func (c *call) ints(i int, what string) *constant {
	k := c.param(i, what)
	if k != nil && !k.isInt {
		c.refuse(idInput, "", "%s (input %d, %q) holds floats", what, i, c.inputs[i].name)
		return nil
	}
	return k
}

// emit adds the operation that bears the node's name; a further one of a node that stands for several is called after it.
func (c *call) emit(op ann.Op, in ...operand) operand { return c.emitAs("", op, in...) }

// emitAs adds an operation called after the node and the suffix. Its result is unknown where something failed.
func (c *call) emitAs(suffix string, op ann.Op, in ...operand) operand {
	nodes := make([]int, len(in))
	for i, x := range in {
		if !x.known {
			return operand{}
		}
		nodes[i] = x.node
	}
	if c.failed {
		return operand{}
	}
	name := c.name
	if suffix == "" && c.b.named[c.nodeInfo] {
		suffix = "/" + op.Kind()
	}
	if suffix == "" {
		c.b.named[c.nodeInfo] = true
	} else {
		name = c.b.names.unique(name + suffix)
	}
	i, err := c.b.addNode(name, op, nodes...)
	if err != nil {
		c.refuse(idShape, "", "%v", err)
		return operand{}
	}
	return operand{node: i, shape: c.b.model.Graph.Nodes[i].Shape, known: true}
}

// result makes x the node's first output.
func (c *call) result(x operand) { c.resultAt(0, x) }

// resultAt makes x output i of the node.
func (c *call) resultAt(i int, x operand) {
	if v := c.outputs[i]; v != nil && x.known && !c.failed {
		v.known, v.node = true, x.node
	}
}

// resultNumber makes x, which has one element, the node's first output: a tensor that has one number for each image and no
// dimension behind the batch. Nothing may read it, because a Shape has a dimension; as the network's output it has one.
func (c *call) resultNumber(x operand) {
	c.result(c.reshapedAs("/number", x, ann.Shape{1}))
	if v := c.outputs[0]; v != nil {
		v.number = true
	}
}

// fold makes the constant k the node's first output, and takes memory for its numbers unless they are those of an input.
// An operator whose result may be larger than its inputs asks hasRoom before it makes it.
func (c *call) fold(k *constant) { c.foldAt(0, k) }

// foldAt is fold for output i.
func (c *call) foldAt(i int, k *constant) {
	if len(k.dims) > maxRank {
		c.refuse(idShape, "", "its result has %d dimensions, at most %d are taken", len(k.dims), maxRank)
	}
	if v := c.outputs[i]; v != nil && !c.failed && (c.shares(k) || c.room(k.size(), k.elementSize())) {
		v.constant = k
	}
}

// shares reports whether the numbers of k are those of an input, or of the node's own attribute.
func (c *call) shares(k *constant) bool {
	if c.op == "Constant" || k.size() == 0 {
		return true
	}
	for i := range c.inputs {
		if !c.isConstant(i) || c.inputs[i].constant.isInt != k.isInt || c.inputs[i].constant.size() == 0 {
			continue
		}
		in := c.inputs[i].constant
		if k.isInt && &in.ints[0] == &k.ints[0] || !k.isInt && &in.floats[0] == &k.floats[0] {
			return true
		}
	}
	return false
}

// hasRoom reports whether there is memory for n numbers of size bytes, and refuses the node if not.
func (c *call) hasRoom(n int, size int64) bool {
	if c.b.pre.memory.has(int64(n), size) {
		return true
	}
	p := noMemory(int64(n))
	c.refuse(p.id, p.remedy, "%s", p.msg)
	return false
}

// room is hasRoom, and takes the memory.
func (c *call) room(n int, size int64) bool {
	return c.hasRoom(n, size) && c.b.pre.memory.take(int64(n), size)
}

// sizeList returns input i, which must be a constant of at most maxRank integers, a size for each dimension.
func (c *call) sizeList(i int, what string) ([]int64, bool) {
	k := c.ints(i, what)
	if k == nil {
		return nil, false
	}
	if len(k.ints) > maxRank {
		c.refuse(idShape, "", "%s (input %d, %q) is for %d dimensions, at most %d are taken", what, i, c.inputs[i].name, len(k.ints), maxRank)
		return nil, false
	}
	return k.ints, true
}

// axis returns the dimension of a tensor of the given rank that a, which may count from the end, means.
func (c *call) axis(a int64, rank int) (int, bool) {
	if a < 0 {
		a += int64(rank)
	}
	if a < 0 || a >= int64(rank) {
		c.refuse(idAttribute, "", "axis %d is outside a tensor of rank %d", a, rank)
		return 0, false
	}
	return int(a), true
}

// reshapedAs gives x the shape to, without an operation where that changes nothing, and as Flatten where it makes a
// vector.
func (c *call) reshapedAs(suffix string, x operand, to ann.Shape) operand {
	switch {
	case !x.known || x.shape.Equal(to):
		return x
	case len(to) == 1 && to.Size() == x.shape.Size():
		return c.emitAs(suffix, ann.Flatten{}, x)
	}
	return c.emitAs(suffix, ann.Reshape{To: to}, x)
}
