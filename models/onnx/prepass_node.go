package onnx

import (
	"cmp"
	"fmt"
)

// indexAttribute is the attribute that carries a node's position in the file through onnx-go. No attribute of a file
// can be taken for it: names in files do not start with a zero byte, and ours comes last.
const indexAttribute = "\x00index"

// Kinds of attributes. Source: onnx.proto3, AttributeProto.AttributeType.
const (
	attrTensor = 4
	attrGraph  = 5
	attrInts   = 7
)

// attributeKinds are the names of the kinds that are not taken.
var attributeKinds = map[uint64]string{
	attrGraph: "a sub-graph", 9: "a list of tensors", 10: "a list of sub-graphs", 11: "a sparse tensor", 12: "a list of sparse tensors",
	13: "a type", 14: "a list of types",
}

// node rewrites a NodeProto, notes what onnx-go does not carry, and adds its outputs to made.
func (p *prepass) node(index int, b []byte, made map[string]bool) ([]byte, error) {
	info := &nodeInfo{index: index}
	var inputs, outputs []string
	var attributes [][]byte
	var name string
	err := fields(b, func(x field) (err error) {
		switch x.num {
		case 1:
			inputs, err = port(inputs, x.val)
		case 2:
			outputs, err = port(outputs, x.val)
		case 3:
			name, err = nameOf(x.val)
		case 4:
			info.op, err = nameOf(x.val)
		case 5:
			attributes = append(attributes, x.val)
			err = count(&p.tally.attributes, 1, maxAttributes, "attributes")
		case 7:
			info.domain, err = nameOf(x.val)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := count(&p.tally.ports, len(inputs)+len(outputs), maxAllPorts, "inputs and outputs of nodes"); err != nil {
		return nil, err
	}
	if err := count(&p.tally.edges, len(inputs)*len(outputs), maxEdges, "connections of inputs and outputs"); err != nil {
		return nil, err
	}
	if name == "" && len(outputs) > 0 {
		name = outputs[0]
	}
	info.name = p.names.unique(cmp.Or(name, fmt.Sprintf("%s_%d", info.op, index)))
	p.nodes = append(p.nodes, info)
	out := p.ports(info, inputs, outputs, made)
	for _, a := range attributes {
		if out, err = p.attribute(out, info, a); err != nil {
			return nil, err
		}
	}
	mark := appendVarint(appendVarint(appendBytes(nil, 1, indexAttribute), 3, uint64(index)), 20, 2)
	return appendBytes(appendBytes(out, 4, info.op), 5, mark), nil
}

// port appends the name of an input or output of a node.
func port(to []string, b []byte) ([]string, error) {
	if len(to) == maxPorts {
		return nil, tooMany("inputs or outputs of one node", maxPorts)
	}
	name, err := nameOf(b)
	return append(to, name), err
}

// ports encodes the inputs and outputs of a node. A node without inputs gets a missing one: onnx-go would invent a
// value called <name>/input, which may be the name of a real one.
func (p *prepass) ports(info *nodeInfo, inputs, outputs []string, made map[string]bool) []byte {
	var out []byte
	for _, in := range inputs {
		if p.empty[in] {
			in = ""
		}
		out = appendBytes(out, 1, in)
	}
	if len(inputs) == 0 {
		out = appendBytes(out, 1, "")
	}
	for _, o := range outputs {
		if made[o] && o != "" {
			p.diags.blame(info, problemf(idMadeTwice, "makes %s, which something else makes too", quoted(o)).withRemedy("check the file with onnx.checker"))
			info.refused = true
		}
		made[o] = true
		out = appendBytes(out, 2, o)
	}
	return out
}

// attribute appends a rewritten AttributeProto to out, or refuses it and marks the node.
func (p *prepass) attribute(out []byte, info *nodeInfo, b []byte) ([]byte, error) {
	var name string
	var kind, guess uint64
	err := fields(b, func(x field) (err error) {
		switch {
		case x.num == 1:
			name, err = nameOf(x.val)
		case x.num == 20:
			kind = x.v
		case x.num >= 2 && x.num <= 11:
			guess = uint64(x.num - 1)
			err = p.countListed(x)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if kind == 0 { // files before IR version 3 leave the kind out; fields are numbered kind + 1
		kind = guess
	}
	if _, taken := attributeKinds[kind]; taken || kind > 14 {
		p.diags.blame(info, problemf(idAttrKind, "attribute %s is %s, which is not taken", cut(name, shownName), cmp.Or(attributeKinds[kind], fmt.Sprintf("of kind %d", kind))).
			withRemedy(remedyFor(info.op)))
		info.refused = true
		return out, nil
	}
	a := appendBytes(nil, 1, name)
	if kind == attrTensor {
		return p.tensorAttribute(out, info, name, a, b)
	}
	// The message was read above, so that there can be no error.
	_ = fields(b, func(x field) error {
		if uint64(x.num) == kind+1 {
			a = append(a, x.raw...)
		}
		return nil
	})
	return appendBytes(out, 5, appendVarint(a, 20, kind)), nil
}

// countListed counts the numbers or strings of a field of an attribute; a list of numbers may be packed.
func (p *prepass) countListed(x field) error {
	n := int64(1)
	switch {
	case x.num == 7:
		n = max(1, fixedCount(x, wireFixed32))
	case x.num == 8:
		var err error
		if n, err = varintCount(x); err != nil {
			return err
		}
	}
	return count(&p.tally.listed, int(n), maxListed, "numbers and strings in attributes")
}

// tensorAttribute appends the attribute b, which holds a tensor; a is the beginning of what is appended. A tensor without
// elements, which onnx-go cannot hold, becomes an empty list of integers.
func (p *prepass) tensorAttribute(out []byte, info *nodeInfo, name string, a, b []byte) ([]byte, error) {
	var body []byte
	// The message was read before, so that there can be no error.
	_ = fields(b, func(x field) error {
		if x.num == attrTensor+1 && body == nil {
			body = x.val
		}
		return nil
	})
	if body == nil {
		return out, nil
	}
	t, err := parseTensor(body)
	if err != nil {
		return nil, err
	}
	if n, problem := t.count(); problem == nil && n == 0 {
		return appendBytes(out, 5, appendVarint(a, 20, attrInts)), nil
	}
	if err := count(&p.tally.tensors, 1, maxTensors, "tensors"); err != nil {
		return nil, err
	}
	c, reason := t.decode(p.external, p.memory)
	if reason != nil {
		reason.msg = fmt.Sprintf("attribute %s: tensor %s", cut(name, shownName), reason.msg)
		p.diags.blame(info, reason)
		info.refused = true
		return out, nil
	}
	return appendBytes(out, 5, appendVarint(appendBytes(a, 5, p.stand("", c)), 20, attrTensor)), nil
}
