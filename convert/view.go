package convert

import (
	"slices"

	"spikec/models/ann"
)

// view is a value of a network as elements of a node: element e of a tensor of the shape is element index[e] of the node, or
// value where that is −1. Without an index the elements are those of the node, in their order.
type view struct {
	name  string // of the operation that made it
	node  int
	shape ann.Shape
	index []int
	value float32
}

// plain reports whether v is the node itself.
func (v view) plain(g *ann.Graph) bool { return v.index == nil && v.shape.Equal(g.Nodes[v.node].Shape) }

// reshaped returns the same elements in another shape.
func (v view) reshaped(name string, shape ann.Shape) view {
	v.name, v.shape = name, shape
	return v
}

// maxSelected bounds the elements whose order is followed, to bound memory; float32 holds every whole number up to it.
const maxSelected = 1 << 22

// selected returns what a selection takes from v. It reports false where elements of both have different values for what is
// not in the node, and where there are too many.
func (v view) selected(name string, op *ann.Select, shape ann.Shape) (view, bool) {
	if v.shape.Size() > maxSelected || shape.Size() > maxSelected {
		return v, false
	}
	from, to := make([]float32, v.shape.Size()), make([]float32, shape.Size())
	for i := range from {
		from[i] = float32(i)
	}
	(&ann.Select{Axes: op.Axes, Value: -1}).Forward(to, [][]float32{from}, []ann.Shape{v.shape}, nil)
	w := view{name: name, node: v.node, shape: shape, index: make([]int, len(to)), value: v.value}
	outside := slices.Contains(v.index, -1)
	for e, f := range to {
		i := int(f)
		switch {
		case i < 0:
			if outside && op.Value != v.value {
				return v, false
			}
			w.value = op.Value
		case v.index != nil:
			i = v.index[i]
		}
		w.index[e] = i
	}
	return w, true
}

// channels returns, for each channel of v, the channel of the node that it is, or −1 where it holds the value alone. It reports
// false where v is anything but whole channels of the node.
func (v view) channels(g *ann.Graph) ([]int, bool) {
	from := g.Nodes[v.node].Shape
	plane := v.shape.Size() / v.shape[0]
	if from.Size()/from[0] != plane {
		return nil, false
	}
	source := make([]int, v.shape[0])
	for c := range source {
		source[c] = c
		if v.index == nil {
			continue
		}
		first := v.index[c*plane]
		if source[c] = -1; first >= 0 {
			source[c] = first / plane
		}
		for k, i := range v.index[c*plane : (c+1)*plane] {
			if first < 0 && i >= 0 || first >= 0 && i != source[c]*plane+k {
				return nil, false
			}
		}
	}
	return source, true
}

// maps is channels for maps: it reports false too where rows and columns are not those of the node.
func (v view) maps(g *ann.Graph) ([]int, bool) {
	from := g.Nodes[v.node].Shape
	if len(v.shape) != 3 || len(from) != 3 || !v.shape[1:].Equal(from[1:]) {
		return nil, false
	}
	return v.channels(g)
}

// ofChannels returns a view of whole channels of a node.
func ofChannels(g *ann.Graph, name string, node int, shape ann.Shape, source []int, value float32) view {
	v := view{name: name, node: node, shape: shape, value: value}
	if len(source) == g.Nodes[node].Shape[0] && whole(source) {
		return v
	}
	plane := shape.Size() / shape[0]
	for _, s := range source {
		for k := range plane {
			if s < 0 {
				v.index = append(v.index, -1)
			} else {
				v.index = append(v.index, s*plane+k)
			}
		}
	}
	return v
}

// whole reports whether source is 0, 1, 2, …
func whole(source []int) bool {
	for c, s := range source {
		if s != c {
			return false
		}
	}
	return true
}

// once reports whether every channel is one of the node, and none is there twice.
func once(source []int) bool {
	seen := map[int]bool{}
	for _, s := range source {
		if s < 0 || seen[s] {
			return false
		}
		seen[s] = true
	}
	return true
}

// crop returns by how many rows and columns v lies inside the node's maps, before and behind, and which channel each of its
// channels is a part of. It reports false where v is anything else.
func (v view) crop(g *ann.Graph) (source []int, before, behind [2]int, ok bool) {
	from := g.Nodes[v.node].Shape
	if v.index == nil || len(v.shape) != 3 || len(from) != 3 || slices.Contains(v.index, -1) {
		return nil, before, behind, false
	}
	h, w := v.shape[1], v.shape[2]
	plane := from[1] * from[2]
	before = [2]int{v.index[0] % plane / from[2], v.index[0] % from[2]}
	for d := range 2 {
		if behind[d] = from[1+d] - v.shape[1+d] - before[d]; behind[d] < 0 {
			return nil, before, behind, false
		}
	}
	for e, i := range v.index {
		c := e / (h * w)
		if e%(h*w) == 0 {
			source = append(source, i/plane)
		}
		if i != source[c]*plane+(e/w%h+before[0])*from[2]+e%w+before[1] {
			return nil, before, behind, false
		}
	}
	return source, before, behind, true
}
