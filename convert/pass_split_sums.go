package convert

import (
	"context"
	"slices"

	"spikec/models/ann"
)

// splitSums lets a linear operation that reads a sum, and is all that reads it, read the terms, so that it becomes part of the
// weights of each:
//
//	mean(a + b) = mean(a) + mean(b)       g·(a + b) + h = (g·a + h) + g·b
//
// It keeps the function. Sums are the network's own, and what pass split-concat makes of weights that read joined branches.
func splitSums(_ context.Context, s *State) error {
	p := spreader{alone: map[int]bool{}}
	g, err := rewriteAlone(s.Teacher, p.alone, p.emit)
	if err != nil {
		return err
	}
	s.Teacher = g
	return nil
}

// termsOf returns what a linear operation does to the first term of a sum, and to every other one, nil there being nothing; first is
// nil for any other operation.
func termsOf(op ann.Op, shape ann.Shape) (first, other ann.Op) {
	if pool, ok := op.(*ann.AveragePool); ok {
		return pool, pool
	}
	scale, shift, ok := affineOf(op, shape.Channels())
	if !ok {
		return nil, nil
	}
	if slices.ContainsFunc(scale, func(g float32) bool { return g != 1 }) {
		other = &ann.ChannelAffine{Scale: scale}
	}
	return &ann.ChannelAffine{Scale: scale, Shift: shift}, other
}

// spreader rewrites a graph (rewriteAlone).
type spreader struct{ alone map[int]bool }

func (p *spreader) emit(out *ann.Graph, n ann.Node, in []int) (int, error) {
	if first, other := termsOf(n.Op, n.Shape); first != nil && p.sum(out, in[0]) {
		return p.spread(out, n.Name, first, other, in[0])
	}
	return out.Add(n.Name, n.Op, in...)
}

// sum reports whether node i is a sum that one other node reads.
func (p *spreader) sum(out *ann.Graph, i int) bool {
	_, ok := out.Nodes[i].Op.(ann.Add)
	return ok && p.alone[i]
}

// spread adds an operation of name over the terms of a sum, and their sum. That bears the name of a pool, as weights do that a
// pool becomes part of, and else the sum's.
func (p *spreader) spread(out *ann.Graph, name string, first, other ann.Op, at int) (int, error) {
	if first == nil {
		return at, nil
	}
	if !p.sum(out, at) {
		return out.Add(name, first, at)
	}
	before := out.Nodes[at]
	a, err := p.spread(out, name+"/term0", first, other, before.Inputs[0])
	if err != nil {
		return 0, err
	}
	b, err := p.spread(out, name+"/term1", other, other, before.Inputs[1])
	if err != nil {
		return 0, err
	}
	if _, ok := poolOf(first); !ok {
		name = before.Name
	}
	j, err := out.Add(name, ann.Add{}, a, b)
	p.alone[j] = true
	return j, err
}
