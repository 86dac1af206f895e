package convert

import (
	"context"
	"slices"

	"spikec/internal/diag"
	"spikec/models/ann"
)

// splitInput gives the student of signed data two codes for each value v, one for max(v, 0) and one for max(−v, 0), of
// which one is zero: channel c of the data becomes channels 2c and 2c+1, and weights W that read it become [W, −W]. What
// the student computes stays what it was (conversion.md, 2, pass 5: the exact ON/OFF split). Between the input and its
// weights there are only operations that treat every channel alike.
func splitInput(_ context.Context, s *State) error {
	channels := s.Preprocess.Pairs
	if channels == 0 {
		return nil
	}
	g := s.Graph
	g.Nodes[0].Shape = twice(g.Nodes[0].Shape)
	split := make([]bool, len(g.Nodes))
	split[0] = true
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if !slices.ContainsFunc(n.Inputs, func(in int) bool { return split[in] }) {
			continue
		}
		if w, ok := weightedOf(n.Op); ok {
			if !w.linear && w.in != channels || w.in%channels != 0 {
				s.Diagnostics.Add(diag.Diagnostic{ID: "SPK-CONV-013", Severity: diag.Error, Subject: n.Name, Value: w.in, Limit: channels,
					Message: "convolves the input in other channels than those of the signed data", Remedy: "store the data in the channels that the first layer takes, or --rules strict"})
				return nil
			}
			n.Op = splitWeights(w, channels).op()
			continue
		}
		if r, ok := n.Op.(ann.Reshape); ok {
			n.Op = ann.Reshape{To: twice(r.To)}
		}
		shape, err := n.Op.OutputShape(g.InputShapes(i))
		if err != nil {
			return err
		}
		n.Shape, split[i] = shape, true
	}
	return nil
}

// twice returns the shape with twice the channels.
func twice(s ann.Shape) ann.Shape {
	d := slices.Clone(s)
	d[0] *= 2
	return d
}

// splitWeights returns w for an input each of whose channels, w.in/channels inputs of w, has become two.
func splitWeights(w weighted, channels int) weighted {
	taps := w.fanIn() / (w.in / w.groups)
	run := w.in / channels * taps // weights of one channel
	weight := make([]float32, 0, 2*len(w.weight))
	for ; len(w.weight) > 0; w.weight = w.weight[run:] {
		on := w.weight[:run]
		weight = append(weight, on...)
		for _, x := range on {
			weight = append(weight, 0-x) // no minus zero
		}
	}
	w.weight, w.in = weight, 2*w.in
	return w
}
