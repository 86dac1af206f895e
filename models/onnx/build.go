package onnx

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"spikec/internal/diag"
	"spikec/models/ann"
)

// builder turns decoded nodes into a graph. After a problem it goes on with results of unknown shape, so that one run
// names every problem.
type builder struct {
	pre      *prepass
	rec      *recorder
	options  Options
	names    *namer // of the graph's nodes
	diags    diag.List
	model    *Model
	whole    bool  // the whole input is one image: no dimension is a batch (batch.go)
	numbered bool  // the input's dimensions are all numbers
	batch    int64 // the fixed batch size, or −1
	elements int   // of all tensors of the graph
	made     int   // elements of constants that the file does not hold (spend)
}

// build makes a model of what was decoded: first with the first dimension of the input as batch, then, where an operation
// does not keep it and the input's dimensions are all numbers, with the whole input as one image.
func (o Options) build(p *prepass, rec *recorder) *Model {
	try := func(whole bool) *builder {
		b := &builder{pre: p, rec: rec, options: o, names: p.names.clone(), diags: slices.Clone(p.diags), whole: whole}
		b.build()
		return b
	}
	b := try(false)
	if b.diags.HasErrors() && !p.diags.HasErrors() && b.numbered {
		rec.forget()
		if w := try(true); !w.diags.HasErrors() || b.model.Graph == nil {
			b = w
		}
	}
	b.model.Diagnostics = b.diags
	return b.model
}

// build makes the model; it is complete only if diags holds no error.
func (b *builder) build() {
	b.model = &Model{IR: b.pre.ir, Opset: b.pre.opset, Producer: strings.TrimSpace(b.pre.producer + " " + b.pre.version), ExternalFiles: b.pre.external.names()}
	for _, n := range b.rec.nodes {
		n.nodeInfo = b.pre.nodes[n.index]
	}
	outputs := b.findOutputs()
	nodes, used := live(outputs)
	b.reportDead(nodes)
	order, cyclic := sorted(nodes)
	b.reportCycle(cyclic)
	b.reportMissing(order, used)
	b.findInput(used)
	b.reportPrecision()
	for _, n := range order {
		b.importNode(n)
	}
	if !b.diags.HasErrors() {
		b.finish(outputs[0])
	}
}

// findOutputs returns the value of the graph's output, or of the one that was chosen; without a choice it refuses more or
// fewer than one, and returns all of them.
func (b *builder) findOutputs() []*value {
	names := b.pre.outputs
	if chosen := b.options.Output; chosen != "" {
		if !slices.Contains(names, chosen) {
			b.fail(problemf(idOutputs, "has no output %q; it has %s", chosen, quoteAll(names)).withRemedy("choose one of these with --model-output"))
		} else {
			names = []string{chosen}
		}
	}
	var values []*value
	for _, name := range names {
		v := b.rec.byName[name]
		if v == nil || v.producer == nil && v.constant == nil && !b.pre.exists(name) {
			b.fail(problemf(idNoProducer, "output %q is made by no node", name).withRemedy("check the file with onnx.checker"))
			continue
		}
		values = append(values, v)
	}
	switch n := len(names); {
	case n == 0:
		b.fail(problemf(idOutputs, "has no output"))
	case n > 1 && b.options.Output == "":
		b.fail(problemf(idOutputs, "has %d outputs: %s", n, quoteAll(names)).withRemedy("choose the class scores with --model-output NAME"))
	case n == 1:
		b.model.OutputName = names[0]
	}
	return values
}

// finish connects the graph's output.
func (b *builder) finish(out *value) {
	if !out.known {
		b.fail(problemf(idConstOutput, "output %q does not depend on the input", out.name))
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

// importNode checks one node and adds what it computes to the graph.
func (b *builder) importNode(n *node) {
	b.model.Nodes = append(b.model.Nodes, Origin{Name: n.name, Op: n.op, Node: -1})
	if n.refused || len(n.outputs) == 0 {
		return
	}
	imp, ok := importers[n.op]
	c := &call{b: b, node: n}
	if !defaultDomain(n.domain) {
		c.refuse(idOperator, "export with the standard operators only", "operator of domain %q is not supported", n.domain)
		return
	}
	if !ok {
		c.refuse(idOperator, remedyFor(n.op), "operator is not supported")
		return
	}
	c.checkAttributes(imp)
	imp.run(c)
	for _, v := range n.outputs {
		if v != nil && v.known && !c.failed {
			b.model.Nodes[len(b.model.Nodes)-1].Node = v.node
			break
		}
	}
}

// quoteAll prints names as "a", "b".
func quoteAll(names []string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(q, ", ")
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
