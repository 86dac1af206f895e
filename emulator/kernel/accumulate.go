package kernel

// Accumulate adds lanes of 16 bits, taken without sign, to numbers:
//
//	for i := range dst { dst[i] += lane i of w }
func Accumulate(dst []int32, w []uint64) {
	whole := len(dst) &^ 7
	active.accumulate(dst[:whole], w)
	accumulateGo(dst[whole:], w[whole/4:])
}

// accumulateGo is Accumulate in plain Go; the other kernels are for a multiple of eight numbers.
func accumulateGo(dst []int32, w []uint64) {
	for i := range dst {
		dst[i] += int32(uint16(w[i/4] >> (16 * (i % 4))))
	}
}
