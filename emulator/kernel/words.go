package kernel

import (
	"encoding/binary"
	"math/bits"
)

// word reads eight bytes.
func word(b []uint8) uint64 { return binary.LittleEndian.Uint64(b) }

// trailingZeros is the number of the lowest bit that is 1.
func trailingZeros(w uint64) int { return bits.TrailingZeros64(w) }
