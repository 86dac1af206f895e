package columns

// A flag is −1 where it is set and 0 where it is not.

// Above sets flags where x > y.
func Above(dst, x, y []int32) {
	n := aboveVector(dst, x, y)
	dst, x, y = dst[n:], x[n:len(dst)], y[n:len(dst)]
	for i := range dst {
		dst[i] = flag(x[i] > y[i])
	}
}

// NotBelow sets flags where x >= y.
func NotBelow(dst, x, y []int32) {
	n := notBelowVector(dst, x, y)
	dst, x, y = dst[n:], x[n:len(dst)], y[n:len(dst)]
	for i := range dst {
		dst[i] = flag(x[i] >= y[i])
	}
}

// Equal sets flags where x = y.
func Equal(dst, x, y []int32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = flag(x[i] == y[i])
	}
}

// Unequal sets flags where x and y differ.
func Unequal(dst, x, y []int32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = flag(x[i] != y[i])
	}
}

// And is: dst = dst & x.
func And(dst, x []int32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] &= x[i]
	}
}

// AndNot is: dst = dst &^ x.
func AndNot(dst, x []int32) {
	n := andNotVector(dst, x)
	dst, x = dst[n:], x[n:len(dst)]
	for i := range dst {
		dst[i] &^= x[i]
	}
}

// Reset is: dst = (x & keep) + plus where the flag is set, else x.
func Reset(dst, x, flags, keep, plus []int32) {
	n := resetVector(dst, x, flags, keep, plus)
	dst, x, flags, keep, plus = dst[n:], x[n:len(dst)], flags[n:len(dst)], keep[n:len(dst)], plus[n:len(dst)]
	for i := range dst {
		y := x[i]&keep[i] + plus[i]
		dst[i] = x[i] ^ (x[i]^y)&flags[i]
	}
}

// Pack writes flags as bits: flag i is bit i%64 of word i/64.
func Pack(words []uint64, flags []int32) {
	n := packVector(words, flags)
	for from := n; from < len(flags); from += 64 {
		var w uint64
		for i, f := range flags[from:min(from+64, len(flags))] {
			w |= uint64(f&1) << (i & 63)
		}
		words[from/64] = w
	}
}
