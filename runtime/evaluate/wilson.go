package evaluate

import "math"

// z95 is the two-sided 95 % point of the normal distribution.
const z95 = 1.959963984540054

// Wilson returns the 95 % interval of a share of correct out of n (Wilson 1927):
//
//	(p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)
func Wilson(correct, n int64) [2]float64 {
	if n == 0 {
		return [2]float64{0, 1}
	}
	p, m := float64(correct)/float64(n), float64(n)
	center := p + z95*z95/(2*m)
	half := z95 * math.Sqrt(p*(1-p)/m+z95*z95/(4*m*m))
	scale := 1 + z95*z95/m
	interval := [2]float64{(center - half) / scale, (center + half) / scale}
	if correct == 0 {
		interval[0] = 0 // exactly, whatever the rounding
	}
	if correct == n {
		interval[1] = 1
	}
	return interval
}
