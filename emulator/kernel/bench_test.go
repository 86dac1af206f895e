package kernel

import (
	"math/rand/v2"
	"testing"

	"spikec/internal/simd"
)

// convolution returns the problem of a 5x5 convolution from 12 channels of a 12x12 map to 64 channels, with spikes of a
// density of 9 % in 8 steps: 27 million synaptic operations in 100 runs.
func convolution(l *level) (*List, *Gather) {
	const C, W, K, O, steps = 12, 12, 5, 64, 8
	r := rand.New(rand.NewPCG(6, 6))
	list := &List{SpikeStride: W * W * C / 64, First: []int32{0}, Channels: C, Steps: steps, Positions: W * W, Scale: O / 8,
		EntryStride: W*W*C + EntrySlack, RankStride: W*W + 1}
	list.Spikes = make([]uint64, steps*list.SpikeStride+SpikeSlack)
	for i := range steps * W * W * C {
		if r.IntN(100) < 9 {
			list.Spikes[i/64] |= 1 << (i % 64)
		}
	}
	for q := range W * W {
		list.Pieces = append(list.Pieces, Piece{int32(q * C), uint32(q * C * O / 8)})
		list.First = append(list.First, int32(q+1))
	}
	list.Entries, list.Ranks = make([]uint16, steps*list.EntryStride), make([]int32, steps*list.RankStride)
	g := &Gather{Entries: list.Entries, Ranks: list.Ranks, EntryStride: list.EntryStride, RankStride: list.RankStride,
		First:    []int32{0},
		RowBytes: O, Padded: O, To: 64, Steps: steps, SumStride: 64*O + 64, Scratch: make([]uint16, K*K*C+EntrySlack)}
	for p := range 64 {
		for u := range K {
			at := (p/8+u)*W + p%8
			g.Segments = append(g.Segments, Segment{int32(at), int32(at + K), uint32((u*K-at)*C*O/8) & 0xffff})
		}
		g.First = append(g.First, int32(len(g.Segments)))
	}
	g.Rows = make([]uint8, (K*K*C+1)*O)
	for i := range g.Rows {
		g.Rows[i] = uint8(r.IntN(256))
	}
	g.Sums = make([]uint64, steps*g.SumStride/4)
	g.Init = g.Sums
	return list, g
}

// BenchmarkGather lists and gathers.
func BenchmarkGather(b *testing.B) {
	for k := simd.Scalar; k <= simd.Available(); k++ {
		l := levels[k]
		list, g := convolution(l)
		b.Run("list/"+k.String(), func(b *testing.B) {
			for b.Loop() {
				l.list(list)
			}
		})
		b.Run("rows/"+k.String(), func(b *testing.B) {
			for b.Loop() {
				g.run(l)
			}
		})
	}
}

// BenchmarkFire16 takes 1024 neurons through 8 steps.
func BenchmarkFire16(b *testing.B) {
	r := rand.New(rand.NewPCG(7, 7))
	const words, steps = 16, 8
	f := Fire16{Words: words, Steps: steps, SumStride: 64 * words, SpikeStride: words, Spikes: make([]uint64, words*steps)}
	f.V, f.Threshold = make([]uint64, words*Block16), words16(int16s(r, 64*words, 500, 900))
	f.Subtract = words16(int16s(r, 64*words, 500, 900))
	f.Sums = words16(int16s(r, 64*words*steps, -90, 100))
	wide := f
	wide.Wide = make([]int32, 64*words*steps)
	for i := range wide.Wide {
		wide.Wide[i] = int32(r.IntN(190) - 90)
	}
	for k := simd.Scalar; k <= simd.Available(); k++ {
		l := levels[k]
		b.Run("16 bits/"+k.String(), func(b *testing.B) {
			for b.Loop() {
				f.run(l)
			}
		})
		b.Run("32 bits/"+k.String(), func(b *testing.B) {
			for b.Loop() {
				wide.run(l)
			}
		})
	}
}
