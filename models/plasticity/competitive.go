package plasticity

import "math"

// Competitive is the unsupervised learning of patterns by spikes of Diehl and Cook (Front. Comput. Neurosci. 9, 2015), in steps, with
// one winner a step in place of a layer of inhibitory neurons. In a step with input spikes s:
//
//	x[i] = 1 where s[i], else x[i]·e^(−1/TauX)
//	v[j] = v[j]·e^(−1/TauV) + Σ_i s[i]·w[j][i]
//	the winner is the j with the largest v[j] − θ[j], the first of equals; it spikes if that is Threshold or more:
//	    all v = 0;  θ[j] += ThetaPlus;  w[j][i] += Rate·(x[i] − Target)·w[j][i]·(1 − w[j][i])
//
// and θ falls back with TauTheta. So what was there just before a spike is strengthened, and all else is weakened; a neuron that
// wins often becomes harder to excite. Forget is for what lies between two patterns.
type Competitive struct {
	TauX, TauV, TauTheta, Threshold, ThetaPlus, Rate, Target float64
	// Sum is what the weights of a neuron add up to after Forget.
	Sum   float64
	W     [][]float64 // [neuron][input], between 0 and 1
	Theta []float64
	x, v  []float64
}

// Step takes a step with the inputs that spike, and returns the winner, −1 where nobody spikes. Without learning W and Theta stay.
func (r *Competitive) Step(spikes []int, learn bool) int {
	if r.v == nil {
		r.v, r.x = make([]float64, len(r.W)), make([]float64, len(r.W[0]))
	}
	keep, fall := math.Exp(-1/r.TauX), math.Exp(-1/r.TauV)
	for i := range r.x {
		r.x[i] *= keep
	}
	for _, i := range spikes {
		r.x[i] = 1
	}
	best, most := -1, math.Inf(-1)
	for j, w := range r.W {
		sum := float64(r.v[j] * fall)
		for _, i := range spikes {
			sum += w[i]
		}
		r.v[j] = sum
		if d := sum - r.Theta[j]; d > most {
			best, most = j, d
		}
	}
	if learn {
		decay := math.Exp(-1 / r.TauTheta)
		for j := range r.Theta {
			r.Theta[j] *= decay
		}
	}
	if most < r.Threshold {
		return -1
	}
	clear(r.v)
	if learn {
		r.Theta[best] += r.ThetaPlus
		w := r.W[best]
		for i := range w {
			w[i] = clip(w[i]+float64(r.Rate*(r.x[i]-r.Target)*w[i]*(1-w[i])), 0, 1)
		}
	}
	return best
}

// Forget sets potentials and traces to 0 and, where it learns, scales the weights of each neuron to the sum.
func (r *Competitive) Forget(learn bool) {
	clear(r.v)
	clear(r.x)
	if !learn {
		return
	}
	for _, w := range r.W {
		sum := 0.0
		for _, x := range w {
			sum += x
		}
		for i := range w {
			w[i] = clip(w[i]*r.Sum/sum, 0, 1)
		}
	}
}
