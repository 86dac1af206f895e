package onnx

import (
	"errors"
	"fmt"
	"slices"

	onnxgo "github.com/owulveryck/onnx-go"
	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/simple"
	"gorgonia.org/tensor"
)

// recorder is the backend that onnx-go fills. It keeps, for every node, its inputs in order: a plain gonum graph would
// merge the two edges of Mul(x, x). The embedded graph stays empty; onnx-go only writes.
type recorder struct {
	*simple.WeightedDirectedGraph
	tensors []*constant // what the numbers in the place of tensors stand for
	byName  map[string]*value
	nodes   []*node
	last    int64
	edges   []simple.WeightedEdge // of the node that is being read
}

// value is a tensor of the ONNX graph: an initialiser, the graph's input, or a result of a node.
type value struct {
	rec      *recorder
	id       int64
	name     string
	producer *node
	output   int // which of the producer's outputs it is

	// What building finds out. Neither constant nor known means that the value could not be made, and that a
	// diagnostic says why.
	constant *constant
	known    bool // it is the result of Graph's node
	node     int
	integers *integers // it is known, and whole numbers in the file
	number   bool      // it is known, and has no dimension behind the batch
}

// node is an operation of the ONNX graph.
type node struct {
	*nodeInfo
	attrs           map[string]any // a tensor is a *constant
	inputs, outputs []*value       // nil where left out
}

// forget drops what building found out, so that it can be done again.
func (r *recorder) forget() {
	for _, n := range r.nodes {
		n.blamed = false
	}
	for _, v := range r.byName {
		v.known, v.node, v.integers, v.number = false, 0, nil, false
		if v.producer != nil {
			v.constant = nil
		}
	}
}

// ID returns the value's number in the recorder.
func (v *value) ID() int64 { return v.id }

// SetName names the value; onnx-go calls it before anything refers to the value.
func (v *value) SetName(name string) {
	v.name = name
	v.rec.byName[name] = v
}

// GetName returns the value's name.
func (v *value) GetName() string { return v.name }

// SetTensor makes the value the constant that t stands for.
func (v *value) SetTensor(t tensor.Tensor) error {
	c, err := v.rec.tensor(t)
	v.constant = c
	return err
}

// tensor returns the constant whose number the pre-pass wrote in its place.
func (r *recorder) tensor(t tensor.Tensor) (*constant, error) {
	i, ok := t.Data().(int64)
	if !ok || i < 0 || i >= int64(len(r.tensors)) {
		return nil, errors.New("a tensor lost its number")
	}
	return r.tensors[i], nil
}

// GetTensor returns nil: onnx-go asks for tensors only when it runs a network.
func (v *value) GetTensor() tensor.Tensor { return nil }

// NewNode returns a value without a name.
func (r *recorder) NewNode() graph.Node {
	r.last++
	return &value{rec: r, id: r.last}
}

// AddNode does nothing: SetName has recorded the value.
func (r *recorder) AddNode(graph.Node) {}

// NewWeightedEdge returns an edge from a result to the input number weight of the node that makes it.
func (r *recorder) NewWeightedEdge(from, to graph.Node, weight float64) graph.WeightedEdge {
	return simple.WeightedEdge{F: from, T: to, W: weight}
}

// SetWeightedEdge keeps the edge for the ApplyOperation that follows.
func (r *recorder) SetWeightedEdge(e graph.WeightedEdge) {
	r.edges = append(r.edges, e.(simple.WeightedEdge))
}

// ApplyOperation records a node. onnx-go has set the edges of each of its outputs, one output after the other.
func (r *recorder) ApplyOperation(op onnxgo.Operation, outs ...graph.Node) error {
	edges := r.edges
	r.edges = nil
	index, ok := op.Attributes[indexAttribute].(int64)
	if !ok {
		return fmt.Errorf("node of operator %q lost its number", op.Name)
	}
	for name, a := range op.Attributes {
		if t, ok := a.(tensor.Tensor); ok {
			c, err := r.tensor(t)
			if err != nil {
				return err
			}
			op.Attributes[name] = c
		}
	}
	n := &node{attrs: op.Attributes, nodeInfo: &nodeInfo{index: int(index)}}
	if len(outs) > 0 {
		edges = edges[:len(edges)/len(outs)]
	}
	slices.SortStableFunc(edges, func(a, b simple.WeightedEdge) int { return int(a.W - b.W) })
	for _, e := range edges {
		n.inputs = append(n.inputs, present(e.T))
	}
	for i, o := range outs {
		v := present(o)
		if v != nil && v.producer == nil {
			v.producer, v.output = n, i
		}
		n.outputs = append(n.outputs, v)
	}
	r.nodes = append(r.nodes, n)
	return nil
}

// present returns the value, or nil for the empty name, which stands for an input or output left out.
func present(n graph.Node) *value {
	if v := n.(*value); v.name != "" {
		return v
	}
	return nil
}

// runDecoder decodes the rewritten bytes, in which numbers stand for tensors. onnx-go panics on some damaged files; that
// becomes an error.
func runDecoder(wire []byte, tensors []*constant) (rec *recorder, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the decoder failed: %v", r)
		}
	}()
	rec = &recorder{WeightedDirectedGraph: simple.NewWeightedDirectedGraph(0, 0), tensors: tensors, byName: map[string]*value{}}
	if err := onnxgo.NewModel(rec).UnmarshalBinary(wire); err != nil {
		return nil, fmt.Errorf("the decoder refused the file: %w", err)
	}
	return rec, nil
}
