package columns

// Clamp is: dst = min(max(x, lo), hi). It returns how many numbers that changed.
func Clamp(dst, x, lo, hi []int32) (changed int) {
	n, changed := clampVector(dst, x, lo, hi)
	dst, x, lo, hi = dst[n:], x[n:len(dst)], lo[n:len(dst)], hi[n:len(dst)]
	for i := range dst {
		c := min(max(x[i], lo[i]), hi[i])
		changed += bit(c != x[i])
		dst[i] = c
	}
	return changed
}

// AddSaturated is: dst = min(max(x + y, -1<<31), 1<<31-1). It returns how many sums that changed.
func AddSaturated(dst, x, y []int32) (changed int) {
	n, changed := addSaturatedVector(dst, x, y)
	dst, x, y = dst[n:], x[n:len(dst)], y[n:len(dst)]
	for i := range dst {
		s := int64(x[i]) + int64(y[i])
		dst[i] = int32(min(max(s, -1<<31), 1<<31-1))
		changed += bit(int64(dst[i]) != s)
	}
	return changed
}

// Wrap brings numbers to bits signed bits, 1..31: x = ((x + 2^(bits−1)) mod 2^bits) − 2^(bits−1). It returns how many
// numbers that changed.
func Wrap(x []int32, bits int) (changed int) {
	n, changed := wrapVector(x, bits)
	s := uint(32-bits) & 31
	for i, t := range x[n:] {
		c := t << s >> s
		changed += bit(c != t)
		x[n+i] = c
	}
	return changed
}

// LeakToZero is: dst = x − min(max(x, −by), by), with by >= 0.
func LeakToZero(dst, x, by []int32) {
	n := leakToZeroVector(dst, x, by)
	dst, x, by = dst[n:], x[n:len(dst)], by[n:len(dst)]
	for i := range dst {
		dst[i] = x[i] - min(max(x[i], -by[i]), by[i])
	}
}

// LeakToFloor is: dst = max(x − by, min(x, floor)), where the difference has 64 bits.
func LeakToFloor(dst, x, by []int32, floor int32) {
	x, by = x[:len(dst)], by[:len(dst)]
	for i := range dst {
		dst[i] = int32(max(int64(x[i])-int64(by[i]), int64(min(x[i], floor))))
	}
}
