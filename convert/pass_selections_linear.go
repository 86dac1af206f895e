package convert

import (
	"slices"

	"spikec/models/ann"
)

// linear lets a fully connected operation read the node that v selects from.
func (r *selector) linear(n ann.Node, op *ann.Linear, v view) (view, error) {
	if v.plain(r.out) && !r.takesIn(v.node) {
		return r.add(n, op, v.node)
	}
	l := &ann.Linear{Weight: op.Weight, Bias: op.Bias, In: op.In, Out: op.Out}
	if v.index != nil {
		in := r.out.Nodes[v.node].Shape.Size()
		l.In, l.Weight, l.Bias = in, make([]float32, in*op.Out), biasOf(op)
		for o := range op.Out {
			for e, i := range v.index {
				if x := op.Weight[o*op.In+e]; i < 0 {
					l.Bias[o] += x * v.value
				} else {
					l.Weight[o*in+i] += x
				}
			}
		}
	}
	return r.addLinear(n, l, v.node)
}

// addLinear adds a fully connected operation over a node of any shape, and takes constants of every element, and fully
// connected operations that were made here, into its weights.
func (r *selector) addLinear(n ann.Node, l *ann.Linear, at int) (view, error) {
	for {
		switch op := r.out.Nodes[at].Op.(type) {
		case ann.Flatten:
			at = r.out.Nodes[at].Inputs[0]
			continue
		case *ann.ElementAffine:
			l = behindElements(l, op)
			at = r.out.Nodes[at].Inputs[0]
			continue
		case *ann.Linear:
			if r.dense[at] {
				l = product(l, op)
				at = r.out.Nodes[at].Inputs[0]
				continue
			}
		}
		break
	}
	if len(r.out.Nodes[at].Shape) != 1 {
		var err error
		if at, err = r.out.Add(n.Name+"/flatten", ann.Flatten{}, at); err != nil {
			return view{}, err
		}
	}
	return r.add(n, l, at)
}

// takesIn reports whether a fully connected operation behind a node, or behind its Flatten, takes it into its own weights.
func (r *selector) takesIn(i int) bool {
	if _, flat := r.out.Nodes[i].Op.(ann.Flatten); flat {
		i = r.out.Nodes[i].Inputs[0]
	}
	_, elements := r.out.Nodes[i].Op.(*ann.ElementAffine)
	return elements || r.dense[i]
}

// biasOf returns a copy of the bias, zeros where there is none.
func biasOf(op *ann.Linear) []float32 {
	b := make([]float32, op.Out)
	copy(b, op.Bias)
	return b
}

// behindElements returns the operation that does what op and then l do.
func behindElements(l *ann.Linear, op *ann.ElementAffine) *ann.Linear {
	p := &ann.Linear{Weight: slices.Clone(l.Weight), Bias: biasOf(l), In: l.In, Out: l.Out}
	for k := range p.Weight {
		if op.Shift != nil {
			p.Bias[k/l.In] += p.Weight[k] * op.Shift[k%l.In]
		}
		if op.Scale != nil {
			p.Weight[k] *= op.Scale[k%l.In]
		}
	}
	return p
}

// product returns the operation that does what first and then l do.
func product(l, first *ann.Linear) *ann.Linear {
	p := &ann.Linear{Weight: make([]float32, l.Out*first.In), Bias: biasOf(l), In: first.In, Out: l.Out}
	for o := range l.Out {
		for k, w := range l.Weight[o*l.In : (o+1)*l.In] {
			if w == 0 {
				continue
			}
			if first.Bias != nil {
				p.Bias[o] += w * first.Bias[k]
			}
			for i, x := range first.Weight[k*first.In : (k+1)*first.In] {
				p.Weight[o*first.In+i] += w * x
			}
		}
	}
	return p
}
