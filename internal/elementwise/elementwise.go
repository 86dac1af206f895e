// Package elementwise holds loops over lists of numbers of 64 bits, element by element. Of two operands, one may be a list of one number,
// which stands for as many as dst has; the others have dst's length, and dst may be one of them. Each operation rounds once, so that
// results do not depend on how a loop is run.
//
// The Go loops are the definition. Where the processor has AVX2, kernels do eight numbers at a time and leave the rest to them
// (vector_amd64.s, which the module in _gen writes).
package elementwise

// Add is: dst = x + y.
func Add(dst, x, y []float64) {
	n := addVector(dst, x, y)
	dst, x, y = rest(dst, x, y, n)
	switch {
	case len(y) < len(dst):
		c := y[0]
		for i, v := range x {
			dst[i] = v + c
		}
	case len(x) < len(dst):
		c := x[0]
		for i, v := range y {
			dst[i] = c + v
		}
	default:
		for i, v := range x[:len(dst)] {
			dst[i] = v + y[i]
		}
	}
}

// Sub is: dst = x − y.
func Sub(dst, x, y []float64) {
	n := subVector(dst, x, y)
	dst, x, y = rest(dst, x, y, n)
	switch {
	case len(y) < len(dst):
		c := y[0]
		for i, v := range x {
			dst[i] = v - c
		}
	case len(x) < len(dst):
		c := x[0]
		for i, v := range y {
			dst[i] = c - v
		}
	default:
		for i, v := range x[:len(dst)] {
			dst[i] = v - y[i]
		}
	}
}

// Mul is: dst = x·y.
func Mul(dst, x, y []float64) {
	n := mulVector(dst, x, y)
	dst, x, y = rest(dst, x, y, n)
	switch {
	case len(y) < len(dst):
		c := y[0]
		for i, v := range x {
			dst[i] = v * c
		}
	case len(x) < len(dst):
		c := x[0]
		for i, v := range y {
			dst[i] = c * v
		}
	default:
		for i, v := range x[:len(dst)] {
			dst[i] = v * y[i]
		}
	}
}

// Div is: dst = x / y.
func Div(dst, x, y []float64) {
	n := divVector(dst, x, y)
	dst, x, y = rest(dst, x, y, n)
	switch {
	case len(y) < len(dst):
		c := y[0]
		for i, v := range x {
			dst[i] = v / c
		}
	case len(x) < len(dst):
		c := x[0]
		for i, v := range y {
			dst[i] = c / v
		}
	default:
		for i, v := range x[:len(dst)] {
			dst[i] = v / y[i]
		}
	}
}

// Greater is: dst = 1 where x > y, else 0.
func Greater(dst, x, y []float64) {
	n := greaterVector(dst, x, y)
	dst, x, y = rest(dst, x, y, n)
	for i := range dst {
		dst[i] = truth(at(x, i) > at(y, i))
	}
}

// AtLeast is: dst = 1 where x >= y, else 0.
func AtLeast(dst, x, y []float64) {
	n := atLeastVector(dst, x, y)
	dst, x, y = rest(dst, x, y, n)
	for i := range dst {
		dst[i] = truth(at(x, i) >= at(y, i))
	}
}

// NonZero sets bit i%64 of word i/64 where x[i] is not 0, as NaN is not; the other bits of the words that x has are 0.
func NonZero(words []uint64, x []float64) {
	n := nonzeroVector(words, x)
	for i := n; i < len(x); i++ {
		if i%64 == 0 {
			words[i/64] = 0
		}
		if x[i] != 0 {
			words[i/64] |= 1 << (i % 64)
		}
	}
}

// truth is 1 for true.
func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// at is an element of a list, or its only one.
func at(list []float64, i int) float64 {
	if len(list) == 1 {
		return list[0]
	}
	return list[i]
}

// rest returns what lists hold from element n on; a list of one number stays.
func rest(dst, x, y []float64, n int) (_, _, _ []float64) {
	if len(x) == len(dst) {
		x = x[n:]
	}
	if len(y) == len(dst) {
		y = y[n:]
	}
	return dst[n:], x, y
}
