package kernel

import "spikec/internal/simd"

// level holds the kernels of one set of instructions.
type level struct {
	rowBlock   int // see Pack
	list       func(*List)
	joined     func(*List)
	gather     [2]func(*Gather) // by the table's size: large, small
	gatherWide [2]func(*Gather)
	taps       func(*Taps)
	count      func(counts, spikes []uint64, stride, steps int)
	fire16     [2]func(*Fire16) // by reset: subtract, zero
	fire16Wide [2]func(*Fire16)
	gather32   func(*Gather32[int32])
	gatherReal func(*Gather32[float32])
	fire32     [2]func(*Fire32) // by reset: subtract, zero
	fireReal   [2]func(*FireReal)
	signed32   func(*Signed32)
	signedReal func(*SignedReal)
	currents   func(*Currents)
	pack       func(dst []uint64, a, b []int32)
	ones       func(w []uint64) int
	widen      func(dst []int32, w []uint64)
	accumulate func(dst []int32, w []uint64)
	or         func(dst, spikes []uint64, stride, steps int)
	addLanes   func(dst, w []uint64)
	addScaled  func(acc, w []int32, k int32)
}

// levels are the kernels of every level of the build; those in Go are the definitions of the others.
var levels = map[simd.Level]*level{
	simd.Scalar: {
		rowBlock: RowBlock, list: listGo, joined: joinedGo, taps: tapsGo, count: countGo,
		gather: [2]func(*Gather){gatherGo, gatherGo}, gatherWide: [2]func(*Gather){gatherGo, gatherGo},
		fire16: [2]func(*Fire16){fire16Go, fire16Go}, fire16Wide: [2]func(*Fire16){fire16Go, fire16Go},
		gather32: gather32Go[int32], gatherReal: gather32Go[float32],
		fire32: [2]func(*Fire32){fire32Go, fire32Go}, fireReal: [2]func(*FireReal){fireRealGo, fireRealGo},
		signed32: signed32Go, signedReal: signedRealGo,
		currents: currentsGo, pack: packGo, ones: onesGo, widen: widenGo, accumulate: accumulateGo,
		or: orGo, addLanes: addLanesGo, addScaled: addScaledGo,
	},
}

// active are the kernels in use.
var active = func() *level {
	addLevels()
	return levels[simd.Best()]
}()

// index is 1 for true.
func index(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Vector is whether the kernels in use are of vector instructions.
var Vector = simd.Best() > simd.Scalar
