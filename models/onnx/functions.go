package onnx

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Bounds of what calls of functions may become: a few functions that call each other several times would else be a graph
// without end.
const (
	maxCallDepth    = 16       // functions inside functions
	maxInlined      = maxNodes // calls, and nodes that they become
	maxInlinedBytes = maxWire  // of the names and attributes of these
	boundName       = 16       // bytes that count for a name that a call binds
)

// function is a FunctionProto: an operator that the file itself defines, by other operators.
type function struct {
	domain, name, overload string
	opset                  int64 // version of the default operator set that it is written for, 0 if it names none
	inputs, outputs        []string
	defaults               map[string][]byte // of its attributes: AttributeProtos
	nodes                  [][]byte
}

// operatorKey names an operator: by its name alone where it is ONNX's own, else after its domain and a point. Names with
// points, which no operator has, get keys that no operator has.
func operatorKey(domain, op string) string {
	switch {
	case strings.Contains(op, "."):
		return domain + "\x00" + op
	case defaultDomain(domain):
		return op
	}
	return domain + "." + op
}

// functionKey names a function.
func functionKey(domain, op, overload string) string {
	return operatorKey(domain, op) + "\x00" + overload
}

// scanFunction keeps a FunctionProto, which counts as its nodes and one more. Of two of the same name the first counts.
func (p *prepass) scanFunction(b []byte) error {
	f := &function{defaults: map[string][]byte{}}
	err := fields(b, func(x field) (err error) {
		switch x.num {
		case 1:
			f.name, err = nameOf(x.val)
		case 4:
			f.inputs, err = port(f.inputs, x.val)
		case 5:
			f.outputs, err = port(f.outputs, x.val)
		case 7:
			f.nodes = append(f.nodes, x.val)
			err = count(&p.tally.nodes, 1, maxNodes, "nodes")
		case 9:
			var domain string
			var version int64
			domain, version, err = operatorSet(x.val)
			if defaultDomain(domain) {
				f.opset = version
			}
		case 10:
			f.domain, err = nameOf(x.val)
		case 11:
			var name string
			name, _, err = attributeNames(x.val)
			f.defaults[name] = x.val
			err = errors.Join(err, count(&p.tally.attributes, 1, maxAttributes, "attributes"))
		case 13:
			f.overload, err = nameOf(x.val)
		}
		return err
	})
	err = errors.Join(err, count(&p.tally.nodes, 1, maxNodes, "nodes"), count(&p.tally.ports, len(f.inputs)+len(f.outputs), maxAllPorts, "inputs and outputs of nodes"))
	if key := functionKey(f.domain, f.name, f.overload); p.functions[key] == nil {
		p.functions[key] = f
	}
	return err
}

// attributeNames returns the name of an AttributeProto, and that of the function's attribute that it stands for, or "".
func attributeNames(b []byte) (name, reference string, err error) {
	err = fields(b, func(x field) error {
		switch x.num {
		case 1:
			name = string(x.val)
		case 21:
			reference = string(x.val)
		}
		return nil
	})
	return name, reference, err
}

// inliner replaces calls of functions by their nodes.
type inliner struct {
	p            *prepass
	out          [][]byte
	nodes, bytes int    // made so far, those that were given up and calls too
	names        *namer // of calls
}

// scope is what names mean inside a call.
type scope struct {
	call       string            // its name; "" outside of all functions
	values     map[string]string // names of the function's inputs and outputs
	attributes map[string][]byte
	callers    []*function // the functions that the call is in, its own last
}

// inline returns the graph's nodes with those of functions in place of their calls. Values inside a function are called
// after the call. A call of the graph that cannot be inlined to the end stays as it is, and uninlined holds the reason.
func (p *prepass) inline(nodes [][]byte) ([][]byte, error) {
	if len(p.functions) == 0 {
		return nodes, nil
	}
	in := &inliner{p: p, names: newNamer()}
	for i, b := range nodes {
		n, err := parseNode(b)
		if err != nil {
			return nil, fmt.Errorf("node %d: %w", i, err)
		}
		key, begin := operatorKey(n.domain, n.op), len(in.out)
		why := p.uninlined[key]
		if why == "" {
			if why, err = in.node(b, scope{}); err != nil {
				return nil, fmt.Errorf("node %d: %w", i, err)
			}
		}
		if why != "" {
			p.uninlined[key] = why
			in.out = append(in.out[:begin], b)
		}
	}
	return in.out, count(&p.tally.nodes, len(in.out)-len(nodes), maxNodes, "nodes, with those of functions,")
}

// parsedNode is a NodeProto.
type parsedNode struct {
	inputs, outputs            []string
	name, op, domain, overload string
	attributes                 [][]byte
}

func parseNode(b []byte) (n parsedNode, err error) {
	err = fields(b, func(x field) (err error) {
		switch x.num {
		case 1:
			n.inputs, err = port(n.inputs, x.val)
		case 2:
			n.outputs, err = port(n.outputs, x.val)
		case 3:
			n.name, err = nameOf(x.val)
		case 4:
			n.op, err = nameOf(x.val)
		case 5:
			n.attributes = append(n.attributes, x.val)
		case 7:
			n.domain, err = nameOf(x.val)
		case 8:
			n.overload, err = nameOf(x.val)
		}
		return err
	})
	return n, err
}

// bytes encodes the node.
func (n parsedNode) bytes() []byte {
	var b []byte
	for _, s := range n.inputs {
		b = appendBytes(b, 1, s)
	}
	for _, s := range n.outputs {
		b = appendBytes(b, 2, s)
	}
	b = appendBytes(appendBytes(b, 3, n.name), 4, n.op)
	for _, a := range n.attributes {
		b = appendBytes(b, 5, a)
	}
	return appendBytes(appendBytes(b, 7, n.domain), 8, n.overload)
}

// node adds a node as it stands in a scope, or the nodes of the function that it calls. It says why that cannot be, or
// nothing.
func (in *inliner) node(b []byte, s scope) (why string, err error) {
	n, err := parseNode(b)
	if err != nil {
		return "", err
	}
	if err := s.rename(&n); err != nil {
		return "", err
	}
	if in.nodes >= maxInlined || in.bytes >= maxInlinedBytes {
		return fmt.Sprintf("is a call of functions, and all of these come to more than %d nodes or %d bytes", maxInlined, maxInlinedBytes), nil
	}
	if f := in.p.functions[functionKey(n.domain, n.op, n.overload)]; f != nil {
		return in.call(f, n, s.callers)
	}
	in.add(n)
	return "", nil
}

// add adds a node.
func (in *inliner) add(n parsedNode) {
	b := n.bytes()
	in.nodes, in.bytes = in.nodes+1, in.bytes+len(b)
	in.out = append(in.out, b)
}

// obstacle says why a call of f cannot be inlined inside callers, or nothing.
func (in *inliner) obstacle(f *function, n parsedNode, callers []*function) string {
	switch {
	case slices.Contains(callers, f):
		return fmt.Sprintf("calls function %q, which calls itself", f.name)
	case len(callers) >= maxCallDepth:
		return fmt.Sprintf("calls function %q inside %d others, more than are taken", f.name, maxCallDepth)
	case f.opset != 0 && f.opset != in.p.opset:
		return fmt.Sprintf("calls function %q, which is for opset version %d; the model is for version %d", f.name, f.opset, in.p.opset)
	case len(n.inputs) > len(f.inputs) || len(n.outputs) > len(f.outputs):
		return fmt.Sprintf("calls function %q with %d inputs and %d outputs; it has %d and %d", f.name, len(n.inputs), len(n.outputs), len(f.inputs), len(f.outputs))
	}
	return ""
}

// call adds the nodes of f in place of its call n. It says why that cannot be, or nothing.
func (in *inliner) call(f *function, n parsedNode, callers []*function) (why string, err error) {
	if why := in.obstacle(f, n, callers); why != "" {
		return why, nil
	}
	in.nodes, in.bytes = in.nodes+1, in.bytes+boundName*(len(f.inputs)+len(f.outputs)+len(f.defaults)) // also where it adds no node
	s := scope{call: in.names.unique(cmp.Or(n.name, strings.Join(n.outputs, ","))), values: map[string]string{"": ""}, attributes: map[string][]byte{}, callers: append(slices.Clone(callers), f)}
	for i, name := range f.inputs {
		s.values[name] = ""
		if i < len(n.inputs) {
			s.values[name] = n.inputs[i]
		}
	}
	for name, b := range f.defaults {
		s.attributes[name] = b
	}
	for _, b := range n.attributes {
		name, _, err := attributeNames(b)
		if err != nil {
			return "", err
		}
		s.attributes[name] = b
	}
	var copies []parsedNode // outputs that are inputs
	for i, name := range f.outputs {
		if i >= len(n.outputs) || n.outputs[i] == "" {
			continue
		}
		if from, ok := s.values[name]; ok {
			copies = append(copies, parsedNode{inputs: []string{from}, outputs: n.outputs[i : i+1], op: "Identity"})
			continue
		}
		s.values[name] = n.outputs[i]
	}
	for _, b := range f.nodes {
		if why, err = in.node(b, s); why != "" || err != nil {
			return why, err
		}
	}
	for _, c := range copies {
		in.add(c)
	}
	return "", nil
}

// rename gives a node of a function the names that it has outside, and the attributes of the call. An attribute that
// stands for one that is not given is left out.
func (s scope) rename(n *parsedNode) error {
	if s.call == "" {
		return nil
	}
	for _, list := range [][]string{n.inputs, n.outputs} {
		for i, name := range list {
			outside, ok := s.values[name]
			if !ok {
				outside = s.call + "/" + name
			}
			list[i] = outside
		}
	}
	n.name = s.call + "/" + cmp.Or(n.name, n.op)
	var kept [][]byte
	for _, b := range n.attributes {
		name, reference, err := attributeNames(b)
		if err != nil {
			return err
		}
		if reference != "" {
			if b = s.attributes[reference]; b == nil {
				continue
			}
			b = appendBytes(b[:len(b):len(b)], 1, name) // the last name of a message counts
		}
		kept = append(kept, b)
	}
	n.attributes = kept
	return nil
}
