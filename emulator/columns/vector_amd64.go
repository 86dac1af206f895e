//go:build !noasm

package columns

import "spikec/internal/simd"

//go:generate go -C _gen run . -out ../vector_amd64.s

// vector is whether the kernels run.
var vector = simd.Best() >= simd.AVX2

// whole returns how many of n numbers a kernel does: groups of eight.
func whole(n int) int {
	if !vector {
		return 0
	}
	return n &^ 7
}

// The kernels in vector_amd64.s, which the module in _gen writes. They do n numbers, a positive multiple of eight.

//go:noescape
func addAVX2(dst, x, y *int32, n int)

//go:noescape
func add3AVX2(dst, x, y, z *int32, n int)

//go:noescape
func addProductAVX2(dst, x, y, f *int32, n int)

//go:noescape
func mulAVX2(dst, x, y *int32, n int)

// addGuardedAVX2 writes the bits of eight numbers to a byte.
//
//go:noescape
func addGuardedAVX2(v, sum, f, lo, hi *int32, bits *uint64, n int)

// scaleAVX2 needs k <= 32: the 32 bits from bit k on are the same in a shift that knows no sign.
//
//go:noescape
func scaleAVX2(dst, x, f *int32, n int, k uint64, plus, negative, odd int64)

// clampAVX2 returns how many numbers stay.
//
//go:noescape
func clampAVX2(dst, x, lo, hi *int32, n int) (same int)

//go:noescape
func addSaturatedAVX2(dst, x, y *int32, n int) (changed int)

// wrapAVX2 is x = x << k >> k, and returns how many numbers stay.
//
//go:noescape
func wrapAVX2(x *int32, n int, k uint64) (same int)

//go:noescape
func leakToZeroAVX2(dst, x, by *int32, n int)

//go:noescape
func aboveAVX2(dst, x, y *int32, n int)

//go:noescape
func notBelowAVX2(dst, x, y *int32, n int)

//go:noescape
func andNotAVX2(dst, x *int32, n int)

//go:noescape
func resetAVX2(dst, x, flags, keep, plus *int32, n int)

// packAVX2 writes the bits of eight flags to a byte.
//
//go:noescape
func packAVX2(words *uint64, flags *int32, n int)

// fireAVX2 returns how many numbers stay within their limits.
//
//go:noescape
func fireAVX2(v, sum, rest, thr, plus *int32, words *uint64, n int, shift uint64, low, high, keep int32) (same int)

// fireSignedAVX2 returns how many membranes and counts stay within their limits.
//
//go:noescape
func fireSignedAVX2(v, n, sum, rest, thr, plus *int32, up, down *uint64, count int, shift uint64, low, high, most int32) (same int)

func addVector(dst, x, y []int32) int {
	n := whole(len(dst))
	if n > 0 {
		addAVX2(&dst[0], &x[:n][0], &y[:n][0], n)
	}
	return n
}

func add3Vector(dst, x, y, z []int32) int {
	n := whole(len(dst))
	if n > 0 {
		add3AVX2(&dst[0], &x[:n][0], &y[:n][0], &z[:n][0], n)
	}
	return n
}

func addProductVector(dst, x, y, f []int32) int {
	n := whole(len(dst))
	if n > 0 {
		addProductAVX2(&dst[0], &x[:n][0], &y[:n][0], &f[:n][0], n)
	}
	return n
}

func mulVector(dst, x, y []int32) int {
	n := whole(len(dst))
	if n > 0 {
		mulAVX2(&dst[0], &x[:n][0], &y[:n][0], n)
	}
	return n
}

// addGuardedVector does whole words of bits.
func addGuardedVector(v, sum, f, lo, hi []int32, words []uint64) int {
	n := whole(len(v)) &^ 63
	if n > 0 {
		addGuardedAVX2(&v[0], &sum[:n][0], &f[:n][0], &lo[:n][0], &hi[:n][0], &words[:n/64][0], n)
	}
	return n
}

func scaleVector(dst, x, f []int32, k uint, r Rounding) int {
	n := whole(len(dst))
	if n > 0 {
		scaleAVX2(&dst[0], &x[:n][0], &f[:n][0], n, uint64(k), r.Plus, r.Negative, r.Odd)
	}
	return n
}

func clampVector(dst, x, lo, hi []int32) (n, changed int) {
	if n = whole(len(dst)); n > 0 {
		changed = n - clampAVX2(&dst[0], &x[:n][0], &lo[:n][0], &hi[:n][0], n)
	}
	return n, changed
}

func addSaturatedVector(dst, x, y []int32) (n, changed int) {
	if n = whole(len(dst)); n > 0 {
		changed = addSaturatedAVX2(&dst[0], &x[:n][0], &y[:n][0], n)
	}
	return n, changed
}

func wrapVector(x []int32, bits int) (n, changed int) {
	if n = whole(len(x)); n > 0 {
		changed = n - wrapAVX2(&x[0], n, uint64(32-bits))
	}
	return n, changed
}

func leakToZeroVector(dst, x, by []int32) int {
	n := whole(len(dst))
	if n > 0 {
		leakToZeroAVX2(&dst[0], &x[:n][0], &by[:n][0], n)
	}
	return n
}

func aboveVector(dst, x, y []int32) int {
	n := whole(len(dst))
	if n > 0 {
		aboveAVX2(&dst[0], &x[:n][0], &y[:n][0], n)
	}
	return n
}

func notBelowVector(dst, x, y []int32) int {
	n := whole(len(dst))
	if n > 0 {
		notBelowAVX2(&dst[0], &x[:n][0], &y[:n][0], n)
	}
	return n
}

func andNotVector(dst, x []int32) int {
	n := whole(len(dst))
	if n > 0 {
		andNotAVX2(&dst[0], &x[:n][0], n)
	}
	return n
}

func resetVector(dst, x, flags, keep, plus []int32) int {
	n := whole(len(dst))
	if n > 0 {
		resetAVX2(&dst[0], &x[:n][0], &flags[:n][0], &keep[:n][0], &plus[:n][0], n)
	}
	return n
}

// packVector does whole words of bits.
func packVector(words []uint64, flags []int32) int {
	n := whole(len(flags)) &^ 63
	if n > 0 {
		packAVX2(&words[:n/64][0], &flags[0], n)
	}
	return n
}

// fireVector does whole words of bits.
func fireVector(v, sum, rest, thr, plus []int32, words []uint64, f Rule) (n, changed int) {
	if n = whole(len(v)) &^ 63; n > 0 {
		changed = n - fireAVX2(&v[0], &sum[:n][0], &rest[:n][0], &thr[:n][0], &plus[:n][0], &words[:n/64][0], n,
			uint64(f.Shift), f.Low, f.High, f.Keep)
	}
	return n, changed
}

// fireSignedVector does whole words of bits.
func fireSignedVector(v, n, sum, rest, thr, plus []int32, up, down []uint64, f Signed) (k, changed int) {
	if k = whole(len(v)) &^ 63; k > 0 {
		changed = 2*k - fireSignedAVX2(&v[0], &n[:k][0], &sum[:k][0], &rest[:k][0], &thr[:k][0], &plus[:k][0], &up[:k/64][0], &down[:k/64][0], k,
			uint64(f.Shift), f.Low, f.High, f.Most)
	}
	return k, changed
}
