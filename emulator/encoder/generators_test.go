package encoder

import "math"

// The functions of this file play spike trains for rates per unit of time, which may change in time, rather than for codes:
// what descriptions of simulations call generators (Heeger 2000; Dayan, Abbott 2001, "Theoretical neuroscience", 1.4). draw
// returns uniform numbers of [0, 1), one after the other; any generator will do, and every function says how many it
// takes. Times and rates are in reciprocal units, such as seconds and hertz.

// inBins returns the bins 0..bins−1 that have a spike, where bin k has one with probability p(k): x <= p(k), one draw a bin.
// With p(k) = r(k·dt)·dt it is an inhomogeneous Poisson process, as far as r·dt is small.
func inBins(p func(bin int) float64, bins int, draw func() float64) []int {
	var at []int
	for k := range bins {
		if draw() <= p(k) {
			at = append(at, k)
		}
	}
	return at
}

// waits returns the times before end of a Poisson process: the next spike comes after −ln(1−x)/rate, one draw a spike and one
// beyond the end.
func waits(rate, end float64, draw func() float64) []float64 {
	var at []float64
	for t := -math.Log(1-draw()) / rate; t < end; t -= math.Log(1-draw()) / rate {
		at = append(at, t)
	}
	return at
}

// thinned returns the times before end of an inhomogeneous Poisson process of rate(t) <= most: candidates come at the rate
// most, as in waits, and one at t stays if x <= rate(t)/most, with a second draw (Lewis, Shedler 1979).
func thinned(rate func(t float64) float64, most, end float64, draw func() float64) []float64 {
	var at []float64
	for t := -math.Log(1-draw()) / most; t < end; t -= math.Log(1-draw()) / most {
		if draw() <= rate(t)/most {
			at = append(at, t)
		}
	}
	return at
}

// recovering returns the bins of width dt with a spike of a neuron that rests: after a spike, s later, its rate is 0 for s <
// dead, then returns in a straight line to rate within recovery. One draw a bin, x <= r·dt.
func recovering(rate, dead, recovery, dt float64, bins int, draw func() float64) []int {
	var at []int
	last := math.Inf(-1)
	for k := range bins {
		t := float64(k) * dt
		if r := rate * min(1, max(0, (t-last-dead)/recovery)); draw() <= r*dt && r > 0 {
			at, last = append(at, k), t
		}
	}
	return at
}

// bursts returns the spikes of each bin: as many as there are elements of cumulative that are below x, one draw a bin.
// cumulative[n] is the probability of at most n spikes; the last element is 1.
func bursts(cumulative []float64, bins int, draw func() float64) []int {
	counts := make([]int, bins)
	for k := range counts {
		for x := draw(); counts[k]+1 < len(cumulative) && x >= cumulative[counts[k]]; {
			counts[k]++
		}
	}
	return counts
}

// histogram returns the rate in each window of a length, from all spikes of so many trials: count/(trials·window).
func histogram(spikes []float64, trials int, window float64, windows int) []float64 {
	rates := make([]float64, windows)
	for _, t := range spikes {
		if w := int(t / window); w < windows {
			rates[w]++
		}
	}
	for w := range rates {
		rates[w] /= float64(trials) * window
	}
	return rates
}
