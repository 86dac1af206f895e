package kernel

import "math/bits"

// Ones returns how many bits of the words are 1.
func Ones(w []uint64) int { return active.ones(w) }

// onesGo is Ones in plain Go.
func onesGo(w []uint64) int {
	n := 0
	for _, x := range w {
		n += bits.OnesCount64(x)
	}
	return n
}
