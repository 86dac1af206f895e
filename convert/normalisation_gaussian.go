package convert

import "math"

// gaussian is the factor with the least mean square error where sums are normally distributed, of mean μ and standard
// deviation σ, and n = T levels are half a level apart from where they are rounded up (membranes that start at half a
// threshold). It is the fixed point of
//
//	θ ← n·[ μ(n − Σ f_i) + σ√(2/π) Σ e_i ] / [ n² − Σ (2i−1) f_i ]        i = 1..n
//	c_i = (2i−1)θ/2n    e_i = exp(−(c_i−μ)²/2σ²)    f_i = erf((c_i−μ)/√2σ)
//
// which sets the levels to what fits best the sums that are rounded to them (Huang et al. 2025, Differential coding for
// training-free ANN-to-SNN conversion, threshold iteration; conversion reference §3.4). Where batch normalisation precedes
// the rectifier, μ and σ are its shift and its |scale|, without data. It has been folded, and its layer fitted, by the time
// that factors are found: μ and σ are always those of the pre-activations on the calibration images, as in the authors'
// program. That iterates a hundred times from 1, in the unit of the activations, which is far from the end where T is 32 or
// more; here the fixed point is bisected. Where such a distribution has hardly a positive value, it is the largest activation.
func gaussian(h *histogram, o Options) float64 {
	mean, deviation := h.sums.normal()
	factor := gaussianFactor(mean, deviation, min(o.Steps, gaussianLevels))
	if factor == 0 {
		factor = h.largest
	}
	return factor
}

const (
	// gaussianLevels bounds the levels that count: the error of that many is far below what anything else costs.
	gaussianLevels = 1024
	// gaussianReach is how many deviations above the mean, or above zero, the factor is at most: the best one for
	// gaussianLevels is below.
	gaussianReach = 12
	// gaussianBisections leave 10⁻¹² of the bracket.
	gaussianBisections = 40
)

// gaussianFactor returns the fixed point for n levels; 0 where there are no positive sums, or hardly any.
func gaussianFactor(mean, deviation float64, n int) float64 {
	if deviation == 0 {
		return max(0, mean)
	}
	low, high := 0.0, max(0, mean)+gaussianReach*deviation
	for range gaussianBisections {
		middle := (low + high) / 2
		next, ok := gaussianStep(middle, mean, deviation, n)
		switch {
		case !ok || next < middle:
			high = middle
		default:
			low = middle
		}
	}
	if low == 0 {
		return 0
	}
	return (low + high) / 2
}

// gaussianStep returns what the iteration makes of factor; false where no sum reaches the first level. 1 − f_i is computed
// as one, so that little is lost far above the mean.
func gaussianStep(factor, mean, deviation float64, n int) (float64, bool) {
	sum, squares := 0.0, 0.0
	for i := 1; i <= n; i++ {
		odd := float64(2*i - 1)
		x := (odd*factor/float64(2*n) - mean) / (math.Sqrt2 * deviation)
		above := math.Erfc(x)
		sum += mean*above + deviation*math.Sqrt(2/math.Pi)*math.Exp(-x*x)
		squares += odd * above
	}
	return float64(n) * sum / squares, squares > 0
}
