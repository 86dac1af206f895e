package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// between returns a number of lo..hi, often one of the ends.
func between(r *rand.Rand, lo, hi int64) int64 {
	switch r.IntN(6) {
	case 0:
		return lo
	case 1:
		return hi
	default:
		return lo + r.Int64N(hi-lo+1)
	}
}

// TestLanes: every sequence of sums and products gives the lanes exactly, whatever overflowed on the way, as long as the
// final sums fit.
func TestLanes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, lanes := range []int{1, 2, 4} {
		b := uint(64 / lanes)
		for range 2000 {
			word, want := Offset(lanes), make([]int64, lanes)
			for range 20 {
				for k := range want {
					limit := int64(1) << min(b-1, 61)
					x := between(r, -limit, limit-1)
					word += Lane(lanes, k, x-want[k]) // ends at x, by way of anything
					want[k] = x
				}
			}
			for k, x := range want {
				if got := Signed(word, lanes, k); got != x {
					t.Fatalf("%d lanes: lane %d is %d, want %d", lanes, k, got, x)
				}
			}
		}
	}
}

// TestRows compares the row kernels with their definitions, for all lengths.
func TestRows(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	w := make([]uint64, 200)
	for i := range w {
		w[i] = r.Uint64()
	}
	for n := range 40 {
		for count := range 12 {
			at := 50
			var rows [Planes][]int32
			var list []int32
			var times []uint64
			for b := range rows {
				for range count * (b + 1) % 11 {
					rows[b] = append(rows[b], int32(r.IntN(100)-at))
				}
			}
			for range count {
				list, times = append(list, int32(r.IntN(100)-at)), append(times, uint64(r.IntN(300)))
			}
			acc := make([]uint64, n)
			for i := range acc {
				acc[i] = r.Uint64()
			}
			want, scaled := slices.Clone(acc), slices.Clone(acc)
			wantScaled := slices.Clone(acc)
			for j := range want {
				for b := range rows {
					for _, x := range rows[b] {
						want[j] += w[int(x)+at+j] << b
					}
				}
				for i, x := range list {
					wantScaled[j] += times[i] * w[int(x)+at+j]
				}
			}
			AddRows(acc, w, at, &rows)
			AddRowsScaled(scaled, w, at, list, times)
			if !slices.Equal(acc, want) || !slices.Equal(scaled, wantScaled) {
				t.Fatalf("%d words, %d rows: wrong sums", n, count)
			}
		}
	}
}
