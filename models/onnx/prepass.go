package onnx

import (
	"fmt"

	"spikec/internal/diag"
)

// prepass reads the wire bytes of a model and rewrites them into what onnx-go decodes without loss or panic: every
// tensor inline as float32 or int64, no type information, no empty tensors, no sub-graphs. What onnx-go would drop
// (names, domains, versions, shapes) it keeps in its fields.
type prepass struct {
	source   string // what messages about the whole file call it
	external *externalFiles
	diags    diag.List

	ir, opset         int64
	hasOpset          bool
	producer, version string
	functions         map[string]*function
	uninlined         map[string]string // why calls of a function were left as they are, by its operatorKey

	graphName string
	inputs    []valueInfo // without those that are initialisers
	outputs   []string
	nodes     []*nodeInfo       // in the file's order
	broken    map[string]bool   // initialisers that were refused
	empty     map[string]bool   // initialisers without elements
	precision map[string]int    // float formats other than float32: number of initialisers
	types     map[string]uint64 // element types of initialisers
	names     *namer
}

// valueInfo is what a file says about a graph input.
type valueInfo struct {
	name     string
	elemType uint64
	tensor   bool // it is a tensor, not a sequence or map
	hasShape bool
	dims     []string // a number, a symbol, or "?"
	sizes    []int64  // the number, or −1
}

// nodeInfo is what onnx-go does not carry of a node.
type nodeInfo struct {
	index   int
	name    string // unique
	op      string
	domain  string
	refused bool   // a diagnostic about one of its attributes exists
	dtype   uint64 // element type of the tensor that is an attribute
}

// subject is what messages call the node.
func (n *nodeInfo) subject() string { return fmt.Sprintf("node %q (%s)", n.name, n.op) }

// run returns the rewritten bytes; ok = false means that there is nothing to go on with. Problems are in diags.
func (p *prepass) run(data []byte) (wire []byte, ok bool) {
	p.broken, p.empty, p.precision, p.names = map[string]bool{}, map[string]bool{}, map[string]int{}, newNamer()
	p.functions, p.uninlined, p.types = map[string]*function{}, map[string]string{}, map[string]uint64{}
	graph, err := p.scanModel(data)
	if err != nil {
		p.add(problemf(idDamaged, "the bytes are not an ONNX model, or are cut off: %v", err).withRemedy("export or download the model again"))
		return nil, false
	}
	if graph == nil {
		p.add(problemf(idNoGraph, "holds no graph; it is not an ONNX model").withRemedy("name the .onnx file itself"))
		return nil, false
	}
	if !p.checkOpset() {
		return nil, false
	}
	out, err := p.graph(graph)
	if err != nil {
		p.add(problemf(idDamaged, "the bytes are not an ONNX model, or are cut off: %v", err).withRemedy("export or download the model again"))
		return nil, false
	}
	if len(p.nodes) == 0 {
		p.add(problemf(idNoGraph, "the graph has no nodes"))
		return nil, false
	}
	return appendBytes(nil, 7, out), true
}

// add records a problem of the whole file.
func (p *prepass) add(x *problem) { p.diags.Add(x.about(p.source)) }

// scanModel reads the fields of ModelProto and returns the graph's bytes, nil if there are none.
func (p *prepass) scanModel(data []byte) (graph []byte, err error) {
	err = fields(data, func(x field) error {
		switch x.num {
		case 1:
			p.ir = int64(x.v)
		case 2:
			p.producer = string(x.val)
		case 3:
			p.version = string(x.val)
		case 7:
			if graph == nil {
				graph = x.val[:len(x.val):len(x.val)]
			} else { // protobuf merges a message that comes in pieces
				graph = append(graph, x.val...)
			}
		case 8:
			return p.scanOpset(x.val)
		case 25:
			return p.scanFunction(x.val)
		}
		return nil
	})
	return graph, err
}

// scanOpset reads an OperatorSetIdProto; only the default domain counts.
func (p *prepass) scanOpset(b []byte) error {
	domain, version, err := operatorSet(b)
	if defaultDomain(domain) {
		p.opset, p.hasOpset = version, true
	}
	return err
}

// operatorSet reads an OperatorSetIdProto.
func operatorSet(b []byte) (domain string, version int64, err error) {
	err = fields(b, func(x field) error {
		switch x.num {
		case 1:
			domain = string(x.val)
		case 2:
			version = int64(x.v)
		}
		return nil
	})
	return domain, version, err
}

// defaultDomain reports whether operators of the domain are ONNX's own.
func defaultDomain(d string) bool { return d == "" || d == "ai.onnx" }

// checkOpset refuses versions whose operators would be read with another meaning.
func (p *prepass) checkOpset() bool {
	remedy := fmt.Sprintf("export with an opset version from %d to %d, or use onnx.version_converter", MinOpset, MaxOpset)
	switch {
	case !p.hasOpset:
		p.add(problemf(idOpset, "names no version of the operator set").withRemedy(remedy))
	case p.opset < MinOpset || p.opset > MaxOpset:
		p.diags.Add(diag.Diagnostic{ID: idOpset, Severity: diag.Error, Subject: p.source, Message: fmt.Sprintf("uses opset version %d; versions %d to %d are accepted", p.opset, MinOpset, MaxOpset),
			Value: p.opset, Limit: fmt.Sprintf("%d..%d", MinOpset, MaxOpset), Remedy: remedy})
	default:
		return true
	}
	return false
}
