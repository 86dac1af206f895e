package encoder

import "math"

// logTerms is how many terms of its series ln takes: the next one is below 2^−60 of the sum.
const logTerms = 11

// ln returns the natural logarithm of a positive normal number, with an error of a few 2^−53 of the result or of 1. Each
// product is rounded before it is added, so that every processor gives the same bits, which the library's function does
// not promise:
//
//	x = m·2^e with √½ <= m < √2,   s = (m−1)/(m+1),   ln x = e·ln 2 + 2·(s + s³/3 + s⁵/5 + … )
func ln(x float64) float64 {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	s := (m - 1) / (m + 1)
	square := float64(s * s)
	sum := 0.0
	for k := logTerms; k >= 0; k-- {
		sum = float64(sum*square) + 1/float64(2*k+1)
	}
	return float64(float64(e)*math.Ln2) + float64(2*s*sum)
}

// exp returns e^x for −1 <= x <= 0 with an error below 2^−44, the same bits everywhere: by the series for x/2^8, and
// squaring.
func exp(x float64) float64 {
	const halvings = 8
	x /= 1 << halvings
	sum := 1.0
	for k := 8; k >= 1; k-- {
		sum = 1 + float64(x*sum)/float64(k)
	}
	for range halvings {
		sum = float64(sum * sum)
	}
	return sum
}

// waiting is ln(1/(1−x)) for a code below 255: the rate, in spikes a step, of a Poisson process that has at least one spike
// in a step with probability x (pre-distortion).
func waiting(code uint8) float64 { return -ln(float64(codes-int(code)) / codes) }
