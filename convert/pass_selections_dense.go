package convert

import (
	"fmt"

	"spikec/models/ann"
)

// Bounds on a fully connected layer that takes the place of other operations: its weights, and the elements that are looked at to
// find them.
const (
	maxDense  = 1 << 22
	maxProbed = 1 << 31
)

// connect makes a linear operation over v fully connected: column i of its weights is what it makes of element i alone.
func (r *selector) connect(n ann.Node, v view) (view, error) {
	in, out := r.out.Nodes[v.node].Shape.Size(), n.Shape.Size()
	if in > maxDense/out || in > maxProbed/v.shape.Size() {
		return r.leftOut(n, fmt.Sprintf("it takes elements of %s that are no whole channels, and a fully connected layer in its place would have %d by %d weights, more than %d", r.out.Nodes[v.node].Name, out, in, maxDense))
	}
	l := &ann.Linear{Weight: make([]float32, in*out), Bias: make([]float32, out), In: in, Out: out}
	var scratch ann.Scratch
	x, y := make([]float32, v.shape.Size()), make([]float32, out)
	at := func(element int) {
		for e := range x {
			i := e
			if v.index != nil {
				i = v.index[e]
			}
			switch {
			case i < 0:
				x[e] = v.value
			case i == element:
				x[e] = 1
			default:
				x[e] = 0
			}
		}
		n.Op.Forward(y, [][]float32{x}, []ann.Shape{v.shape}, &scratch)
	}
	at(-2)
	copy(l.Bias, y)
	for i := range in {
		at(i)
		for o, b := range l.Bias {
			l.Weight[o*in+i] = y[o] - b
		}
	}
	r.s.Diagnostics.Infof("SPK-CONV-017", n.Name, "%s becomes fully connected: it reads elements of %s that are no whole channels", n.Op.Kind(), r.out.Nodes[v.node].Name)
	w, err := r.addLinear(n, l, v.node)
	if err != nil {
		return w, err
	}
	r.dense[w.node] = true
	return w.reshaped(n.Name, n.Shape), nil
}
