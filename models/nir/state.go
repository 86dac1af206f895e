package nir

import (
	"slices"

	"spikec/internal/window"
)

// state is the tensor that leaves a node, and where it comes from: a sum of terms.
type state struct {
	shape [3]int // C,H,W; C,1,L of a sequence; N,1,1 of a vector, or the map that it was
	rank  int    // 3, 2 for a sequence C,L, 1 for a vector; 0: the node is damaged, or lies behind one that is
	terms []term
	bias  []float64 // a channel, or nil
}

// term is what one population contributes to a tensor.
type term struct {
	source int
	before []float64 // what each of its channels is multiplied by before any weights; nil: 1
	pool   *window.Window2d
	gain   float64 // of the pool
	shape  [3]int  // of the map before the weights
	win    window.Window2d
	groups int
	weight []float64 // (O, C/groups, kH, kW); nil: none yet
}

// from returns the tensor that a population sends.
func from(population int, shape [3]int, rank int) state {
	return state{shape: shape, rank: rank, terms: []term{{source: population, gain: 1, shape: shape, groups: 1}}}
}

// tensor returns the shape as the file has it.
func (s *state) tensor() []int {
	switch s.rank {
	case 1:
		return []int{s.size()}
	case 2:
		return []int{s.shape[0], s.shape[2]}
	}
	return s.shape[:]
}

// size returns the number of elements.
func (s *state) size() int { return s.shape[0] * s.shape[1] * s.shape[2] }

// arriving returns the sum of what leads to a node; ok is false where a part of it is not known.
func (r *reader) arriving(n *node) (s state, ok bool) {
	for i, from := range n.in {
		t := from.state
		if t.rank == 0 {
			return s, false
		}
		if i == 0 {
			s = t
			s.terms = slices.Clone(t.terms)
			s.bias = slices.Clone(t.bias)
			continue
		}
		if s.shape != t.shape || s.rank != t.rank {
			return s, r.fail(idShape, n, "adds tensors of shapes %v and %v", s.tensor(), t.tensor())
		}
		s.terms = append(s.terms, t.terms...)
		if s.bias == nil {
			s.bias = slices.Clone(t.bias)
		} else {
			for c, b := range t.bias {
				s.bias[c] += b
			}
		}
	}
	if len(s.terms) > maxTerms {
		return s, r.fail(idInexact, n, "more than %d ways lead to it without neurons between", maxTerms)
	}
	return s, s.rank > 0 || n.kind == kindInput
}
