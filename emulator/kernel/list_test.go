package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// randomList returns a problem of List: pieces of any alignment, several or none a position.
func randomList(r *rand.Rand) *List {
	l := &List{SpikeStride: 1 + r.IntN(6), Channels: 1 + r.IntN(100), Steps: r.IntN(5), Positions: r.IntN(9)}
	l.Scale = 1 + r.IntN(40)
	bits := 64 * l.SpikeStride
	l.Channels = min(l.Channels, bits)
	l.First = []int32{0}
	for range l.Positions {
		for range r.IntN(4) {
			l.Pieces = append(l.Pieces, Piece{int32(r.IntN(bits - l.Channels + 1)), uint32(r.IntN(1 << 17))})
		}
		l.First = append(l.First, int32(len(l.Pieces)))
	}
	if l.Joined = r.IntN(2) == 0; l.Joined {
		l.Positions = min(l.Positions, bits/l.Channels)
		l.Pieces, l.First = nil, []int32{0}
		for q := range l.Positions {
			l.Pieces = append(l.Pieces, Piece{int32(q * l.Channels), uint32(q * l.Channels * l.Scale)})
			l.First = append(l.First, int32(q+1))
		}
		l.Prefix = make([]int32, l.SpikeStride+1)
	}
	l.EntryStride, l.RankStride = len(l.Pieces)*l.Channels+EntrySlack, l.Positions+1+r.IntN(3)
	l.Entries, l.Ranks = make([]uint16, l.Steps*l.EntryStride), make([]int32, l.Steps*l.RankStride)
	l.Spikes = randomSpikes(r, l.Steps*l.SpikeStride+SpikeSlack)
	if l.Joined { // there is nothing behind the last position
		for t := range l.Steps {
			for b := l.Positions * l.Channels; b < bits; b++ {
				l.Spikes[t*l.SpikeStride+b/64] &^= 1 << (b % 64)
			}
		}
	}
	return l
}

// TestList compares the kernels with their definition.
func TestList(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *level, r *rand.Rand) {
		for range 500 {
			l := randomList(r)
			l.run(k)
			for s := range l.Steps {
				spikes := l.Spikes[s*l.SpikeStride:]
				var want []uint16
				for q := range l.Positions + 1 {
					if got := l.Ranks[s*l.RankStride+q]; int(got) != len(want) {
						t.Fatalf("step %d: rank %d of position %d, want %d: %+v", s, got, q, len(want), l)
					}
					if q == l.Positions {
						break
					}
					for _, p := range l.Pieces[l.First[q]:l.First[q+1]] {
						for c := range l.Channels {
							if bit(spikes, int(p.Bit)+c) {
								want = append(want, uint16(int(p.Base)+c*l.Scale))
							}
						}
					}
				}
				if got := l.Entries[s*l.EntryStride:][:len(want)]; !slices.Equal(got, want) {
					t.Fatalf("step %d: entries %v, want %v", s, got, want)
				}
			}
		}
	})
}
