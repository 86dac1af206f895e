package plasticity

import "math"

// Triplet is plasticity by triplets of spikes (Pfister and Gerstner, J. Neurosci. 26, 2006): beside the traces r1 and o1 of pairs
// there are slow ones, r2 and o2, and a change is scaled by the slow trace of the same side just before its own spike:
//
//	input spike:   w −= o1·(A2Minus + A3Minus·r2);  then r1 += 1, r2 += 1
//	output spike:  w += r1·(A2Plus  + A3Plus·o2);   then o1 += 1, o2 += 1
//
// Between spikes r1, r2, o1 and o2 decay with TauPlus, TauX, TauMinus and TauY. With A3Plus = A3Minus = 0 it is the pair rule.
// Weights are clipped to [0, Max].
type Triplet struct {
	A2Plus, A2Minus, A3Plus, A3Minus float64
	TauPlus, TauX, TauMinus, TauY    float64
	Max                              float64
	r1, r2, o1, o2, last             float64
}

// VisualCortex returns the minimal rule fitted to slices of visual cortex, all pairs (table 4 of the paper), with weights up to 1.
func VisualCortex() *Triplet {
	return &Triplet{A2Plus: 0, A2Minus: 7.1e-3, A3Plus: 6.5e-3, A3Minus: 0, TauPlus: 16.8, TauX: 101, TauMinus: 33.7, TauY: 114, Max: 1}
}

// decay takes the traces to time t.
func (r *Triplet) decay(t float64) {
	d := t - r.last
	r.r1 *= math.Exp(-d / r.TauPlus)
	r.r2 *= math.Exp(-d / r.TauX)
	r.o1 *= math.Exp(-d / r.TauMinus)
	r.o2 *= math.Exp(-d / r.TauY)
	r.last = t
}

// Pre takes an input spike at time t and returns the weight after it.
func (r *Triplet) Pre(t, w float64) float64 {
	r.decay(t)
	w = clip(w-r.o1*(r.A2Minus+r.A3Minus*r.r2), 0, r.Max)
	r.r1++
	r.r2++
	return w
}

// Post takes an output spike at time t and returns the weight after it.
func (r *Triplet) Post(t, w float64) float64 {
	r.decay(t)
	w = clip(w+r.r1*(r.A2Plus+r.A3Plus*r.o2), 0, r.Max)
	r.o1++
	r.o2++
	return w
}
