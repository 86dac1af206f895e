package onnx

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"spikec/models/ann"
)

// builder turns decoded nodes into a graph. After a problem it goes on with results of unknown shape, so that one run
// names every problem.
type builder struct {
	pre      *prepass
	rec      *recorder
	diags    *findings
	model    *Model
	batch    int64              // the fixed batch size, or −1
	elements int                // of all tensors of the graph
	negative map[int]bool       // what canBeNegative found out
	named    map[*nodeInfo]bool // nodes whose name an operation bears
	order    []*node            // the live nodes
	turns    map[*node]bool     // nodes that turn the input to C,H,W, which the graph takes (turned)
}

// build makes the model; it is complete only if diags holds no error.
func (b *builder) build() *Model {
	b.negative, b.named = map[int]bool{}, map[*nodeInfo]bool{}
	b.model = &Model{IR: b.pre.ir, Opset: b.pre.opset, Producer: strings.TrimSpace(b.pre.producer + " " + b.pre.version), ExternalFiles: b.pre.external.names()}
	for _, n := range b.rec.nodes {
		n.nodeInfo = b.pre.nodes[n.index]
	}
	outputs := b.findOutputs()
	nodes, used := live(outputs)
	dead := b.reportDead(nodes)
	order, cyclic := sorted(nodes)
	waiting := b.reportCycle(cyclic)
	b.reportMissing(order, used)
	b.order = order
	b.findInput(used)
	b.reportPrecision()
	for _, n := range order {
		b.importNode(n)
	}
	b.model.Nodes = append(append(b.model.Nodes, waiting...), dead...)
	b.reportRanges()
	if !b.diags.HasErrors() {
		b.finish(outputs[0])
	}
	b.model.Diagnostics = b.diags.diagnostics(b.pre.source)
	return b.model
}

// findOutputs returns the values of the graph's outputs and refuses more or fewer than one.
func (b *builder) findOutputs() []*value {
	var values []*value
	for _, name := range b.pre.outputs {
		v := b.rec.byName[name]
		if v == nil || v.producer == nil && v.constant == nil && !b.pre.present[name] {
			b.fail(problemf(idNoProducer, "output %s is made by no node", quoted(name)).withRemedy("check the file with onnx.checker"))
			continue
		}
		values = append(values, v)
	}
	switch n := len(b.pre.outputs); {
	case n == 0:
		b.fail(problemf(idOutputs, "has no output"))
	case n > 1:
		b.fail(problemf(idOutputs, "has %d outputs: %s", n, listNames(b.pre.outputs)).withRemedy("export the model with the class scores as its only output"))
	default:
		b.model.OutputName = b.pre.outputs[0]
	}
	return values
}

// finish connects the graph's output.
func (b *builder) finish(out *value) {
	if !out.known {
		b.fail(problemf(idConstOutput, "output %s does not depend on the input", quoted(out.name)))
		return
	}
	b.model.Graph.Output = out.node
	if err := b.model.Graph.Validate(); err != nil {
		b.fail(problemf(idShape, "%v", err))
	}
}

// fail records a problem of the whole model.
func (b *builder) fail(p *problem) { b.diags.Add(p.about(b.pre.source)) }

// reportPrecision says which number formats were widened or narrowed to float32.
func (b *builder) reportPrecision() {
	var kinds []string
	for k, n := range b.pre.precision {
		kinds = append(kinds, fmt.Sprintf("%d in %s", n, k))
	}
	if len(kinds) > 0 {
		slices.Sort(kinds)
		b.diags.Infof(idPrecision, b.pre.source, "initialisers that are not float32 are computed in float32: %s", strings.Join(kinds, ", "))
	}
}

// reportRanges says what became of the rounding in a quantised file.
func (b *builder) reportRanges() {
	if n := len(b.model.Ranges); n > 0 {
		b.diags.Infof(idRanges, b.pre.source, "is quantised: it is taken as the float network of its weights, without the rounding of activations; --normalization recorded takes the ranges that it holds, %d, for scale factors", n)
	}
}

// importNode adds what a node computes to the graph, and says what became of it.
func (b *builder) importNode(n *node) {
	before := 0
	if b.model.Graph != nil {
		before = len(b.model.Graph.Nodes)
	}
	c := &call{b: b, node: n}
	c.run()
	b.model.Nodes = append(b.model.Nodes, c.origin(before))
}

// run checks the operator and imports the node.
func (c *call) run() {
	key := operatorKey(c.domain, c.op)
	imp, ok := importers[key]
	if c.b.turns[c.node] {
		imp = turnedTranspose
	}
	switch why := c.b.pre.uninlined[key]; {
	case c.refused:
	case ok:
		c.importBy(imp)
	case why != "":
		c.refuse(idFunctions, "inline functions before the export, with onnx.inliner.inline_local_functions", "%s", why)
	case !defaultDomain(c.domain):
		c.refuse(idOperator, remedyOf(c.domain), "operator of domain %s is not supported", quoted(c.domain))
	default:
		c.refuse(idOperator, remedyFor(c.op), "%s", reasonFor(c.op))
	}
}

// addNode adds a node to the graph unless all tensors together become too large. The name is unique.
func (b *builder) addNode(name string, op ann.Op, inputs ...int) (int, error) {
	g := b.model.Graph
	i, err := g.Add(name, op, inputs...)
	if err != nil {
		if inner := errors.Unwrap(err); inner != nil { // the message names the node already
			err = inner
		}
		return 0, err
	}
	if b.elements += g.Nodes[i].Shape.Size(); b.elements > ann.MaxElements {
		return 0, fmt.Errorf("the network's tensors have more than %d elements", ann.MaxElements)
	}
	return i, nil
}
