package convert

import (
	"context"

	"spikec/models/ann"
)

// zeroBias removes every bias, also those that folding created, unless rules, target and user keep them. The student as it is
// then, before any re-fit, is kept as Naive.
func zeroBias(_ context.Context, s *State) error {
	for i := range s.Graph.Nodes {
		n := &s.Graph.Nodes[i]
		if s.Capabilities.Bias {
			break
		}
		switch op := n.Op.(type) {
		case *ann.Conv:
			if anyNonZero(op.Bias) {
				s.Diagnostics.Infof("SPK-CONV-004", n.Name, "%d biases set to zero", len(op.Bias))
			}
			c := *op
			c.Bias = nil
			n.Op = &c
		case *ann.Linear:
			if anyNonZero(op.Bias) {
				s.Diagnostics.Infof("SPK-CONV-004", n.Name, "%d biases set to zero", len(op.Bias))
			}
			l := *op
			l.Bias = nil
			n.Op = &l
		}
	}
	s.Naive = clone(s.Graph)
	return nil
}

func anyNonZero(v []float32) bool {
	for _, x := range v {
		if x != 0 {
			return true
		}
	}
	return false
}
