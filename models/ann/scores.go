package ann

// Scores returns the node whose values are the class scores, and the nodes behind it that only word the decision, from the
// output on: Softmax and LogSoftmax over all classes, which keep the order of the scores, an ArgMax over all of them, and
// shapes around these. Where there is none of them the scores are the output.
func (g *Graph) Scores() (scores int, behind []int) {
	scores = g.Output
	var shapes []int
	for i := g.Output; ; i = g.Nodes[i].Inputs[0] {
		switch op := g.Nodes[i].Op.(type) {
		case Flatten, Reshape:
			shapes = append(shapes, i)
			continue
		case Softmax:
			if !op.Whole(g.Nodes[i].Shape) {
				return scores, behind
			}
		case ArgMax:
			if g.Nodes[i].Shape.Size() != 1 {
				return scores, behind
			}
		default:
			return scores, behind
		}
		behind = append(append(behind, shapes...), i)
		scores, shapes = g.Nodes[i].Inputs[0], nil
	}
}
