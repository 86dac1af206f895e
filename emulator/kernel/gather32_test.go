package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// numbers returns whole or real numbers; whole ones are at the ends of their range, too.
func numbers[N float32 | int32](r *rand.Rand, n int) []N {
	x := make([]N, n)
	for i := range x {
		switch y := any(&x[i]).(type) {
		case *float32:
			*y = float32(r.NormFloat64())
		case *int32:
			*y = int32(between(r, -1<<31, 1<<31-1))
		}
	}
	return x
}

// randomGather32 returns a problem of Gather32.
func randomGather32[N float32 | int32](r *rand.Rand) *Gather32[N] {
	rows, longest, listed := []int{1 + r.IntN(20), 1<<16 - 1}[r.IntN(20)/19], []int{3, 30, 300}[r.IntN(3)], 4
	g := &Gather32[N]{Steps: 1 + r.IntN(4), From: r.IntN(3), Columns: ColumnBlock * (1 + r.IntN(10))}
	if rows > 20 {
		g.Columns = ColumnBlock
	}
	g.To = g.From + r.IntN(4)
	g.Rows = append(numbers[N](r, rows*g.Columns), make([]N, g.Columns)...)
	g.EntryStride, g.RankStride = listed*longest+EntrySlack, listed+1
	for range g.Steps {
		entries, n := make([]uint16, g.EntryStride), 0
		for range listed {
			g.Ranks = append(g.Ranks, int32(n))
			for range r.IntN(longest) {
				entries[n] = uint16(r.IntN(rows))
				n++
			}
		}
		g.Ranks = append(g.Ranks, int32(n))
		g.Entries = append(g.Entries, entries...)
	}
	g.First = []int32{0}
	for range g.To {
		for range r.IntN(4) {
			from := r.IntN(listed)
			g.Segments = append(g.Segments, Segment{int32(from), int32(from + r.IntN(listed-from) + 1), uint32(r.IntN(4)) << 16})
		}
		g.First = append(g.First, int32(len(g.Segments)))
	}
	g.Scratch = make([]uint16, 4*listed*longest+EntrySlack)
	g.Padded = g.Columns - r.IntN(ColumnBlock)
	g.SumStride = (g.To-g.From)*g.Padded + g.Columns
	g.Sums = numbers[N](r, g.Steps*g.SumStride)
	g.Init, g.InitStride = g.Sums, g.SumStride
	if r.IntN(2) == 0 {
		g.Init, g.InitStride = numbers[N](r, len(g.Sums)), []int{0, g.SumStride}[r.IntN(2)]
	}
	return g
}

// checkGather32 compares the kernels with their definition, number by number.
func checkGather32[N float32 | int32](t *testing.T, k *level, r *rand.Rand) {
	for trial := range 400 {
		g := randomGather32[N](r)
		want := slices.Clone(g.Sums)
		init := want
		if &g.Init[0] != &g.Sums[0] {
			init = g.Init
		}
		for p := g.From; p < g.To; p++ {
			for s := range g.Steps {
				for c := range g.Columns {
					at := (p-g.From)*g.Padded + c
					sum := init[s*g.InitStride+at]
					for _, x := range g.Segments[g.First[p]:g.First[p+1]] {
						ranks := g.Ranks[s*g.RankStride:]
						for _, e := range g.Entries[s*g.EntryStride:][ranks[x.From]:ranks[x.To]] {
							sum += g.Rows[int(e)*g.Columns+c]
						}
					}
					want[s*g.SumStride+at] = sum
				}
			}
		}
		if g.run(k); !slices.Equal(g.Sums, want) {
			t.Fatalf("trial %d, %d columns: wrong sums", trial, g.Columns)
		}
	}
}

// TestGather32 gathers whole and real numbers.
func TestGather32(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *level, r *rand.Rand) {
		checkGather32[int32](t, k, r)
		checkGather32[float32](t, k, r)
	})
}
