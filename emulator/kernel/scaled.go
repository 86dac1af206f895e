package kernel

// addScaledGo adds a multiple of numbers, modulo 2^32:
//
//	for i := range w { acc[i] += k * w[i] }
func addScaledGo(acc, w []int32, k int32) {
	acc = acc[:len(w)]
	for i, x := range w {
		acc[i] += k * x
	}
}
