package convert

import "math"

// leastError is the factor for which the rates that T steps can have come closest to the activations a on the
// calibration images, in mean square: the minimum of
//
//	Σ_n (a_n − λ·N(a_n/λ)/T)²
//
// The activations n are all of them where pass normalise finds the factor. Where pass rate-refit does they are a sample, those
// on the rows that the layer is fitted to (fitSizeOf): refitRows for every input of a neuron and 1000 more, spread evenly over the images,
// at least one position of the map an image and at most all; fewer where they would take too much memory (refitFloats). With 25 inputs and 1,000 images that is two positions an image.
//
// with N the spikes at a constant drive (spikes): a staircase with T+1 steps that ends at the factor λ. A small factor λ clips, a large one
// is coarse; which is worse depends on T (Li et al. 2021, threshold by least square error; conversion reference §3.4).
// Candidates go from the largest activation down to 0.06 of it.
func leastError(h *histogram, o Options) float64 {
	best, least := h.largest, math.Inf(1)
	for k := range errorCandidates {
		factor := h.largest * (1 - float64(k)/(errorCandidates/0.95))
		if e := staircaseError(h, factor, o, least); e < least {
			best, least = factor, e
		}
	}
	return best
}

// errorCandidates is how many factors leastError tries.
const errorCandidates = 96

// staircaseError returns the sum that leastError minimises, or something above enough.
func staircaseError(h *histogram, factor float64, o Options, enough float64) float64 {
	sum, unit := 0.0, factor/float64(o.Steps)
	for b := range h.count {
		if h.count[b] == 0 {
			continue
		}
		a := h.middle(b)
		d := a - unit*spikes(a/factor, o)
		if sum += float64(h.count[b]) * d * d; sum > enough {
			break
		}
	}
	return sum
}
