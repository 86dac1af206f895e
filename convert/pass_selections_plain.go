package convert

import (
	"fmt"
	"slices"

	"spikec/models/ann"
)

// plain returns a node whose value is v.
func (r *selector) plain(v view) (int, error) {
	if v.plain(r.out) {
		return v.node, nil
	}
	if at, ok := r.plains[v.name]; ok {
		return at, nil
	}
	name := v.name
	if slices.ContainsFunc(r.out.Nodes, func(n ann.Node) bool { return n.Name == name }) { // of what it selects from
		v.name += "/selected"
	}
	at, err := r.build(v)
	r.plains[name] = at
	return at, err
}

// build adds the operation that makes v of its node: a Reshape, rows of the weights that make the node, or a Conv of one tap.
func (r *selector) build(v view) (int, error) {
	from := r.out.Nodes[v.node]
	if v.index == nil {
		return r.out.Add(v.name, ann.Reshape{To: v.shape}, v.node)
	}
	source, ok := v.maps(r.out)
	if conv, is := from.Op.(*ann.Conv); is && ok && !slices.Contains(source, -1) {
		return r.out.Add(v.name, rowsOf(conv, source), from.Inputs...)
	}
	if ok {
		in := from.Shape[0]
		c := &ann.Conv{Weight: make([]float32, len(source)), In: len(source), Out: len(source), Groups: len(source), Window: oneTap()}
		for i := range c.Weight {
			c.Weight[i] = 1
		}
		return r.out.Add(v.name, convOf(c, source, in, v.value), v.node)
	}
	if in := from.Shape.Size(); len(v.shape) == 1 && in <= maxDense/v.shape[0] {
		l := &ann.Linear{Weight: make([]float32, in*v.shape[0]), Bias: make([]float32, v.shape[0]), In: in, Out: v.shape[0]}
		for o, i := range v.index {
			if i < 0 {
				l.Bias[o] = v.value
			} else {
				l.Weight[o*in+i] = 1
			}
		}
		if first, is := from.Op.(*ann.Linear); is {
			return r.out.Add(v.name, product(l, first), from.Inputs...)
		}
		w, err := r.addLinear(ann.Node{Name: v.name}, l, v.node)
		return w.node, err
	}
	w, err := r.leftOut(ann.Node{Name: v.name, Op: &ann.Select{}, Shape: v.shape}, fmt.Sprintf("it takes elements of %s that are no whole channels, and no weights behind it take that in", from.Name))
	return w.node, err
}
