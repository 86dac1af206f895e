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
	err := fields(b, func(x field) error {
		switch x.num {
		case 1:
			inputs = append(inputs, string(x.val))
		case 2:
			outputs = append(outputs, string(x.val))
		case 3:
			name = string(x.val)
		case 4:
			info.op = string(x.val)
		case 5:
			attributes = append(attributes, x.val)
		case 7:
			info.domain = string(x.val)
		}
		return nil
	})
	if err != nil {
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
			p.diags.Add(problemf(idMadeTwice, "makes %q, which something else makes too", o).withRemedy("check the file with onnx.checker").about(info.subject()))
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
	var payload []field
	err := fields(b, func(x field) error {
		switch {
		case x.num == 1:
			name = string(x.val)
		case x.num == 20:
			kind = x.v
		case x.num >= 2 && x.num <= 11:
			payload, guess = append(payload, x), uint64(x.num-1)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if kind == 0 { // files before IR version 3 leave the kind out; fields are numbered kind + 1
		kind = guess
	}
	if _, taken := attributeKinds[kind]; taken || kind > 14 {
		p.diags.Add(problemf(idAttrKind, "attribute %s is %s, which is not taken", name, cmp.Or(attributeKinds[kind], fmt.Sprintf("of kind %d", kind))).
			withRemedy(remedyFor(info.op)).about(info.subject()))
		info.refused = true
		return out, nil
	}
	a := appendBytes(nil, 1, name)
	if kind == attrTensor {
		return p.tensorAttribute(out, info, name, a, payload)
	}
	for _, x := range payload {
		if uint64(x.num) == kind+1 {
			a = append(a, x.raw...)
		}
	}
	return appendBytes(out, 5, appendVarint(a, 20, kind)), nil
}

// tensorAttribute appends an attribute that holds a tensor; a is its beginning. A tensor without elements, which
// onnx-go cannot hold, becomes an empty list of integers.
func (p *prepass) tensorAttribute(out []byte, info *nodeInfo, name string, a []byte, payload []field) ([]byte, error) {
	for _, x := range payload {
		if x.num != attrTensor+1 {
			continue
		}
		t, err := parseTensor(x.val)
		if err != nil {
			return nil, err
		}
		if n, problem := t.count(); problem == nil && n == 0 {
			return appendBytes(out, 5, appendVarint(a, 20, attrInts)), nil
		}
		info.dtype = t.dtype
		tensor, problem := t.normal(p.external)
		if problem != nil {
			problem.msg = fmt.Sprintf("attribute %s: tensor %s", name, problem.msg)
			p.diags.Add(problem.about(info.subject()))
			info.refused = true
			return out, nil
		}
		return appendBytes(out, 5, appendVarint(appendBytes(a, 5, tensor), 20, attrTensor)), nil
	}
	return out, nil
}
