package kernel

import (
	"encoding/binary"
	"math/bits"
)

// word reads eight bytes.
func word(b []uint8) uint64 { return binary.LittleEndian.Uint64(b) }

// trailingZeros is the number of the lowest bit that is 1.
func trailingZeros(w uint64) int { return bits.TrailingZeros64(w) }

// AddLane adds v to lane k of a word of four lanes in two's complement, modulo 2^16.
func AddLane(w uint64, k int, v int16) uint64 { return addLanes(w, uint64(uint16(v))<<(16*k)) }

// AddWords adds accumulators of four lanes, which started at Offset, to lanes of 16 bits in two's complement, and starts
// them anew:
//
//	for i, w := range acc { dst[i] += lanes of w^Offset(4); acc[i] = Offset(4) }
func AddWords(dst, acc []uint64) {
	dst = dst[:len(acc)]
	for i, w := range acc {
		if w != offset16 {
			dst[i] = addLanes(dst[i], w^offset16)
			acc[i] = offset16
		}
	}
}
