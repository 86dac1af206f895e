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
	options  Options
	names    *namer // of the graph's nodes
	diags    *findings
	model    *Model
	whole    bool               // the whole input is one image: no dimension is a batch (batch.go)
	numbered bool               // the input's dimensions are all numbers
	batch    int64              // the fixed batch size, or −1
	elements int                // of all tensors of the graph
	negative map[int]bool       // what canBeNegative found out
	named    map[*nodeInfo]bool // nodes whose name an operation bears
	order    []*node            // the live nodes
	turns    map[*node]bool     // nodes that turn the input to C,H,W, which the graph takes (turned)
}

// build makes a model of what was decoded: first with the first dimension of the input as batch, then, where an operation
// does not keep it and the input's dimensions are all numbers, with the whole input as one image. Both attempts have one
// account of memory, because what the first one made is still there.
func (o Options) build(p *prepass, rec *recorder) *Model {
	try := func(whole bool) *builder {
		b := &builder{pre: p, rec: rec, options: o, names: p.names.over(), diags: p.diags.clone(), whole: whole,
			negative: map[int]bool{}, named: map[*nodeInfo]bool{}}
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
	b.model.Diagnostics = b.diags.diagnostics(p.source)
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
	b.model.Heavy = !b.pre.memory.has(b.copied(), 4)
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
			b.fail(problemf(idOutputs, "has no output %s; it has %s", quoted(chosen), listNames(names)).withRemedy("choose one of these with --model-output"))
		} else {
			names = []string{chosen}
		}
	}
	var values []*value
	for _, name := range names {
		v := b.rec.byName[name]
		if v == nil || v.producer == nil && v.constant == nil && !b.pre.present[name] {
			b.fail(problemf(idNoProducer, "output %s is made by no node", quoted(name)).withRemedy("check the file with onnx.checker"))
			continue
		}
		values = append(values, v)
	}
	switch n := len(names); {
	case n == 0:
		b.fail(problemf(idOutputs, "has no output"))
	case n > 1 && b.options.Output == "":
		b.fail(problemf(idOutputs, "has %d outputs: %s", n, listNames(names)).withRemedy("choose the class scores with --model-output NAME"))
	case n == 1:
		b.model.OutputName = names[0]
	}
	return values
}

// finish connects the graph's output.
func (b *builder) finish(out *value) {
	if !out.known {
		b.fail(problemf(idConstOutput, "output %s does not depend on the input", quoted(out.name)))
		return
	}
	if q := out.integers; q != nil && q.rounded {
		b.diags.Infof(idWholeOutput, "output "+quoted(out.name), "is whole numbers q in the file, %s; the graph gives the numbers that they stand for, (q - %v) * %v before they are rounded", typeName(q.kind), q.zero, q.scale)
	}
	b.model.Graph.Output = out.node
	if err := b.model.Graph.Validate(); err != nil {
		b.fail(problemf(idShape, "%v", err))
	}
}

// copied returns how many weights the conversion makes anew when it folds normalisations and other affine maps into them: all of
// them, where there is any map. It is what a file of bytes takes most memory for, four of it for each.
func (b *builder) copied() int64 {
	maps, n := false, int64(0)
	if b.model.Graph == nil {
		return 0
	}
	for _, node := range b.model.Graph.Nodes {
		switch op := node.Op.(type) {
		case *ann.BatchNorm, *ann.ChannelAffine, *ann.ElementAffine:
			maps = true
		case *ann.Conv:
			n += int64(len(op.Weight))
		case *ann.Linear:
			n += int64(len(op.Weight))
		}
	}
	if !maps {
		return 0
	}
	return n
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
		c.refuse(idOperator, remedyFor(c.op), "operator is not supported%s", because(c.op))
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
	if rank := len(g.Nodes[i].Shape); rank > maxRank {
		return 0, fmt.Errorf("its result has %d dimensions, at most %d are taken", rank, maxRank)
	}
	if b.elements += g.Nodes[i].Shape.Size(); b.elements > ann.MaxElements {
		return 0, fmt.Errorf("the network's tensors have more than %d elements", ann.MaxElements)
	}
	return i, nil
}
