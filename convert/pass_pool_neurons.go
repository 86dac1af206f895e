package convert

import (
	"context"
	"slices"

	"spikec/internal/window"
	"spikec/models/ann"
)

// poolNeurons gives average pools neurons of their own, where the user wants that (Options.PoolNeurons): a rectifier behind
// the pool, which changes nothing where the pool's values are not below zero. The pool is then a population with a weight of
// 1/k² and the scale factors of its source: in integers a weight of 1 and a threshold of k², without any rounding. Otherwise
// the next layer sums over the pool's windows itself, which spares the unevenness of one more layer of spikes.
func poolNeurons(_ context.Context, s *State) error {
	if !s.Options.PoolNeurons {
		return nil
	}
	old := s.Teacher
	g, err := rewrite(old, func(out *ann.Graph, _ int, n ann.Node, in []int) (int, error) {
		i, err := out.Add(n.Name, n.Op, in...)
		if _, ok := poolOf(n.Op); err != nil || !ok {
			return i, err
		}
		if _, ok := activation(out.Nodes[in[0]].Op); !ok {
			return i, nil
		}
		return out.Add(n.Name+"/neurons", ann.Relu{}, i)
	})
	if err != nil {
		return err
	}
	s.Teacher = g
	return nil
}

// poolOf returns the window of op, if it is a pool.
func poolOf(op ann.Op) (window.Window2d, bool) {
	switch p := op.(type) {
	case *ann.AveragePool:
		return p.Window, true
	case *ann.MaxPool:
		return p.Window, true
	}
	return window.Window2d{}, false
}

// passedOn returns the scale factors of a layer that only passes on, or averages, what one other layer sends, up to the limit
// of its own rectifier; nil for any other layer.
func passedOn(s *State, l layer) []float64 {
	if len(l.terms) != 1 || l.terms[0].weighted >= 0 {
		return nil
	}
	return l.bounded(slices.Clone(s.Scales[l.terms[0].source]))
}
