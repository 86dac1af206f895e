package kernel

import (
	"math/rand/v2"
	"testing"

	"spikec/internal/simd"
)

// eachLevel runs a test for the kernels of every level that the processor has, plain Go first.
func eachLevel(t *testing.T, body func(t *testing.T, l *level, r *rand.Rand)) {
	for l := simd.Scalar; l <= simd.Available(); l++ {
		t.Run(l.String(), func(t *testing.T) { body(t, levels[l], rand.New(rand.NewPCG(5, 5))) })
	}
}

// bit returns bit n.
func bit(words []uint64, n int) bool { return words[n/64]>>(n%64)&1 != 0 }

// randomSpikes returns words of bits with a random density.
func randomSpikes(r *rand.Rand, words int) []uint64 {
	s, density := make([]uint64, words), r.IntN(65)
	for i := range s {
		for k := range 64 {
			if r.IntN(64) < density {
				s[i] |= 1 << k
			}
		}
	}
	return s
}

// words16 packs lanes of 16 bits; lanes unpacks them.
func words16(x []int16) []uint64 {
	w := make([]uint64, (len(x)+3)/4)
	for i, v := range x {
		w[i/4] |= uint64(uint16(v)) << (16 * (i % 4))
	}
	return w
}

func lanes(w []uint64) []int16 {
	x := make([]int16, 4*len(w))
	for i := range x {
		x[i] = int16(w[i/4] >> (16 * (i % 4)))
	}
	return x
}

// int16s returns random lanes, often at the ends of their range.
func int16s(r *rand.Rand, n int, lo, hi int64) []int16 {
	x := make([]int16, n)
	for i := range x {
		x[i] = int16(between(r, lo, hi))
	}
	return x
}

// TestNothing runs problems of no steps, no positions and no neurons: they end.
func TestNothing(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *level, _ *rand.Rand) {
		for _, steps := range []int{0, 1} {
			(&List{Steps: steps, Ranks: make([]int32, 1), Spikes: make([]uint64, SpikeSlack)}).run(k)
			(&Gather{Steps: steps, First: []int32{0}, Rows: make([]uint8, RowBlock), RowBytes: RowBlock}).run(k)
			(&Gather32[int32]{Steps: steps, First: []int32{0}}).run(k)
			(&Gather32[float32]{Steps: steps, First: []int32{0}}).run(k)
			(&Taps{Steps: steps, First: []int32{0}, Channels: 1}).run(k)
			(&Fire16{Steps: steps}).run(k)
			(&Fire16{Steps: steps, Wide: []int32{}}).run(k)
			(&Fire32{Steps: steps}).run(k)
			(&FireReal{Steps: steps}).run(k)
			(&Currents{Height: steps, Width: steps}).run(k)
		}
	})
}
