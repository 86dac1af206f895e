package columns

// Add is: dst = x + y.
func Add(dst, x, y []int32) {
	n := addVector(dst, x, y)
	dst, x, y = dst[n:], x[n:len(dst)], y[n:len(dst)]
	for i := range dst {
		dst[i] = x[i] + y[i]
	}
}

// Add3 is: dst = x + y + z.
func Add3(dst, x, y, z []int32) {
	n := add3Vector(dst, x, y, z)
	dst, x, y, z = dst[n:], x[n:len(dst)], y[n:len(dst)], z[n:len(dst)]
	for i := range dst {
		dst[i] = x[i] + y[i] + z[i]
	}
}

// AddProduct is: dst = x + y·f.
func AddProduct(dst, x, y, f []int32) {
	n := addProductVector(dst, x, y, f)
	dst, x, y, f = dst[n:], x[n:len(dst)], y[n:len(dst)], f[n:len(dst)]
	for i := range dst {
		dst[i] = x[i] + y[i]*f[i]
	}
}

// Mul is: dst = x·y.
func Mul(dst, x, y []int32) {
	n := mulVector(dst, x, y)
	dst, x, y = dst[n:], x[n:len(dst)], y[n:len(dst)]
	for i := range dst {
		dst[i] = x[i] * y[i]
	}
}

// Sub is: dst = x − y.
func Sub(dst, x, y []int32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = x[i] - y[i]
	}
}

// Shl is: dst = x << min(max(y, 0), 63).
func Shl(dst, x, y []int32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = int32(int64(x[i]) << uint(min(max(y[i], 0), 63)))
	}
}

// Shr is: dst = x >> min(max(y, 0), 63).
func Shr(dst, x, y []int32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = int32(int64(x[i]) >> uint(min(max(y[i], 0), 63)))
	}
}

// AddGuarded is: v += sum·f where lo <= v <= hi; the others stay, and have their bits set in words: number i is bit i%64
// of word i/64. It reports whether there are others.
func AddGuarded(v, sum, f, lo, hi []int32, words []uint64) bool {
	n := addGuardedVector(v, sum, f, lo, hi, words)
	sum, f, lo, hi = sum[:len(v)], f[:len(v)], lo[:len(v)], hi[:len(v)]
	for i := n; i < len(v); i++ {
		out := flag(v[i] < lo[i] || v[i] > hi[i])
		v[i] += sum[i] * f[i] &^ out
		if i%64 == 0 {
			words[i/64] = 0
		}
		words[i/64] |= uint64(out&1) << (i % 64)
	}
	any := uint64(0)
	for _, w := range words[:(len(v)+63)/64] {
		any |= w
	}
	return any != 0
}
