package convert

import "context"

// dropSoftmax makes the class scores the output, where the network ends in Softmax, LogSoftmax or ArgMax: the first two are
// monotone, so the largest class stays the largest, and the last is the decision itself, which the read-out takes. One elsewhere
// is refused by lower.
func dropSoftmax(_ context.Context, s *State) error {
	g := clone(s.Teacher)
	scores, behind := g.Scores()
	for _, i := range behind {
		s.Diagnostics.Infof("SPK-CONV-001", g.Nodes[i].Name, "final %s dropped: it does not change the decision", g.Nodes[i].Op.Kind())
	}
	g.Output = scores
	s.Teacher = prune(g)
	return nil
}
