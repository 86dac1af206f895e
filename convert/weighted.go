package convert

import (
	"slices"

	"spikec/internal/window"
	"spikec/models/ann"
)

// weighted is one view of the two operations that have weights: a Linear is a Conv of one tap on a vector.
type weighted struct {
	weight          []float32 // out, in/groups, taps
	bias            []float32 // out, or nil
	in, out, groups int
	window          window.Window2d
	linear          bool
}

func oneTap() window.Window2d { return window.Square(1, 1) }

// weightedOf returns op's view; it shares op's slices.
func weightedOf(op ann.Op) (weighted, bool) {
	switch w := op.(type) {
	case *ann.Conv:
		return weighted{weight: w.Weight, bias: w.Bias, in: w.In, out: w.Out, groups: w.Groups, window: w.Window}, true
	case *ann.Linear:
		return weighted{weight: w.Weight, bias: w.Bias, in: w.In, out: w.Out, groups: 1, window: oneTap(), linear: true}, true
	}
	return weighted{}, false
}

// clone returns a copy that may be changed.
func (w weighted) clone() weighted {
	w.weight, w.bias = slices.Clone(w.weight), slices.Clone(w.bias)
	return w
}

// op returns the operation.
func (w weighted) op() ann.Op {
	if w.linear {
		return &ann.Linear{Weight: w.weight, Bias: w.bias, In: w.in, Out: w.out}
	}
	return &ann.Conv{Weight: w.weight, Bias: w.bias, In: w.in, Out: w.out, Groups: w.groups, Window: w.window}
}

// fanIn returns the weights of one output channel.
func (w weighted) fanIn() int { return len(w.weight) / w.out }
