package onnx

import (
	"errors"
	"fmt"

	"spikec/internal/diag"
)

// prepass reads the wire bytes of a model and rewrites them into what onnx-go decodes without loss or panic: no type
// information, no empty tensors, no sub-graphs, and in the place of every tensor its number in tensors. What onnx-go
// would drop (names, domains, versions, shapes) or copy several times (the numbers of tensors) it keeps in its fields.
type prepass struct {
	source   string // what messages about the whole file call it
	external *externalFiles
	memory   *memory
	tally    tally
	diags    findings

	ir, opset         int64
	hasOpset          bool
	producer, version string
	functions         map[string]*function
	uninlined         map[string]string // why calls of a function were left as they are, by its operatorKey

	graphName string
	inputs    []valueInfo // without those that are initialisers
	outputs   []string
	nodes     []*nodeInfo // in the file's order
	tensors   []*constant
	present   map[string]bool // inputs and initialisers that were refused: values that exist without a maker
	empty     map[string]bool // initialisers without elements
	precision map[string]int  // float formats other than float32: number of initialisers
	names     *namer
}

// valueInfo is what a file says about a graph input.
type valueInfo struct {
	name     string
	elemType uint64
	tensor   bool // it is a tensor, not a sequence or map
	hasShape bool
	rank     int
	dims     []string // a number, a symbol, or "?"; of more than maxRank not all are kept
	sizes    []int64  // the number, or −1
}

// nodeInfo is what onnx-go does not carry of a node.
type nodeInfo struct {
	index   int
	name    string // unique
	op      string
	domain  string
	refused bool // it is not imported: a diagnostic about one of its attributes or outputs exists
	blamed  bool // a diagnostic about it exists
}

// run returns the rewritten bytes; ok = false means that there is nothing to go on with. Problems are in diags.
func (p *prepass) run(data []byte) (wire []byte, ok bool) {
	p.present, p.empty, p.precision, p.names = map[string]bool{}, map[string]bool{}, map[string]int{}, newNamer()
	p.functions, p.uninlined = map[string]*function{}, map[string]string{}
	graph, err := p.scanModel(data)
	if err != nil {
		p.damaged(err)
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
		p.damaged(err)
		return nil, false
	}
	if len(p.nodes) == 0 {
		p.add(problemf(idNoGraph, "the graph has no nodes"))
		return nil, false
	}
	if !p.tables(len(out)) {
		p.add(problemf(idTooLarge, "holds a graph of %d nodes with so many attributes, inputs and outputs that it takes more memory than a file of its size may", len(p.nodes)).
			withRemedy("simplify the model, for example with onnxsim; a network for a chip is far smaller"))
		return nil, false
	}
	return appendBytes(nil, 7, out), true
}

// add records a problem of the whole file.
func (p *prepass) add(x *problem) { p.diags.Add(x.about(p.source)) }

// damaged records that the bytes cannot be read, or hold too much.
func (p *prepass) damaged(err error) {
	var reason *problem
	if !errors.As(err, &reason) {
		reason = problemf(idDamaged, "the bytes are not an ONNX model, or are cut off: %v", err).withRemedy("export or download the model again")
	}
	p.add(reason)
}

// scanModel reads the fields of ModelProto and returns the graph's bytes, nil if there are none. Protobuf allows to
// write a message in several pieces, whose fields are read one after the other.
func (p *prepass) scanModel(data []byte) (graph [][]byte, err error) {
	err = fields(data, func(x field) error {
		switch x.num {
		case 1:
			p.ir = int64(x.v)
		case 2:
			p.producer = cut(x.val, shownName)
		case 3:
			p.version = cut(x.val, shownName)
		case 7:
			if graph = append(graph, x.val); len(graph) > maxPieces {
				return tooMany("pieces of a graph", maxPieces)
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
