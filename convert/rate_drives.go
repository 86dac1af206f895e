package convert

import (
	"context"
	"slices"

	"spikec/models/ann"
)

// start is where the computation of the calibration images may begin, for a layer that is to be fitted or has been.
type start struct {
	known *checkpoint // nil: at the input
	m     meters      // of the layers before; nil where none spikes
}

// allDrives returns what the sums of layer l come to, the weights that the student has by now times the rates that the layers before
// have in T steps: at every position of the map, on all calibration images, and not on the rows of a regression alone. Where the
// rectifier has a limit, a drive above it counts as the limit. It goes through the images twice, as pass normalise does, and
// keeps distributions only.
func allDrives(ctx context.Context, s *State, l layer, from start) (fitDrives, error) {
	a := newDistributions(s, []layer{l})
	nodes := sumOf(s.Graph, s.studentLayers(), l)
	err := a.measure(ctx, s, "rate-refit", func(k int) values {
		w := newGatherer(s, 0)
		return func(i int) (*ann.Executor, error) {
			if err := w.run(s, from.known, i, l.pre, from.m.of(k)); err != nil {
				return nil, err
			}
			for _, n := range nodes {
				w.student.Continue(n, n)
			}
			return w.student, nil
		}
	})
	return fitDrives{channels: a.channels[0], largest: a.output}, err
}

// sumOf lists the nodes of layer l, in order: from behind what the regressions of layers read, which meters compute, to the layer's
// rectifier.
func sumOf(g *ann.Graph, layers []layer, l layer) []int {
	read, wanted := inputsOfLayers(g, layers), make([]bool, len(g.Nodes))
	wanted[l.node] = true
	var nodes []int
	for i := l.node; i > 0; i-- {
		if !wanted[i] || i != l.node && read[i] {
			continue
		}
		nodes = append(nodes, i)
		for _, in := range g.Nodes[i].Inputs {
			wanted[in] = true
		}
	}
	slices.Reverse(nodes)
	return nodes
}
