package generator

import "math"

// Correlated is a group of trains of one rate whose counts correlate pairwise with c, 0 ≤ c ≤ 1 (Brette, Neural Comput. 21, 2009, the
// mixture method in its simplest form): with one event v of the group a step, a neuron spikes if
//
//	(v < rate·dt and x < √c) or y < rate·(1 − √c)·dt
type Correlated struct {
	Neurons               int
	Rate, Correlation, Dt float64
	x                     []float64
}

// Step calls spike for each neuron that spikes in a step, in ascending order. It draws one number for v, one a neuron for x, then one
// a neuron for y, whatever they decide.
func (g *Correlated) Step(u Uniforms, spike func(neuron int)) {
	if g.x == nil {
		g.x = make([]float64, g.Neurons)
	}
	root := math.Sqrt(g.Correlation)
	shared := u.Uniform() < float64(g.Rate*g.Dt)
	for i := range g.x {
		g.x[i] = u.Uniform()
	}
	private := g.Rate * (1 - root) * g.Dt
	for i, x := range g.x {
		if y := u.Uniform(); shared && x < root || y < private {
			spike(i)
		}
	}
}
