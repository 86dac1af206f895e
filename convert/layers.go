package convert

import (
	"math"
	"strings"

	"spikec/internal/diag"
	"spikec/models/ann"
)

// layer is a population to be: a rectifier, or the output, with the linear map in front of it.
type layer struct {
	node  int // the rectifier, or the output
	pre   int // the node whose value is the pre-activation; node itself if there is no rectifier
	limit float64
	terms []term
}

// bounded lowers scale factors to the limit: the neuron's saturation is then the clip. It returns scale, which it changes.
func (l layer) bounded(scale []float64) []float64 {
	for c := range scale {
		scale[c] = min(scale[c], l.limit)
	}
	return scale
}

// term is one summand of a pre-activation: what comes from one source through at most one pool and one weighted
// operation.
type term struct {
	value    int // the node whose value is the summand
	source   int // the rectifier, or the input, that it comes from
	pool     int // the AveragePool between, or -1
	weighted int // the Conv or Linear, or -1: the source itself (a skip connection)
}

// layersOf splits a graph into layers, in topological order. What is no sequence of sums, one weighted operation and
// one pool between two rectifiers is reported, every place by its name.
func layersOf(g *ann.Graph) ([]layer, diag.List) {
	var layers []layer
	var found diag.List
	for i, n := range g.Nodes {
		limit, ok := activation(n.Op)
		switch {
		case ok:
			l := layer{node: i, pre: n.Inputs[0], limit: limit}
			l.terms = summands(g, l.pre, &found)
			layers = append(layers, l)
		case i == g.Output:
			layers = append(layers, layer{node: i, pre: i, limit: math.Inf(1), terms: summands(g, i, &found)})
		}
	}
	refuseShared(g, layers, &found)
	refuseShapes(g, layers, &found)
	if _, ok := activation(g.Nodes[g.Output].Op); ok {
		found.Warnf("SPK-CONV-006", g.Nodes[g.Output].Name, "the network ends in a rectifier: classes with negative scores cannot be told apart")
	}
	return layers, found
}

// refuseShared reports weights that several terms would have: passes change the weights of one layer at a time.
func refuseShared(g *ann.Graph, layers []layer, found *diag.List) {
	readers := map[int]int{}
	for _, l := range layers {
		for _, t := range l.terms {
			if readers[t.weighted]++; t.weighted >= 0 && readers[t.weighted] == 2 {
				found.Add(unsupported(g, t.weighted, "more than one sum takes its value without a ReLU after it", "put a ReLU after it, or export it once for each of its readers"))
			}
		}
	}
}

// refuseShapes reports what reads the input as a map of another shape than an operation before it: its population has one.
func refuseShapes(g *ann.Graph, layers []layer, found *diag.List) {
	var first ann.Shape
	for _, l := range layers {
		for _, t := range l.terms {
			reader := t.mapReader(g)
			if t.source != 0 || reader < 0 {
				continue
			}
			shape := g.Nodes[g.Nodes[reader].Inputs[0]].Shape
			if first == nil {
				first = shape
			}
			if !shape.Equal(first) {
				found.Add(unsupported(g, reader, "it reads the network's input as "+shape.String()+", another operation as "+first.String(), "read the input in one shape"))
			}
		}
	}
}

// mapReader returns the node that reads the term's source as a map of its shape; −1 where any shape is right, as for a fully
// connected layer.
func (t term) mapReader(g *ann.Graph) int {
	if t.pool >= 0 {
		return t.pool
	}
	if t.weighted >= 0 && len(g.Nodes[g.Nodes[t.weighted].Inputs[0]].Shape) == 3 {
		return t.weighted
	}
	return -1
}

// summands collects the terms of the value of node i.
func summands(g *ann.Graph, i int, found *diag.List) []term {
	switch g.Nodes[i].Op.(type) {
	case ann.Flatten:
		if flattensMap(g, i) {
			found.Add(reshapes(g, i))
			return nil
		}
		return summands(g, g.Nodes[i].Inputs[0], found)
	case ann.Add:
		var t []term
		for _, in := range g.Nodes[i].Inputs {
			t = append(t, summands(g, in, found)...)
		}
		return t
	}
	t := term{value: i, pool: -1, weighted: -1}
	j, reshaped := i, -1
	w, ok := weightedOf(g.Nodes[j].Op)
	if ok {
		t.weighted = j
		j = g.Nodes[j].Inputs[0]
	}
	for {
		n := g.Nodes[j]
		if _, ok := activation(n.Op); ok || j == 0 {
			// The input's population has the shape in which it is read.
			if t.source = j; reshaped >= 0 && j > 0 {
				found.Add(reshapes(g, reshaped))
				return nil
			}
			return []term{t}
		}
		switch n.Op.(type) {
		case ann.Flatten, ann.Reshape, *ann.ChannelAffine:
			// Flatten and Reshape keep the order of the values, and a fully connected layer takes any shape; the only ChannelAffine
			// left are those of input-scale.
			if channels(n.Shape) != channels(g.Nodes[n.Inputs[0]].Shape) && (!w.linear || t.pool >= 0) {
				reshaped = j
			}
		case *ann.AveragePool, *ann.MaxPool:
			if t.pool >= 0 {
				found.Add(unsupported(g, j, "it pools what is pooled already", "one pool between two layers; a stride of 2 in a convolution also halves the map"))
				return nil
			}
			if reshaped >= 0 {
				found.Add(reshapes(g, reshaped))
				return nil
			}
			t.pool = j
		default:
			found.Add(unsupported(g, j, "a layer is one convolution or fully connected operation, after a pool at most, between two ReLUs; this one is a further operation", "put a ReLU after it, or merge it into its neighbour before export"))
			return nil
		}
		j = n.Inputs[0]
	}
}

// reshapes refuses a Flatten or Reshape behind which channels are others than those of the population that is read or made.
func reshapes(g *ann.Graph, i int) diag.Diagnostic {
	return unsupported(g, i, "it makes other channels of a map, and something else than a fully connected layer reads them", "put it directly in front of a fully connected layer")
}

// unsupported refuses node i.
func unsupported(g *ann.Graph, i int, why, remedy string) diag.Diagnostic {
	return refusal(g.Nodes[i].Name, kindOf(g, i), why, remedy)
}

// refusal says that an operation of name cannot be converted.
func refusal(name, kind, why, remedy string) diag.Diagnostic {
	return diag.Diagnostic{ID: "SPK-CONV-007", Severity: diag.Error, Subject: name, Message: kind + " cannot become part of a population: " + why, Remedy: remedy}
}

// kindOf returns what the user knows node i as: the sum that a pass made of an operation bears its name, and its terms are called
// after it.
func kindOf(g *ann.Graph, i int) string {
	n := g.Nodes[i]
	if _, ok := n.Op.(ann.Add); ok && strings.HasPrefix(g.Nodes[n.Inputs[1]].Name, n.Name+"/") {
		return kindOf(g, n.Inputs[1])
	}
	return n.Op.Kind()
}

// channels returns the values of shape as C,H,W; vectors are N,1,1.
func channels(s ann.Shape) [3]int {
	if len(s) == 3 {
		return [3]int{s[0], s[1], s[2]}
	}
	return [3]int{s.Size(), 1, 1}
}
