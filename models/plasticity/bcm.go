package plasticity

import "math"

// activityDecay is the decay of a neuron's mean activity in a step, with a time constant of 50 steps.
var activityDecay = math.Exp(-1. / 50)

// BCM is the rule of Bienenstock, Cooper and Munro (J. Neurosci. 2, 1982) for spikes, in steps of 1: activity above a threshold
// strengthens, below it weakens, and the threshold follows the activity. In a step with input spikes s and output spike y:
//
//	ȳ = ȳ·e^(−1/50) + y;  θ += (ȳ² − θ)/TauTheta;  w[i] += Rate·s[i]·ȳ·(ȳ − θ)
type BCM struct {
	Rate, TauTheta float64
	Theta          float64 // θ
	mean           float64 // ȳ
}

// Observe takes the output of a step and moves the threshold.
func (r *BCM) Observe(y float64) {
	r.mean = float64(r.mean*activityDecay) + y
	r.Theta += (float64(r.mean*r.mean) - r.Theta) / r.TauTheta
}

// Step takes a step and changes w.
func (r *BCM) Step(w, s []float64, y float64) {
	r.Observe(y)
	for i := range w {
		w[i] += float64(r.Rate * s[i] * r.mean * (r.mean - r.Theta))
	}
}

// SWAT is pair-based plasticity whose heights follow the threshold of BCM, the idea of Wade, McDaid, Santos and Sayers (IEEE Trans.
// Neural Networks 21, 2010): an active neuron's synapses are strengthened less and weakened more. After the step of BCM, with
// h = 1/(1 + θ),
//
//	x[i] *= e^(−1/TauPlus);  z *= e^(−1/TauMinus)
//	w[i] += A·(h·y·x[i] − (1 − h)·s[i]·z);  then x[i] += s[i], z += y
type SWAT struct {
	A, TauPlus, TauMinus float64
	Activity             BCM
	pre                  []float64
	post                 float64
}

// Step takes a step and changes w.
func (r *SWAT) Step(w, s []float64, y float64) {
	if r.pre == nil {
		r.pre = make([]float64, len(w))
	}
	r.Activity.Observe(y)
	h := 1 / (1 + r.Activity.Theta)
	plus, minus := math.Exp(-1/r.TauPlus), math.Exp(-1/r.TauMinus)
	r.post *= minus
	for i := range w {
		r.pre[i] *= plus
		w[i] += float64(r.A * (float64(h*y*r.pre[i]) - float64((1-h)*s[i]*r.post)))
		r.pre[i] += s[i]
	}
	r.post += y
}
