package kernel

import "math/bits"

// packGo adds numbers and keeps the low 16 bits, four lanes a word:
//
//	for i := range 4 * len(dst) { dst[i] = int16(a[i] + b[i]) }
func packGo(dst []uint64, a, b []int32) {
	for i := range dst {
		x, y := (*[4]int32)(a[4*i:]), (*[4]int32)(b[4*i:])
		dst[i] = uint64(uint16(x[0]+y[0])) | uint64(uint16(x[1]+y[1]))<<16 | uint64(uint16(x[2]+y[2]))<<32 | uint64(uint16(x[3]+y[3]))<<48
	}
}

// onesGo returns how many bits of the words are 1.
func onesGo(w []uint64) int {
	n := 0
	for _, x := range w {
		n += bits.OnesCount64(x)
	}
	return n
}

// widenGo copies lanes to numbers:
//
//	for i := range dst { dst[i] = lane i of w }
func widenGo(dst []int32, w []uint64) {
	for i := range dst {
		dst[i] = int32(int16(w[i/4] >> (16 * (i % 4))))
	}
}

// accumulateGo adds lanes, taken without sign, to numbers:
//
//	for i := range dst { dst[i] += lane i of w }
func accumulateGo(dst []int32, w []uint64) {
	for i := range dst {
		dst[i] += int32(uint16(w[i/4] >> (16 * (i % 4))))
	}
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
