package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// randomTaps returns a problem of Taps: taps that often read up to the last bit, a row of weights for several of them.
func randomTaps(r *rand.Rand) *Taps {
	x := &Taps{SpikeStride: 1 + r.IntN(6), Steps: 1 + r.IntN(18), From: r.IntN(3)}
	x.Channels = 1 + r.IntN(min(150, 64*x.SpikeStride))
	x.To = x.From + r.IntN(4)
	filled := (x.Channels + TapBlock - 1) / TapBlock * TapBlock
	w := make([]int16, 3*filled)
	for row := range 3 {
		copy(w[row*filled:], int16s(r, x.Channels, -1<<15, 1<<15-1))
	}
	x.Weights, x.Padded = words16(w), (x.Channels+3)/4*4
	x.First = []int32{0}
	for range x.To {
		for range r.IntN(5) {
			x.Taps = append(x.Taps, NewTap(int(between(r, 0, int64(64*x.SpikeStride-x.Channels))), r.IntN(3)*filled))
		}
		x.First = append(x.First, int32(len(x.Taps)))
	}
	x.Spikes = randomSpikes(r, x.Steps*x.SpikeStride+SpikeSlack)
	x.Any = make([]uint64, x.SpikeStride+SpikeSlack)
	orGo(x.Any[:x.SpikeStride], x.Spikes, x.SpikeStride, x.Steps)
	x.SumStride = (x.To-x.From)*x.Padded + filled
	x.Sums = words16(int16s(r, x.Steps*x.SumStride, -1<<15, 1<<15-1))
	x.Init, x.InitStride = x.Sums, x.SumStride
	if r.IntN(2) == 0 {
		x.Init, x.InitStride = words16(int16s(r, 4*len(x.Sums), -1<<15, 1<<15-1)), []int{0, x.SumStride}[r.IntN(2)]
	}
	return x
}

// TestTaps compares the kernels with their definition: the sums of every position, and that behind the block of the last
// position nothing is written.
func TestTaps(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *level, r *rand.Rand) {
		for trial := range 500 {
			x := randomTaps(r)
			before, init, w := lanes(x.Sums), lanes(x.Init), lanes(x.Weights)
			x.run(k)
			got, positions := lanes(x.Sums), x.To-x.From
			for s := range x.Steps {
				for p := range positions {
					want := slices.Clone(init[s*x.InitStride+p*x.Padded:][:x.Channels])
					for _, tap := range x.Taps[x.First[x.From+p]:x.First[x.From+p+1]] {
						for c := range want {
							if bit(x.Spikes[s*x.SpikeStride:], int(8*tap.Byte+tap.Shift)+c) {
								want[c] += w[int(tap.Weight)+c]
							}
						}
					}
					if !slices.Equal(got[s*x.SumStride+p*x.Padded:][:x.Channels], want) {
						t.Fatalf("trial %d, step %d: wrong sums of position %d", trial, s, p)
					}
				}
				written := 0 // of a step, at most
				if positions > 0 {
					written = (positions-1)*x.Padded + (x.Channels+TapBlock-1)/TapBlock*TapBlock
				}
				if from, to := s*x.SumStride+written, (s+1)*x.SumStride; !slices.Equal(got[from:to], before[from:to]) {
					t.Fatalf("trial %d, step %d: lanes behind the last position changed", trial, s)
				}
			}
		}
	})
}
