package plasticity

import (
	"math"
)

// Tempotron decides between two classes by whether a leaky neuron spikes (Gütig and Sompolinsky, Nature Neurosci. 9, 2006). Its
// potential is a sum of
//
//	K(s) = V0·(e^(−s/Tau) − e^(−s/TauS)) for s ≥ 0,  V0 such that the largest value is 1
//
// After a wrong decision every weight moves by ±Rate·Σ K(t_max − t_i), t_max the time of the largest potential.
type Tempotron struct{ Tau, TauS, Threshold, Rate float64 }

// Kernel is K.
func (r Tempotron) Kernel(s float64) float64 {
	if s < 0 {
		return 0
	}
	peak := r.Tau * r.TauS / (r.Tau - r.TauS) * math.Log(r.Tau/r.TauS)
	return (math.Exp(-s/r.Tau) - math.Exp(-s/r.TauS)) / (math.Exp(-peak/r.Tau) - math.Exp(-peak/r.TauS))
}

// Largest returns the largest potential on a grid of dt in [0, end] and its time, for one train of input spikes a weight.
func (r Tempotron) Largest(w []float64, trains [][]float64, end, dt float64) (v, at float64) {
	v = math.Inf(-1)
	for k := 0; float64(k)*dt <= end; k++ {
		t, sum := float64(k)*dt, 0.0
		for i, train := range trains {
			for _, ti := range train {
				sum += w[i] * r.Kernel(t-ti)
			}
		}
		if sum > v {
			v, at = sum, t
		}
	}
	return v, at
}

// Learn presents a pattern that should make the neuron spike or not, changes w where it decides wrongly, and reports whether it was right.
func (r Tempotron) Learn(w []float64, trains [][]float64, spikes bool, end, dt float64) bool {
	v, at := r.Largest(w, trains, end, dt)
	if (v >= r.Threshold) == spikes {
		return true
	}
	sign := -1.0
	if spikes {
		sign = 1
	}
	for i, train := range trains {
		for _, t := range train {
			w[i] += sign * r.Rate * r.Kernel(at-t)
		}
	}
	return false
}
