package kernel

// Widen copies lanes of 16 bits to numbers:
//
//	for i := range dst { dst[i] = lane i of w }
func Widen(dst []int32, w []uint64) {
	whole := len(dst) &^ 7
	active.widen(dst[:whole], w)
	widenGo(dst[whole:], w[whole/4:])
}

// widenGo is Widen in plain Go; the other kernels are for a multiple of eight numbers.
func widenGo(dst []int32, w []uint64) {
	for i := range dst {
		dst[i] = int32(int16(w[i/4] >> (16 * (i % 4))))
	}
}
