package convert

import "spikec/models/ann"

// What computes each element by itself: rectifiers, affine maps of channels, constants of every element.

// rectify rectifies the whole node that v is a view of, once for all views of it.
func (r *selector) rectify(n ann.Node, op ann.Op, v view) (view, error) {
	if v.index == nil {
		w, err := r.add(n, op, v.node)
		return w.reshaped(n.Name, v.shape), err
	}
	value := []float32{v.value}
	op.Forward(value, [][]float32{{v.value}}, nil, nil)
	v.name, v.value = n.Name, value[0]
	if _, relu := op.(ann.Relu); relu {
		if _, ok := activation(r.out.Nodes[v.node].Op); ok {
			return v, nil
		}
	}
	at, ok := r.shared[activated{v.node, op}]
	if !ok {
		w, err := r.add(n, op, v.node)
		if err != nil {
			return w, err
		}
		at = w.node
		r.shared[activated{v.node, op}] = at
	}
	v.node = at
	return v, nil
}

// affine scales and shifts the channels of the node that v is a view of, where they can be told apart.
func (r *selector) affine(n ann.Node, v view) (view, error) {
	from := r.out.Nodes[v.node]
	source, ok := v.channels(r.out)
	if ok && v.index == nil {
		w, err := r.add(n, n.Op, v.node)
		return w.reshaped(n.Name, v.shape), err
	}
	if _, weights := weightedOf(from.Op); ok && !weights && once(source) {
		scale, shift, _ := affineOf(n.Op, len(source))
		a := &ann.ChannelAffine{Scale: make([]float32, from.Shape[0]), Shift: make([]float32, from.Shape[0])}
		for c, s := range source {
			a.Scale[s], a.Shift[s] = scale[c], shift[c]
		}
		w, err := r.add(n, a, v.node)
		w.shape, w.index = v.shape, v.index
		return w, err
	}
	at, err := r.plain(v)
	if err != nil {
		return v, err
	}
	return r.add(n, n.Op, at)
}

// elements keeps constants of every element in front of what takes them in (addLinear), and makes them constants of channels where
// they are the same within each.
func (r *selector) elements(n ann.Node, op *ann.ElementAffine, v view) (view, error) {
	if scale, shift, ok := perChannelOf(op, n.Shape); ok {
		return r.affine(ann.Node{Name: n.Name, Op: &ann.ChannelAffine{Scale: scale, Shift: shift}, Shape: n.Shape}, v)
	}
	if v.index == nil {
		w, err := r.add(n, op, v.node)
		return w.reshaped(n.Name, v.shape), err
	}
	at, err := r.plain(v)
	if err != nil {
		return v, err
	}
	return r.add(n, op, at)
}

// perChannelOf returns the scale and shift of each channel, where all elements of a channel have the same.
func perChannelOf(op *ann.ElementAffine, shape ann.Shape) (scale, shift []float32, ok bool) {
	plane := shape.Size() / shape[0]
	first := func(v []float32) []float32 {
		var out []float32
		for i, x := range v {
			if i%plane == 0 {
				out = append(out, x)
			}
			ok = ok && x == out[i/plane]
		}
		return out
	}
	ok = true
	return first(op.Scale), first(op.Shift), ok
}

// isAffine reports whether a node is an affine map of channels.
func isAffine(n ann.Node) bool {
	_, _, ok := affineOf(n.Op, n.Shape[0])
	return ok
}
