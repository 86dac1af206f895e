package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestPack16 compares the kernels that move and count bits with their definitions.
func TestPack16(t *testing.T) {
	eachLevel(t, func(t *testing.T, l *level, r *rand.Rand) {
		for n := range 5 {
			a, b := make([]int32, 64*n), make([]int32, 64*n)
			want := make([]int16, 64*n)
			for i := range a {
				a[i], b[i] = int32(between(r, -1<<31, 1<<31-1)), int32(between(r, -1<<31, 1<<31-1))
				want[i] = int16(a[i] + b[i])
			}
			dst := make([]uint64, 16*n)
			if l.pack(dst, a, b); !slices.Equal(lanes(dst), want) {
				t.Fatalf("%d words: wrong lanes", len(dst))
			}
		}
		for n := range 20 {
			a, b := int16s(r, 4*n, -1<<15, 1<<15-1), int16s(r, 4*n, -1<<15, 1<<15-1)
			got := append(words16(a), 7)
			l.addLanes(got[:n], words16(b))
			for i := range a {
				a[i] += b[i]
			}
			if !slices.Equal(lanes(got[:n]), a) || got[n] != 7 {
				t.Fatalf("%d words: wrong lanes", n)
			}
		}
		for n := range 5 {
			w, got := words16(int16s(r, 8*n, -1<<15, 1<<15-1)), make([]int32, 8*n)
			l.widen(got, w)
			for i, x := range lanes(w) {
				if got[i] != int32(x) {
					t.Fatalf("lane %d is %d, want %d", i, got[i], x)
				}
			}
			l.accumulate(got, w)
			for i, x := range lanes(w) {
				if want := int32(x) + int32(uint16(x)); got[i] != want {
					t.Fatalf("lane %d is %d, want %d", i, got[i], want)
				}
			}
		}
		for n := range 20 {
			spikes, want := randomSpikes(r, n), 0
			for i := range 64 * n {
				if bit(spikes, i) {
					want++
				}
			}
			if n > 0 {
				stride := 1 + r.IntN(n)
				got, joined := make([]uint64, stride), make([]uint64, stride)
				for t := range n / stride {
					for i := range joined {
						joined[i] |= spikes[t*stride+i]
					}
				}
				if l.or(got, spikes, stride, n/stride); !slices.Equal(got, joined) {
					t.Fatalf("%d words of %d steps: %x, want %x", stride, n/stride, got, joined)
				}
			}
			if got := l.ones(spikes); got != want {
				t.Fatalf("%d words: %d bits, want %d", n, got, want)
			}
		}
	})
}
