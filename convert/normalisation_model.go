package convert

// modelScale is the model-based normalisation (Diehl et al. 2015): the factor of layer l is the largest possible activation,
//
//	λ_l = max_i ( Σ_j max(0, W_ij)·λ_{l−1} + max(0, b_i) )
//
// with codes of 255 at the input. Rates never saturate, and are small.
func modelScale(s *State, l layer) []float64 {
	out := channels(s.Graph.Nodes[l.node].Shape)[0]
	bound := make([]float64, out)
	for _, t := range l.terms {
		source := 255.0
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
	largest := 0.0
	for _, b := range bound {
		largest = max(largest, b)
	}
	if largest == 0 {
		largest = 1
	}
	for o := range bound {
		bound[o] = largest
	}
	return bound
}
