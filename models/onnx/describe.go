package onnx

import (
	"fmt"

	"spikec/models/ann"
)

// Row is one line of a network's description.
type Row struct {
	Name       string    // the node's name in the file; operations that the importer inserted carry a suffix
	Op         string    // what it computes, such as Conv
	Detail     string    // its sizes, as the operation prints them; may be empty
	Shape      ann.Shape // of the result, without the batch
	Parameters int       // trained values
	MACs       int64     // multiply-accumulate operations for one image
}

// Describe returns one row for each node of the graph, in its order, the input first.
func Describe(g *ann.Graph) []Row {
	rows := make([]Row, len(g.Nodes))
	for i, n := range g.Nodes {
		rows[i] = Row{Name: n.Name, Op: n.Op.Kind(), Shape: n.Shape}
		if s, ok := n.Op.(fmt.Stringer); ok {
			rows[i].Detail = s.String()
		}
		if c, ok := n.Op.(ann.Counted); ok {
			rows[i].Parameters, rows[i].MACs = c.Parameters(), c.MACs(g.InputShapes(i), n.Shape)
		}
	}
	return rows
}
