package kernel

// AddScaled adds a multiple of numbers, modulo 2^32:
//
//	for i := range w { acc[i] += k * w[i] }
func AddScaled(acc, w []int32, k int32) {
	whole := len(w) &^ 7
	active.addScaled(acc[:whole], w[:whole], k)
	addScaledGo(acc[whole:], w[whole:], k)
}

// addScaledGo adds a multiple of numbers, modulo 2^32:
//
//	for i := range w { acc[i] += k * w[i] }
func addScaledGo(acc, w []int32, k int32) {
	acc = acc[:len(w)]
	for i, x := range w {
		acc[i] += k * x
	}
}
