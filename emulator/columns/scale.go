package columns

// Rounding is how Scale rounds p / 2^k: it adds Plus, Negative to p < 0, and Odd where the floor is odd, before it shifts.
type Rounding struct{ Plus, Negative, Odd int64 }

// The roundings of a shift by k. Of two numbers equally near, HalfAway takes the one farther from zero, ToEven the even
// one; without a shift nothing is rounded.

// Floor rounds down.
func Floor(uint) Rounding { return Rounding{} }

// ToZero rounds toward zero: it adds 2^k − 1 below zero.
func ToZero(k uint) Rounding { return Rounding{Negative: 1<<k - 1} }

// ToEven rounds to the nearest: it adds one half, less the smallest part of one where the floor is even.
func ToEven(k uint) Rounding {
	if k == 0 {
		return Rounding{}
	}
	return Rounding{Plus: 1<<(k-1) - 1, Odd: 1}
}

// HalfAway rounds to the nearest: it adds one half, less the smallest part of one below zero.
func HalfAway(k uint) Rounding {
	if k == 0 {
		return Rounding{}
	}
	return Rounding{Plus: 1 << (k - 1), Negative: -1}
}

// Scale is: dst = x·f / 2^k, rounded, with products of 64 bits; k = 0..62.
func Scale(dst, x, f []int32, k uint, r Rounding) {
	n := 0
	if k <= 32 { // of a longer shift the kernel would miss the sign
		n = scaleVector(dst, x, f, k, r)
	}
	dst, x, f, k = dst[n:], x[n:len(dst)], f[n:len(dst)], k&63
	for i := range dst {
		p := int64(x[i]) * int64(f[i])
		dst[i] = int32((p + r.Plus + p>>63&r.Negative + p>>k&r.Odd) >> k)
	}
}
