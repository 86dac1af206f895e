package plasticity

import "math"

// Reward is plasticity that a reward turns into weights (Izhikevich, Cereb. Cortex 17, 2007; Florian, Neural Comput. 19, 2007), in
// steps of 1. Pairs change an eligibility, and what is eligible becomes weight while a reward lasts. In a step with input spikes s,
// output spike y and reward:
//
//	x[i] = x[i]·e^(−1/TauPlus) + s[i];  z = z·e^(−1/TauMinus) + y
//	e[i] = e[i]·e^(−1/TauE) + APlus·y·x[i] − AMinus·s[i]·z
//	w[i] = clip(w[i] + Rate·reward·e[i], 0, 1)
type Reward struct {
	APlus, AMinus, TauPlus, TauMinus, TauE, Rate float64
	Eligible                                     []float64 // e
	pre                                          []float64
	post                                         float64
}

// Step takes a step and changes w. Eligible has the length of w and of s.
func (r *Reward) Step(w, s []float64, y, reward float64) {
	if r.pre == nil {
		r.pre = make([]float64, len(w))
	}
	plus, minus, keep := math.Exp(-1/r.TauPlus), math.Exp(-1/r.TauMinus), math.Exp(-1/r.TauE)
	r.post = float64(r.post*minus) + y
	for i := range w {
		r.pre[i] = float64(r.pre[i]*plus) + s[i]
		r.Eligible[i] = float64(r.Eligible[i]*keep) + (float64(r.APlus*y*r.pre[i]) - float64(r.AMinus*s[i]*r.post))
		w[i] = clip(w[i]+float64(r.Rate*reward*r.Eligible[i]), 0, 1)
	}
}
