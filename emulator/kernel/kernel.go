// Package kernel holds the inner loops of everything that computes spikes in blocks of steps: the fast engine, the
// simulators of networks without cores, the calibration of weights. Spikes are bits; lists of events are made of them
// (List), events stand for rows of weights that are added up (Gather, Gather32), spikes are met by weights channel by
// channel (Taps), sums move membranes, which fire and are reset (Fire16, Fire32, FireReal, Signed32, SignedReal), and spikes are counted
// (Count). It knows numbers in slices: no network, no layer, no chip.
//
// # Kernels and levels
//
// A kernel is one such loop, and its comment is that loop. Its form in Go, whose name ends in Go, is the definition; the
// forms for AVX2 and AVX-512, which the module in _gen generates, give the same numbers, bit by bit where they are whole.
// A level has one form of every kernel, and internal/simd says which level is in use: the best that the processor has,
// or a lower one by the user's choice. That is asked once, at start; tests run every level. AddRows and AddRowsScaled,
// for words of any lanes, are in Go only.
//
// Whoever calls sees to it that sums fit, and provides what a kernel's comment asks for: slices of that length, with room
// behind their ends where vectors read or write beyond them (EntrySlack, SpikeSlack, TapBlock, …), filled up to whole
// blocks where it says so. Assembly does not check that. No address need be aligned; a stride need be a multiple only of
// what its field says.
//
// # Lanes
//
// A word of 64 bits holds L lanes of b = 64/L bits, L = 4, 2 or 1. Sums are formed in words
//
//	P = Σ_k a[k]·2^(b·k) mod 2^64
//
// where a[k] are signed. Words are added, and multiplied by counts, as plain integers: lanes borrow from their
// neighbours on the way, and the result is exact as long as every a[k] of the final sum fits b signed bits, whatever
// happened in between. Adding the word Offset makes every lane non-negative, so that none borrows any more, and
//
//	(P + Offset) ^ Offset
//
// holds every a[k] in two's complement. Accumulators therefore start at Offset instead of 0.
package kernel

// Offset returns the word of 2^(b−1) in each of the lanes of b = 64/lanes bits.
func Offset(lanes int) uint64 {
	switch lanes {
	case 4:
		return offset16
	case 2:
		return 1<<63 | 1<<31
	default:
		return 1 << 63
	}
}

const (
	offset16 = 0x8000800080008000 // the offset of four lanes; also the sign bit of every lane
	// gather16 moves bits 0, 16, 32 and 48 to bits 60..63 by a multiplication; the other products end below bit 60.
	gather16 = 1<<60 | 1<<45 | 1<<30 | 1<<15
)

// Lane returns a[k] << (b·k) mod 2^64, to be added to a word of so many lanes.
func Lane(lanes, k int, a int64) uint64 { return uint64(a) << uint(64/lanes*k) }

// Signed returns a[k] of a word that started at Offset.
func Signed(word uint64, lanes, k int) int64 {
	return At(word^Offset(lanes), lanes, k)
}

// At returns lane k of a word whose lanes are in two's complement.
func At(word uint64, lanes, k int) int64 {
	b := uint(64 / lanes)
	return int64(word<<(64-b-b*uint(k))) >> (64 - b)
}
