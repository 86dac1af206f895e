package encoder

import "math"

// odd are 1/1, 1/3, 1/5 …, the coefficients of the series of ln; the next term is below 2^−60 of the sum.
var odd = [12]float64{1, 1.0 / 3, 1.0 / 5, 1.0 / 7, 1.0 / 9, 1.0 / 11, 1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21, 1.0 / 23}

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
	for k := len(odd) - 1; k >= 0; k-- {
		sum = float64(sum*square) + odd[k]
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

// predistorted holds −ln(1−x) for codes below 255: the rate, in events a step, of a Poisson process that has at least one
// event in a step with probability x.
var predistorted = func() (table [codes]float64) {
	for c := range table {
		table[c] = -ln(float64(codes-c) / codes)
	}
	return table
}()
