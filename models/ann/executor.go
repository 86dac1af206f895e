package ann

import (
	"fmt"

	"spikec/internal/gemm"
)

// Scratch is working memory that operations share within one executor.
type Scratch struct {
	gemm     gemm.Workspace[float32]
	unfolded unfolded
	ints     []int
	taps     []column
}

// takeInts returns n integers of unspecified content, valid until the next call.
func (s *Scratch) takeInts(n int) []int {
	if cap(s.ints) < n {
		s.ints = make([]int, n)
	}
	return s.ints[:n]
}

// Executor runs a graph on one image at a time and keeps the value of every node. It is not safe for concurrent
// use: make one per goroutine.
type Executor struct {
	graph   *Graph
	values  [][]float32
	inputs  [][][]float32
	shapes  [][]Shape
	scratch Scratch
}

// NewExecutor returns an executor with all memory allocated.
func NewExecutor(g *Graph) *Executor {
	e := &Executor{graph: g, values: make([][]float32, len(g.Nodes)), inputs: make([][][]float32, len(g.Nodes)), shapes: make([][]Shape, len(g.Nodes))}
	for i, n := range g.Nodes {
		e.values[i] = make([]float32, n.Shape.Size())
		for _, in := range n.Inputs {
			e.inputs[i] = append(e.inputs[i], e.values[in])
		}
		e.shapes[i] = g.InputShapes(i)
	}
	return e
}

// Run computes the graph for image x (the input's size) and returns the output, which the next Run overwrites.
func (e *Executor) Run(x []float32) ([]float32, error) {
	if err := e.RunTo(len(e.graph.Nodes)-1, x); err != nil {
		return nil, err
	}
	return e.values[e.graph.Output], nil
}

// RunTo is Run up to the node last: what the nodes behind it hold is not changed.
func (e *Executor) RunTo(last int, x []float32) error {
	if len(x) != len(e.values[0]) {
		return fmt.Errorf("ann: input has %d values, the network takes %s", len(x), e.graph.Nodes[0].Shape)
	}
	copy(e.values[0], x)
	e.Continue(1, last)
	return nil
}

// Continue computes the nodes first to last, 1 or above, from what the nodes before them hold.
func (e *Executor) Continue(first, last int) {
	for i := first; i <= last; i++ {
		e.graph.Nodes[i].Op.Forward(e.values[i], e.inputs[i], e.shapes[i], &e.scratch)
	}
}

// Value returns what the node computed in the last Run; the next Run overwrites it. What is written to it, Continue reads.
func (e *Executor) Value(node int) []float32 { return e.values[node] }

// Graph returns the graph that the executor runs.
func (e *Executor) Graph() *Graph { return e.graph }
