package onnx

import (
	"encoding/binary"
	"fmt"
	"strconv"
)

// graphParts are the fields of a GraphProto that matter, still encoded.
type graphParts struct{ nodes, initializers, sparse, inputs, outputs [][]byte }

// graph rewrites a GraphProto, given in pieces.
func (p *prepass) graph(pieces [][]byte) ([]byte, error) {
	var g graphParts
	for _, b := range pieces {
		if err := p.parts(&g, b); err != nil {
			return nil, fmt.Errorf("graph: %w", err)
		}
	}
	out, made, err := p.values(g)
	if err != nil {
		return nil, err
	}
	if g.nodes, err = p.inline(g.nodes); err != nil {
		return nil, err
	}
	for i, n := range g.nodes {
		node, err := p.node(i, n, made)
		if err != nil {
			return nil, fmt.Errorf("node %d: %w", i, err)
		}
		if out = appendBytes(out, 1, node); len(out) > maxWire {
			return nil, tooMany("bytes of names and attributes", maxWire)
		}
	}
	return out, nil
}

// parts sorts the fields of a piece of a GraphProto.
func (p *prepass) parts(g *graphParts, b []byte) error {
	return fields(b, func(x field) error {
		switch x.num {
		case 1:
			g.nodes = append(g.nodes, x.val)
			return count(&p.tally.nodes, 1, maxNodes, "nodes")
		case 2:
			p.graphName = cut(x.val, shownName)
		case 5:
			g.initializers = append(g.initializers, x.val)
			return count(&p.tally.tensors, 1, maxTensors, "tensors")
		case 11:
			g.inputs = append(g.inputs, x.val)
			return count(&p.tally.values, 1, maxValues, "inputs and outputs")
		case 12:
			g.outputs = append(g.outputs, x.val)
			return count(&p.tally.values, 1, maxValues, "inputs and outputs")
		case 15:
			g.sparse = append(g.sparse, x.val)
			return count(&p.tally.tensors, 1, maxTensors, "tensors")
		}
		return nil
	})
}

// values rewrites initialisers, inputs and outputs, and returns the names that exist before the first node runs.
func (p *prepass) values(g graphParts) (out []byte, made map[string]bool, err error) {
	made = map[string]bool{}
	for i, b := range g.initializers {
		if out, err = p.initializer(out, b, made); err != nil {
			return nil, nil, fmt.Errorf("initialiser %d: %w", i, err)
		}
	}
	for i, b := range g.sparse {
		if err := p.sparse(b, made); err != nil {
			return nil, nil, fmt.Errorf("sparse initialiser %d: %w", i, err)
		}
	}
	for i, b := range g.inputs {
		v, err := parseValueInfo(b)
		if err != nil {
			return nil, nil, fmt.Errorf("input %d: %w", i, err)
		}
		if made[v.name] { // an initialiser that is listed as an input too, as IR versions below 4 demand
			continue
		}
		made[v.name], p.present[v.name] = true, true
		p.names.taken[v.name] = true
		p.inputs = append(p.inputs, v)
		out = appendBytes(out, 11, appendBytes(nil, 1, v.name))
	}
	for i, b := range g.outputs {
		v, err := parseValueInfo(b)
		if err != nil {
			return nil, nil, fmt.Errorf("output %d: %w", i, err)
		}
		p.outputs = append(p.outputs, v.name)
	}
	// The decoder wants an output; the recorder finds values by name and does not look at it.
	return appendBytes(out, 12, []byte{}), made, nil
}

// initializer appends a rewritten initialiser to out. One without elements is dropped: onnx-go panics on it, and a
// node that reads it sees an input that is not there.
func (p *prepass) initializer(out, b []byte, made map[string]bool) ([]byte, error) {
	t, err := parseTensor(b)
	if err != nil {
		return nil, err
	}
	refuse := func(reason *problem) ([]byte, error) {
		p.diags.about(thing{"initialiser", t.name, ""}, reason)
		p.present[t.name] = true
		return out, nil
	}
	if made[t.name] {
		return refuse(problemf(idMadeTwice, "is there twice"))
	}
	made[t.name] = true
	if n, reason := t.count(); reason == nil && n == 0 && t.dtype != typeString {
		p.empty[t.name] = true
		return out, nil
	}
	c, reason := t.decode(p.external, p.memory)
	if reason != nil {
		return refuse(reason)
	}
	if t.name == "" { // nothing can read it, and onnx-go wants a name
		return out, nil
	}
	if e := elementTypes[t.dtype]; e.float && t.dtype != typeFloat32 {
		p.precision[e.name]++
	}
	return appendBytes(out, 5, p.stand(t.name, c)), nil
}

// stand keeps a tensor and returns a TensorProto that stands for it: its number in tensors, a scalar.
func (p *prepass) stand(name string, c *constant) []byte {
	number := binary.LittleEndian.AppendUint64(nil, uint64(len(p.tensors)))
	p.tensors = append(p.tensors, c)
	return appendBytes(appendBytes(appendVarint(nil, 2, typeInt64), 8, name), 9, number)
}

// sparse refuses a SparseTensorProto by the name of its values.
func (p *prepass) sparse(b []byte, made map[string]bool) error {
	return fields(b, func(x field) error {
		if x.num != 1 {
			return nil
		}
		t, err := parseTensor(x.val)
		if err != nil {
			return err
		}
		p.diags.about(thing{"initialiser", t.name, ""}, problemf(idSparse, "is sparse").withRemedy("export dense weights"))
		p.present[t.name], made[t.name] = true, true
		return nil
	})
}

// parseValueInfo reads a ValueInfoProto: name, element type and shape.
func parseValueInfo(b []byte) (valueInfo, error) {
	var v valueInfo
	err := fields(b, func(x field) (err error) {
		switch x.num {
		case 1:
			v.name, err = nameOf(x.val)
			return err
		case 2: // TypeProto
			return fields(x.val, func(x field) error {
				if x.num != 1 {
					return nil
				}
				v.tensor = true
				return v.tensorType(x.val)
			})
		}
		return nil
	})
	return v, err
}

// tensorType reads a TypeProto.Tensor.
func (v *valueInfo) tensorType(b []byte) error {
	return fields(b, func(x field) error {
		switch x.num {
		case 1:
			v.elemType = x.v
		case 2: // TensorShapeProto
			v.hasShape = true
			return fields(x.val, func(x field) error {
				if x.num != 1 {
					return nil
				}
				return v.dimension(x.val)
			})
		}
		return nil
	})
}

// dimension appends a TensorShapeProto.Dimension.
func (v *valueInfo) dimension(b []byte) error {
	text, size := "?", int64(-1)
	err := fields(b, func(x field) error {
		switch x.num {
		case 1:
			if n := int64(x.v); n > 0 {
				text, size = strconv.FormatInt(n, 10), n
			}
		case 2:
			text = cut(x.val, shownName)
		}
		return nil
	})
	if v.rank++; v.rank <= maxRank {
		v.dims, v.sizes = append(v.dims, text), append(v.sizes, size)
	}
	return err
}
