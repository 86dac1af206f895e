package convert

import (
	"context"

	"spikec/models/ann"
)

// dropSoftmax makes the input of a final Softmax or LogSoftmax the output: both are monotone, so the largest class
// stays the largest. One elsewhere is refused by lower.
func dropSoftmax(_ context.Context, s *State) error {
	g := clone(s.Teacher)
	for {
		switch g.Nodes[g.Output].Op.(type) {
		case ann.Softmax:
			s.Diagnostics.Infof("SPK-CONV-001", g.Nodes[g.Output].Name, "final %s dropped: it does not change the decision", g.Nodes[g.Output].Op.Kind())
			g.Output = g.Nodes[g.Output].Inputs[0]
			continue
		}
		break
	}
	s.Teacher = prune(g)
	return nil
}
