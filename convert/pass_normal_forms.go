package convert

import (
	"context"
	"fmt"
	"math"
	"slices"

	"spikec/internal/window"
	"spikec/models/ann"
)

// normalForms gives operations one spelling, without changing what the network computes:
//
//   - GlobalAveragePool is an AveragePool whose window is the map;
//   - Pad with zeros in front of a Conv, or of an unpadded pool, is padding of the Conv or pool; MaxPool behind a rectifier only;
//   - bounds of bounds, such as Min and then Max, are one pair of bounds;
//   - ReLU after MaxPool is MaxPool after ReLU: both are monotone, so they commute;
//   - ReLU after Flatten is Flatten after ReLU, and the sum of two that are flattened alike is flattened: a population is a map.
func normalForms(_ context.Context, s *State) error {
	f := former{alone: map[int]bool{}}
	g, err := rewriteAlone(s.Teacher, f.alone, f.emit)
	if err != nil {
		return err
	}
	s.Teacher = g
	return nil
}

// former rewrites a graph (rewriteAlone).
type former struct{ alone map[int]bool }

func (f *former) emit(out *ann.Graph, n ann.Node, in []int) (int, error) {
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
		return f.rectify(out, n.Name, op, in[0], true)
	case ann.Add:
		a, b := out.Nodes[in[0]], out.Nodes[in[1]]
		if flattensMap(out, in[0]) && flattensMap(out, in[1]) && out.Nodes[a.Inputs[0]].Shape.Equal(out.Nodes[b.Inputs[0]].Shape) {
			sum, err := out.Add(n.Name, op, a.Inputs[0], b.Inputs[0])
			if err != nil {
				return 0, err
			}
			return f.flatten(out, in[0], f.alone[in[0]], n.Name, sum)
		}
	}
	return out.Add(n.Name, n.Op, in...)
}

// rectify adds a rectifier of node at. alone says that the rectifier is all that reads what lies between the two.
func (f *former) rectify(out *ann.Graph, name string, op ann.Op, at int, alone bool) (int, error) {
	before := out.Nodes[at]
	alone = alone && f.alone[at]
	if both, ok := boundedTwice(before.Op, op); ok && alone {
		return out.Add(name, both, before.Inputs...)
	}
	switch pool := before.Op.(type) {
	case *ann.MaxPool:
		if _, ok := activation(op); ok && alone {
			r, err := out.Add(name, op, before.Inputs...)
			if err != nil {
				return 0, err
			}
			return out.Add(before.Name, pool, r)
		}
	case ann.Flatten:
		if flattensMap(out, at) {
			r, err := f.rectify(out, name, op, before.Inputs[0], alone)
			if err != nil {
				return 0, err
			}
			return f.flatten(out, at, alone, name, r)
		}
	case ann.Concat:
		if slices.ContainsFunc(before.Inputs, func(i int) bool { return joinsFlat(out, i) }) {
			parts := make([]int, len(before.Inputs))
			for k, i := range before.Inputs {
				var err error
				if parts[k], err = f.rectify(out, fmt.Sprintf("%s/branch%d", name, k), op, i, alone); err != nil {
					return 0, err
				}
			}
			return out.Add(name, ann.Concat{}, parts...)
		}
	}
	return out.Add(name, op, at)
}

// flatten adds what takes the place of the Flatten old for an operation that has moved in front of it. It bears its name, unless
// something else still reads old.
func (f *former) flatten(out *ann.Graph, old int, alone bool, operation string, at int) (int, error) {
	f.alone[at] = true
	name := out.Nodes[old].Name
	if !alone {
		name = operation + "/flatten"
	}
	return out.Add(name, ann.Flatten{}, at)
}

// flattensMap reports whether node i is a Flatten of more than one value a channel.
func flattensMap(g *ann.Graph, i int) bool {
	_, ok := g.Nodes[i].Op.(ann.Flatten)
	return ok && channels(g.Nodes[i].Shape) != channels(g.Nodes[g.Nodes[i].Inputs[0]].Shape)
}

// joinsFlat reports whether node i is a Flatten of a map, or joins one with others.
func joinsFlat(g *ann.Graph, i int) bool {
	_, joins := g.Nodes[i].Op.(ann.Concat)
	return flattensMap(g, i) || joins && slices.ContainsFunc(g.Nodes[i].Inputs, func(i int) bool { return joinsFlat(g, i) })
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
