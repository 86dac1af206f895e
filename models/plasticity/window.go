// Package plasticity holds learning rules of synapses as the literature gives them, one file each: rules of spike times, rules with
// a reward or a sliding threshold, and rules that learn from a teacher. Δ is t_post − t_pre; times are in ms unless a rule says
// otherwise.
package plasticity

import "math"

// Window is what a pair of spikes changes, as a function of Δ.
type Window interface {
	Change(delta float64) float64
}

// TwoPhase is the window of spike-timing-dependent plasticity (Bi and Poo, J. Neurosci. 18, 1998; Song, Miller and Abbott, Nature
// Neurosci. 3, 2000):
//
//	APlus·e^(−Δ/TauPlus) for Δ > 0,  −AMinus·e^(Δ/TauMinus) for Δ < 0,  0 for Δ = 0
type TwoPhase struct {
	APlus, AMinus, TauPlus, TauMinus float64
}

// Change is the window.
func (w TwoPhase) Change(delta float64) float64 {
	switch {
	case delta > 0:
		return w.APlus * math.Exp(-delta/w.TauPlus)
	case delta < 0:
		return -w.AMinus * math.Exp(delta/w.TauMinus)
	}
	return 0
}

// ThreePhase strengthens around Δ = 15 ms and weakens on both sides (Wittenberg and Wang, J. Neurosci. 26, 2006):
//
//	APlus·e^(−(Δ − 15)²/200) − AMinus·e^(−(Δ − 15)²/2000)
type ThreePhase struct{ APlus, AMinus float64 }

// Change is the window.
func (w ThreePhase) Change(delta float64) float64 {
	d := (delta - 15) * (delta - 15)
	return w.APlus*math.Exp(-d/200) - w.AMinus*math.Exp(-d/2000)
}

// Coincident is the two-phase window of one height and one time constant whose coincidence counts as 1:
//
//	A·e^(−Δ/Tau) for Δ > 0,  1 for Δ = 0,  −A·e^(Δ/Tau) for Δ < 0
type Coincident struct{ A, Tau float64 }

// Change is the window.
func (w Coincident) Change(delta float64) float64 {
	if delta == 0 {
		return 1
	}
	return TwoPhase{w.A, w.A, w.Tau, w.Tau}.Change(delta)
}

// All returns the sum of a window over all pairs of two spike trains.
func All(w Window, pre, post []float64) float64 {
	sum := 0.0
	for _, i := range pre {
		for _, j := range post {
			sum += w.Change(j - i)
		}
	}
	return sum
}

// Nearest returns the sum of a window over nearest pairs: each spike of post with the latest earlier one of pre, and each of pre with the
// latest earlier one of post. Both trains are ascending.
func Nearest(w Window, pre, post []float64) float64 {
	sum := 0.0
	for _, j := range post {
		if i, ok := latest(pre, j); ok {
			sum += w.Change(j - i)
		}
	}
	for _, i := range pre {
		if j, ok := latest(post, i); ok {
			sum += w.Change(j - i)
		}
	}
	return sum
}

// latest returns the last time of an ascending train before t.
func latest(train []float64, t float64) (float64, bool) {
	for k := len(train) - 1; k >= 0; k-- {
		if train[k] < t {
			return train[k], true
		}
	}
	return 0, false
}

// clip limits a weight to [lo, hi].
func clip(w, lo, hi float64) float64 { return math.Min(math.Max(w, lo), hi) }
