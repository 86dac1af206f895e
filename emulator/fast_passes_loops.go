package emulator

import "spikec/quantize/fixedpoint"

// The loops of passes. All columns of a call have the length of the first one; dst may be one of the others. Numbers wrap
// at 32 bits where it is not said otherwise: whoever calls sees to it that they do not.

// bit returns 1 for true.
func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// addColumns is: dst[i] = x[i] + y[i].
func addColumns(dst, x, y []int32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = x[i] + y[i]
	}
}

// subColumns is: dst[i] = x[i] − y[i].
func subColumns(dst, x, y []int32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = x[i] - y[i]
	}
}

// mulColumns is: dst[i] = x[i] · y[i].
func mulColumns(dst, x, y []int32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = x[i] * y[i]
	}
}

// shlColumns is: dst[i] = x[i] << min(max(y[i], 0), 63).
func shlColumns(dst, x, y []int32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = int32(int64(x[i]) << uint(min(max(y[i], 0), 63)))
	}
}

// shrColumns is: dst[i] = x[i] >> min(max(y[i], 0), 63).
func shrColumns(dst, x, y []int32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = int32(int64(x[i]) >> uint(min(max(y[i], 0), 63)))
	}
}

// addProducts is: dst[i] = x[i] + y[i]·f[i].
func addProducts(dst, x, y, f []int32) {
	x, y, f = x[:len(dst)], y[:len(dst)], f[:len(dst)]
	for i := range dst {
		dst[i] = x[i] + y[i]*f[i]
	}
}

// addThree is: dst[i] = x[i] + y[i] + z[i].
func addThree(dst, x, y, z []int32) {
	x, y, z = x[:len(dst)], y[:len(dst)], z[:len(dst)]
	for i := range dst {
		dst[i] = x[i] + y[i] + z[i]
	}
}

// addClamped is: dst[i] = min(max(x[i] + y[i], lo), hi); it returns how many sums that changed.
func addClamped(dst, x, y []int32, lo, hi int32) (changed int64) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		t := x[i] + y[i]
		c := min(max(t, lo), hi)
		changed += bit(c != t)
		dst[i] = c
	}
	return changed
}

// addThreeClamped is addClamped of x[i] + y[i] + z[i].
func addThreeClamped(dst, x, y, z []int32, lo, hi int32) (changed int64) {
	x, y, z = x[:len(dst)], y[:len(dst)], z[:len(dst)]
	for i := range dst {
		t := x[i] + y[i] + z[i]
		c := min(max(t, lo), hi)
		changed += bit(c != t)
		dst[i] = c
	}
	return changed
}

// clampColumns is: dst[i] = min(max(x[i], lo[i]), hi[i]); it returns how many numbers that changed.
func clampColumns(dst, x, lo, hi []int32) (changed int64) {
	x, lo, hi = x[:len(dst)], lo[:len(dst)], hi[:len(dst)]
	for i := range dst {
		c := min(max(x[i], lo[i]), hi[i])
		changed += bit(c != x[i])
		dst[i] = c
	}
	return changed
}

// arithLoop returns the loop x[i] = a(x[i]), which returns how many numbers it changed.
func arithLoop(a fixedpoint.Arith) func(x []int32) int64 {
	limit := rangeOf(a)
	lo, hi := int32(max(limit.lo, columnRange.lo)), int32(min(limit.hi, columnRange.hi))
	switch {
	case a.OrderFree(): // it wraps, at less than 32 bits: lo is −2^(bits−1)
		return func(x []int32) int64 { return wrapColumn(x, lo) }
	case a.Apply(limit.hi+1) == limit.hi:
		return func(x []int32) int64 { return clampColumn(x, lo, hi) }
	}
	return func(x []int32) int64 { return applyColumn(x, a) }
}

// clampColumn is: x[i] = min(max(x[i], lo), hi); it returns how many numbers that changed.
func clampColumn(x []int32, lo, hi int32) (changed int64) {
	for i, t := range x {
		c := min(max(t, lo), hi)
		changed += bit(c != t)
		x[i] = c
	}
	return changed
}

// wrapColumn is: x[i] = ((x[i] − lo) mod −2·lo) + lo, where lo is −2^k; it returns how many numbers that changed.
func wrapColumn(x []int32, lo int32) (changed int64) {
	mask := -2*lo - 1
	for i, t := range x {
		c := (t-lo)&mask + lo
		changed += bit(c != t)
		x[i] = c
	}
	return changed
}

// applyColumn is: x[i] = a(x[i]); it returns how many numbers that changed.
func applyColumn(x []int32, a fixedpoint.Arith) (changed int64) {
	for i, t := range x {
		c := int32(a.Apply(int64(t)))
		changed += bit(c != t)
		x[i] = c
	}
	return changed
}

// scaleLoop returns the loop dst[i] = round(x[i]·f[i] / 2^k), with products of 64 bits. Without a shift nothing is rounded.
func scaleLoop(r fixedpoint.Rounding, k uint) func(dst, x, f []int32, k uint) {
	switch {
	case r == fixedpoint.Floor || k == 0:
		return scaleFloor
	case r == fixedpoint.TowardZero:
		return scaleToZero
	case r == fixedpoint.NearestEven:
		return scaleToEven
	}
	return scaleHalfAway
}

// scaleFloor is: dst[i] = x[i]·f[i] >> k.
func scaleFloor(dst, x, f []int32, k uint) {
	x, f, k = x[:len(dst)], f[:len(dst)], k&63
	for i := range dst {
		dst[i] = int32(int64(x[i]) * int64(f[i]) >> k)
	}
}

// scaleToZero adds 2^k − 1 to products below zero, which brings their floor up to the next number towards zero.
func scaleToZero(dst, x, f []int32, k uint) {
	x, f, k = x[:len(dst)], f[:len(dst)], k&63
	rest := int64(1)<<k - 1
	for i := range dst {
		p := int64(x[i]) * int64(f[i])
		dst[i] = int32((p + p>>63&rest) >> k)
	}
}

// scaleToEven adds one half, less the smallest part of one if the floor is even, so that a tie stays there.
func scaleToEven(dst, x, f []int32, k uint) {
	x, f, k = x[:len(dst)], f[:len(dst)], k&63
	half := int64(1)<<k>>1 - 1
	for i := range dst {
		p := int64(x[i]) * int64(f[i])
		dst[i] = int32((p + half + p>>k&1) >> k)
	}
}

// scaleHalfAway adds one half, less the smallest part of one below zero, so that a tie stays there.
func scaleHalfAway(dst, x, f []int32, k uint) {
	x, f, k = x[:len(dst)], f[:len(dst)], k&63
	half := int64(1) << k >> 1
	for i := range dst {
		p := int64(x[i]) * int64(f[i])
		dst[i] = int32((p + half + p>>63) >> k)
	}
}

// leakToZero is: dst[i] = x[i] − min(max(x[i], −by[i]), by[i]), with by[i] >= 0.
func leakToZero(dst, x, by []int32) {
	x, by = x[:len(dst)], by[:len(dst)]
	for i := range dst {
		dst[i] = x[i] - min(max(x[i], -by[i]), by[i])
	}
}

// leakToFloor is: dst[i] = max(x[i] − by[i], min(x[i], floor)), where the difference has 64 bits.
func leakToFloor(dst, x, by []int32, floor int32) {
	x, by = x[:len(dst)], by[:len(dst)]
	for i := range dst {
		dst[i] = int32(max(int64(x[i])-int64(by[i]), int64(min(x[i], floor))))
	}
}

// notBelow is: dst[i] = −1 if x[i] >= y[i], else 0.
func notBelow(dst, x, y []int32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = ^int32((int64(x[i]) - int64(y[i])) >> 63)
	}
}

// above is: dst[i] = −1 if x[i] > y[i], else 0.
func above(dst, x, y []int32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = int32((int64(y[i]) - int64(x[i])) >> 63)
	}
}

// unequal is: dst[i] = −1 if x[i] != y[i], else 0.
func unequal(dst, x, y []int32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = -int32(bit(x[i] != y[i]))
	}
}

// equal is: dst[i] = −1 if x[i] == y[i], else 0.
func equal(dst, x, y []int32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = -int32(bit(x[i] == y[i]))
	}
}

// andColumns is: dst[i] = dst[i] & x[i].
func andColumns(dst, x []int32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] &= x[i]
	}
}

// clearColumns is: dst[i] = dst[i] &^ x[i].
func clearColumns(dst, x []int32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] &^= x[i]
	}
}

// packFlags writes flags as bits, 64 a word.
func packFlags(words []uint64, flags []int32) {
	for w := 0; len(flags) > 0; w++ {
		n := min(64, len(flags))
		var x uint64
		for i, f := range flags[:n] {
			x |= uint64(f&1) << (i & 63)
		}
		words[w], flags = x, flags[n:]
	}
}

// resetPlain is: dst[i] = (x[i] & keep[i]) + plus[i] where flags[i] is −1, x[i] where it is 0.
func resetPlain(dst, x, flags, keep, plus []int32) {
	x, flags, keep, plus = x[:len(dst)], flags[:len(dst)], keep[:len(dst)], plus[:len(dst)]
	for i := range dst {
		y := x[i]&keep[i] + plus[i]
		dst[i] = x[i] ^ (x[i]^y)&flags[i]
	}
}

// resetClamped is resetPlain, with what it writes limited to lo..hi; it returns how many numbers that changed.
func resetClamped(dst, x, flags, keep, plus []int32, lo, hi int32) (changed int64) {
	x, flags, keep, plus = x[:len(dst)], flags[:len(dst)], keep[:len(dst)], plus[:len(dst)]
	for i := range dst {
		y := x[i]&keep[i] + plus[i]
		c := min(max(y, lo), hi)
		changed += bit(c != y) & int64(-flags[i])
		dst[i] = x[i] ^ (x[i]^c)&flags[i]
	}
	return changed
}

// resetBy is resetPlain, with what it writes passed through an arithmetic; it returns how many numbers that changed.
func resetBy(dst, x, flags, keep, plus []int32, a fixedpoint.Arith) (changed int64) {
	x, flags, keep, plus = x[:len(dst)], flags[:len(dst)], keep[:len(dst)], plus[:len(dst)]
	for i := range dst {
		if flags[i] == 0 {
			dst[i] = x[i]
			continue
		}
		y := x[i]&keep[i] + plus[i]
		c := int32(a.Apply(int64(y)))
		changed += bit(c != y)
		dst[i] = c
	}
	return changed
}

// addGuarded is: v[i] += sum[i]·f[i] where lo[i] <= v[i] <= hi[i]. Of the others it appends first+i to flagged. What a
// neuron out of guard added, it takes back, modulo 2^32.
func addGuarded(v, sum, f, lo, hi, flagged []int32, first int32) []int32 {
	sum, f, lo, hi = sum[:len(v)], f[:len(v)], lo[:len(v)], hi[:len(v)]
	for from := 0; from < len(v); from += 64 {
		to := min(from+64, len(v))
		out := int64(0)
		for i := from; i < to; i++ {
			x := int64(v[i])
			out |= (x - int64(lo[i])) | (int64(hi[i]) - x)
			v[i] += sum[i] * f[i]
		}
		for i := from; out < 0 && i < to; i++ {
			if x := v[i] - sum[i]*f[i]; x < lo[i] || x > hi[i] {
				v[i] = x
				flagged = append(flagged, first+int32(i))
			}
		}
	}
	return flagged
}
