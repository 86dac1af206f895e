package kernel

// AddLanes adds lanes of 16 bits, four a word, modulo 2^16; dst has at least as many words as w:
//
//	for i := range 4 * len(w) { dst[i] += w[i] }
func AddLanes(dst, w []uint64) { active.addLanes(dst[:len(w)], w) }

// addLanesGo is AddLanes in plain Go.
func addLanesGo(dst, w []uint64) {
	dst = dst[:len(w)]
	for i, x := range w {
		dst[i] = addLanes(dst[i], x)
	}
}
