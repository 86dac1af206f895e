package convert

import (
	"fmt"
	"slices"

	"spikec/models/ann"
)

// Pools, and the borders that they and convolutions may have.

// pool pools the node that v is whole channels of. Other means are fully connected.
func (r *selector) pool(n ann.Node, v view) (view, error) {
	if v.plain(r.out) {
		return r.add(n, n.Op, v.node)
	}
	if source, ok := v.maps(r.out); ok && !slices.Contains(source, -1) {
		w, err := r.add(n, n.Op, v.node)
		if err != nil {
			return w, err
		}
		return ofChannels(r.out, n.Name, w.node, n.Shape, source, 0), nil
	}
	if v.index == nil && r.onInput(v.node) {
		at, err := r.plain(v)
		if err != nil {
			return v, err
		}
		return r.add(n, n.Op, at)
	}
	if _, largest := n.Op.(*ann.MaxPool); largest {
		return r.leftOut(n, fmt.Sprintf("it compares elements of %s that are no whole channels, such as those of a map that was resized", r.out.Nodes[v.node].Name))
	}
	return r.connect(n, v)
}

// onInput reports whether the node is the input but for affine maps: it may have any shape.
func (r *selector) onInput(i int) bool {
	return i == 0 || onInput(r.out, i) && isAffine(r.out.Nodes[i])
}

// bordersOnly reports whether all that reads an old node, a Pad of zeros, may pad itself (normalForms).
func (r *selector) bordersOnly(i int) bool {
	for _, c := range r.consumers[i] {
		switch r.old.Nodes[c].Op.(type) {
		case *ann.Conv, *ann.MaxPool, *ann.AveragePool:
		default:
			return false
		}
	}
	return i != r.old.Output
}

// borderOf returns the selection that does what a Pad does to a map.
func borderOf(p *ann.Pad, shape ann.Shape) *ann.Select {
	s := &ann.Select{Axes: ann.Kept(3), Value: p.Value}
	for d := range 2 {
		for i := -p.Begin[d]; i < shape[d+1]+p.End[d]; i++ {
			if i < 0 || i >= shape[d+1] {
				s.Axes[d+1].Index = append(s.Axes[d+1].Index, -1)
			} else {
				s.Axes[d+1].Index = append(s.Axes[d+1].Index, i)
			}
		}
	}
	return s
}
