package convert

import (
	"context"
	"slices"
)

// diehlScale is the data-based normalisation as it was published first (Diehl et al. 2015, Fast-classifying, high-accuracy
// spiking deep networks through weight and threshold balancing): a layer's factor is the larger one of its largest weight
// and its largest activation on the calibration images,
//
//	λ_l = max( max_ij W_ij , max_n,i a_i(n) )
//
// so that, as a rule, one spike that comes in makes no more than one go out. Weights are those of the network before it is
// normalised. Its input is 1 at most there, so weights that take codes count 255 times; the weights behind a pool, which has
// neurons of its own there, count as they are; a skip connection has weights of 1. The paper has no biases: here they are in
// the activations alone. A factor has the unit of activations; weights are compared with it as if they had it too, so that
// the result depends on the scale of the trained network.
func diehlScale(_ context.Context, s *State, l layer, e evidence) (float64, error) {
	largest := 0.0
	for _, h := range e.channels {
		largest = max(largest, h.largest)
	}
	for _, t := range l.terms {
		unit, weight := 1.0, 1.0
		if t.source == 0 {
			unit = fullInput
		}
		if t.weighted >= 0 {
			w, _ := weightedOf(s.Graph.Nodes[t.weighted].Op)
			weight = float64(slices.Max(w.weight))
		}
		largest = max(largest, weight*unit)
	}
	return largest, nil
}
