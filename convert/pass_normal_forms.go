package convert

import (
	"context"
	"math"

	"spikec/internal/window"
	"spikec/models/ann"
)

// normalForms gives operations one spelling, without changing what the network computes:
//
//   - GlobalAveragePool is an AveragePool whose window is the map;
//   - Pad with zeros in front of a Conv, or of an unpadded pool, is padding of the Conv or pool; MaxPool behind a rectifier only;
//   - bounds of bounds, such as Min and then Max, are one pair of bounds;
//   - ReLU after MaxPool is MaxPool after ReLU: both are monotone, so they commute.
func normalForms(_ context.Context, s *State) error {
	consumers := s.Teacher.Consumers()
	old := s.Teacher
	g, err := rewrite(old, func(out *ann.Graph, i int, n ann.Node, in []int) (int, error) {
		switch op := n.Op.(type) {
		case ann.GlobalAveragePool:
			shape := out.Nodes[in[0]].Shape
			w := window.Window2d{Kernel: [2]int{shape[1], shape[2]}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}
			return out.Add(n.Name, &ann.AveragePool{Window: w}, in...)
		case *ann.Conv:
			if p, ok := out.Nodes[in[0]].Op.(*ann.Pad); ok && p.Value == 0 {
				c := *op
				for d := range 2 {
					c.Window.PadBegin[d] += p.Begin[d]
					c.Window.PadEnd[d] += p.End[d]
				}
				return out.Add(n.Name, &c, out.Nodes[in[0]].Inputs...)
			}
		case *ann.AveragePool, *ann.MaxPool:
			if p, ok := out.Nodes[in[0]].Op.(*ann.Pad); ok && p.Value == 0 {
				if pool := paddedPool(out, op, p, out.Nodes[in[0]].Inputs[0]); pool != nil {
					return out.Add(n.Name, pool, out.Nodes[in[0]].Inputs...)
				}
			}
		case ann.Relu, ann.Clip:
			before := out.Nodes[in[0]]
			if both, ok := boundedTwice(before.Op, op); ok && len(consumers[n.Inputs[0]]) == 1 {
				return out.Add(n.Name, both, before.Inputs...)
			}
			if pool, ok := before.Op.(*ann.MaxPool); ok && len(consumers[n.Inputs[0]]) == 1 {
				if _, ok := activation(n.Op); ok {
					r, err := out.Add(n.Name, n.Op, before.Inputs...)
					if err != nil {
						return 0, err
					}
					return out.Add(before.Name, pool, r)
				}
			}
		}
		return out.Add(n.Name, n.Op, in...)
	})
	if err != nil {
		return err
	}
	s.Teacher = g
	return nil
}

// paddedPool returns the pool that does what zeros around the map and then an unpadded pool over source do, or nil
// where there is none.
func paddedPool(g *ann.Graph, pool ann.Op, p *ann.Pad, source int) ann.Op {
	pad := func(w window.Window2d) window.Window2d {
		w.PadBegin, w.PadEnd = p.Begin, p.End
		return w
	}
	switch op := pool.(type) {
	case *ann.AveragePool:
		if !op.Window.Padded() {
			return thatFits(&ann.AveragePool{Window: pad(op.Window), CountPad: true}, g.Nodes[source].Shape)
		}
	case *ann.MaxPool: // zeros do not change the largest of values that are not negative
		if _, ok := activation(g.Nodes[source].Op); ok && !op.Window.Padded() {
			return thatFits(&ann.MaxPool{Window: pad(op.Window)}, g.Nodes[source].Shape)
		}
	}
	return nil
}

// boundedTwice returns the bounds that do what those of first and then those of second do.
func boundedTwice(first, second ann.Op) (ann.Op, bool) {
	a, ok := boundsOf(first)
	b, also := boundsOf(second)
	if !ok || !also {
		return nil, false
	}
	c := ann.Clip{Min: min(max(a.Min, b.Min), b.Max), Max: min(max(a.Max, b.Min), b.Max)}
	if c == (ann.Clip{Min: 0, Max: float32(math.Inf(1))}) {
		return ann.Relu{}, true
	}
	return c, true
}

// boundsOf returns the bounds of a rectifier.
func boundsOf(op ann.Op) (ann.Clip, bool) {
	switch c := op.(type) {
	case ann.Relu:
		return ann.Clip{Min: 0, Max: float32(math.Inf(1))}, true
	case ann.Clip:
		return c, true
	}
	return ann.Clip{}, false
}

// thatFits returns the operation, or nil where a map of the shape does not fit it, as where padding is as large as a window.
func thatFits(op ann.Op, shape ann.Shape) ann.Op {
	if _, err := op.OutputShape([]ann.Shape{shape}); err != nil {
		return nil
	}
	return op
}
