//go:build !noasm

package elementwise

import "spikec/internal/simd"

//go:generate go -C _gen run . -out ../vector_amd64.s

// vector is whether the kernels run.
var vector = simd.Best() >= simd.AVX2

// The kernels in vector_amd64.s, which the module in _gen writes. They do n numbers, a positive multiple of eight; those with Number in
// their names read one number of y for all, those with ToNumber one of x.

//go:noescape
func addAVX2(dst, x, y *float64, n int)

//go:noescape
func addNumberAVX2(dst, x, y *float64, n int)

//go:noescape
func addToNumberAVX2(dst, x, y *float64, n int)

//go:noescape
func subAVX2(dst, x, y *float64, n int)

//go:noescape
func subNumberAVX2(dst, x, y *float64, n int)

//go:noescape
func subToNumberAVX2(dst, x, y *float64, n int)

//go:noescape
func mulAVX2(dst, x, y *float64, n int)

//go:noescape
func mulNumberAVX2(dst, x, y *float64, n int)

//go:noescape
func mulToNumberAVX2(dst, x, y *float64, n int)

//go:noescape
func divAVX2(dst, x, y *float64, n int)

//go:noescape
func divNumberAVX2(dst, x, y *float64, n int)

//go:noescape
func divToNumberAVX2(dst, x, y *float64, n int)

//go:noescape
func greaterAVX2(dst, x, y *float64, n int)

//go:noescape
func greaterNumberAVX2(dst, x, y *float64, n int)

//go:noescape
func greaterToNumberAVX2(dst, x, y *float64, n int)

//go:noescape
func atLeastAVX2(dst, x, y *float64, n int)

//go:noescape
func atLeastNumberAVX2(dst, x, y *float64, n int)

//go:noescape
func atLeastToNumberAVX2(dst, x, y *float64, n int)

//go:noescape
func nonzeroAVX2(words *uint64, x *float64, n int)

// whole runs the kernel that suits the lists on groups of eight, and returns how many numbers that are.
func whole(dst, x, y []float64, each, number, toNumber func(dst, x, y *float64, n int)) int {
	n := len(dst) &^ 7
	if !vector || n == 0 {
		return 0
	}
	switch {
	case len(y) < n:
		number(&dst[0], &x[:n][0], &y[0], n)
	case len(x) < n:
		toNumber(&dst[0], &x[0], &y[:n][0], n)
	default:
		each(&dst[0], &x[0], &y[0], n)
	}
	return n
}

func addVector(dst, x, y []float64) int {
	return whole(dst, x, y, addAVX2, addNumberAVX2, addToNumberAVX2)
}

func subVector(dst, x, y []float64) int {
	return whole(dst, x, y, subAVX2, subNumberAVX2, subToNumberAVX2)
}

func mulVector(dst, x, y []float64) int {
	return whole(dst, x, y, mulAVX2, mulNumberAVX2, mulToNumberAVX2)
}

func divVector(dst, x, y []float64) int {
	return whole(dst, x, y, divAVX2, divNumberAVX2, divToNumberAVX2)
}

func greaterVector(dst, x, y []float64) int {
	return whole(dst, x, y, greaterAVX2, greaterNumberAVX2, greaterToNumberAVX2)
}

func atLeastVector(dst, x, y []float64) int {
	return whole(dst, x, y, atLeastAVX2, atLeastNumberAVX2, atLeastToNumberAVX2)
}

func nonzeroVector(words []uint64, x []float64) int {
	n := len(x) &^ 63
	if !vector || n == 0 {
		return 0
	}
	nonzeroAVX2(&words[:n/64][0], &x[0], n)
	return n
}
