package plasticity

import (
	"math"
)

// ReSuMe is the remote supervised method (Ponulak and Kasiński, Neural Comput. 22, 2010): spikes that are wanted strengthen, spikes
// that are there weaken what arrived before them:
//
//	Δw = Rate·(Σ_wanted F(d) − Σ_output F(o)),  F(t) = Bias + Σ_{t_i ≤ t} A·e^(−(t − t_i)/Tau)
//
// For inhibitory synapses Bias and A are negative.
type ReSuMe struct{ Bias, A, Tau, Rate float64 }

// Change returns Δw/Rate of a synapse with those input spikes.
func (r ReSuMe) Change(input, output, wanted []float64) float64 {
	f := func(train []float64) float64 {
		sum := 0.0
		for _, t := range train {
			sum += r.Bias
			for _, i := range input {
				if i <= t {
					sum += r.A * math.Exp(-(t-i)/r.Tau)
				}
			}
		}
		return sum
	}
	return f(wanted) - f(output)
}
