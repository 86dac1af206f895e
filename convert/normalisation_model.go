package convert

import (
	"context"
	"slices"
)

// modelScale is the model-based normalisation (Diehl et al. 2015): the factor of layer l is the largest possible activation,
//
//	λ_l = max_i ( Σ_j max(0, W_ij)·λ_{l−1} + max(0, b_i) )
//
// with codes of 255 at the input. Rates never saturate, and are small. The paper divides the weights of a layer by its
// largest sum of positive ones, which is λ_l/λ_{l−1}; it has no biases.
func modelScale(_ context.Context, s *State, l layer, _ evidence) (float64, error) {
	bound := make([]float64, channels(s.Graph.Nodes[l.node].Shape)[0])
	for _, t := range l.terms {
		source := fullInput
		if t.source != 0 {
			source = s.Scales[t.source][0]
		}
		if t.weighted < 0 {
			for o := range bound {
				bound[o] += source
			}
			continue
		}
		w, _ := weightedOf(s.Graph.Nodes[t.weighted].Op)
		for o := range bound {
			for _, v := range w.weight[o*w.fanIn() : (o+1)*w.fanIn()] {
				bound[o] += max(0, float64(v)) * source
			}
			if w.bias != nil {
				bound[o] += max(0, float64(w.bias[o]))
			}
		}
	}
	return max(0, slices.Max(bound)), nil
}

// fullInput is the largest code: the input of 1 of papers.
const fullInput = 255.0
