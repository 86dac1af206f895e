package plasticity

import "math"

// Stepped is pair-based plasticity in fixed steps onto one neuron. In a step with input spikes s and output spike y (0 or 1):
//
//	x[i] *= e^(−dt/TauPlus);  z *= e^(−dt/TauMinus);  x[i] += s[i];  z += y
//	w[i] = clip(w[i] + APlus·y·x[i] − AMinus·s[i]·z, Min, Max)
//
// A spike is in its trace before the trace is used, so a coincidence counts on both sides.
type Stepped struct {
	APlus, AMinus, TauPlus, TauMinus, Min, Max, Dt float64
	Pre                                            []float64 // x
	Post                                           float64   // z
}

// Step takes a step and changes w. Pre has the length of w and of s.
func (r *Stepped) Step(w, s []float64, y float64) {
	plus, minus := math.Exp(-r.Dt/r.TauPlus), math.Exp(-r.Dt/r.TauMinus)
	r.Post = float64(r.Post*minus) + y
	for i := range w {
		r.Pre[i] = float64(r.Pre[i]*plus) + s[i]
		w[i] = clip(w[i]+(float64(r.APlus*y*r.Pre[i])-float64(r.AMinus*s[i]*r.Post)), r.Min, r.Max)
	}
}
