// Package ann holds the trained network as ONNX means it: a graph of tensor operations on one image, with a float32
// executor. It knows nothing of files (models/onnx makes graphs) and nothing of spikes (convert reads them).
package ann

import (
	"fmt"
	"strings"
)

// Shape is the shape of a tensor without its batch dimension: C,H,W for maps, N for vectors.
type Shape []int

// Size returns the number of elements.
func (s Shape) Size() int {
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}

// Equal reports whether both shapes have the same dimensions.
func (s Shape) Equal(t Shape) bool {
	if len(s) != len(t) {
		return false
	}
	for i := range s {
		if s[i] != t[i] {
			return false
		}
	}
	return true
}

// Channels returns the length of the first dimension: channels of a map, elements of a vector.
func (s Shape) Channels() int { return s[0] }

// String prints the shape as 12x24x24.
func (s Shape) String() string {
	p := make([]string, len(s))
	for i, d := range s {
		p[i] = fmt.Sprint(d)
	}
	return strings.Join(p, "x")
}

// Op is what a node computes. Values are immutable once they are part of a graph: passes make new ones.
type Op interface {
	// Kind returns the operation's name as ONNX spells it, such as Conv.
	Kind() string
	// OutputShape returns the shape of the result, or says why these inputs do not fit.
	OutputShape(in []Shape) (Shape, error)
	// Forward computes dst from in; both have the sizes that OutputShape was asked about. dst does not overlap in.
	Forward(dst []float32, in [][]float32, shapes []Shape, scratch *Scratch)
}

// Counted is implemented by operations that have parameters or multiply.
type Counted interface {
	// Parameters returns the number of trained values.
	Parameters() int
	// MACs returns the multiply-accumulate operations of one image.
	MACs(in []Shape, out Shape) int64
}

// Node is one operation of a graph.
type Node struct {
	Name   string // the user's name for it, unique in the graph
	Op     Op
	Inputs []int // indices of earlier nodes, in the operation's order
	Shape  Shape // of the result
}

// Graph is a network with one input and one output, in topological order.
type Graph struct {
	Name   string
	Nodes  []Node // Nodes[0] is the input (op Input)
	Output int    // index of the node whose value is the result
}

// NewGraph returns a graph that holds only its input node.
func NewGraph(name, input string, shape Shape) *Graph {
	return &Graph{Name: name, Nodes: []Node{{Name: input, Op: Input{}, Shape: shape}}}
}

// Add appends a node, infers its shape, makes it the output and returns its index.
func (g *Graph) Add(name string, op Op, inputs ...int) (int, error) {
	shapes := make([]Shape, len(inputs))
	for i, in := range inputs {
		if in < 0 || in >= len(g.Nodes) {
			return 0, fmt.Errorf("ann: node %q: input %d is not an earlier node", name, in)
		}
		shapes[i] = g.Nodes[in].Shape
	}
	shape, err := op.OutputShape(shapes)
	if err == nil {
		err = checkSize(shape)
	}
	if err != nil {
		return 0, fmt.Errorf("ann: node %q (%s): %w", name, op.Kind(), err)
	}
	g.Nodes = append(g.Nodes, Node{Name: name, Op: op, Inputs: inputs, Shape: shape})
	g.Output = len(g.Nodes) - 1
	return g.Output, nil
}

// InputShapes returns the shapes of the node's inputs.
func (g *Graph) InputShapes(node int) []Shape {
	n := g.Nodes[node]
	s := make([]Shape, len(n.Inputs))
	for i, in := range n.Inputs {
		s[i] = g.Nodes[in].Shape
	}
	return s
}

// Consumers returns, for every node, the nodes that read it; a node that reads a value twice is listed twice.
func (g *Graph) Consumers() [][]int {
	c := make([][]int, len(g.Nodes))
	for i, n := range g.Nodes {
		for _, in := range n.Inputs {
			c[in] = append(c[in], i)
		}
	}
	return c
}

// Parameters returns the number of trained values of the graph.
func (g *Graph) Parameters() int {
	n := 0
	for _, node := range g.Nodes {
		if c, ok := node.Op.(Counted); ok {
			n += c.Parameters()
		}
	}
	return n
}

// MACs returns the multiply-accumulate operations of one image.
func (g *Graph) MACs() int64 {
	var n int64
	for i, node := range g.Nodes {
		if c, ok := node.Op.(Counted); ok {
			n += c.MACs(g.InputShapes(i), node.Shape)
		}
	}
	return n
}

// String prints one line a node: index, name, operation, inputs, shape.
func (g *Graph) String() string {
	var b strings.Builder
	for i, n := range g.Nodes {
		fmt.Fprintf(&b, "%%%d = %s", i, n.Op.Kind())
		for _, in := range n.Inputs {
			fmt.Fprintf(&b, " %%%d", in)
		}
		if s, ok := n.Op.(fmt.Stringer); ok {
			fmt.Fprintf(&b, " {%s}", s)
		}
		fmt.Fprintf(&b, " -> %s  # %s\n", n.Shape, n.Name)
	}
	fmt.Fprintf(&b, "output %%%d\n", g.Output)
	return b.String()
}
