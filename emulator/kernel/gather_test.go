package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// randomGather returns a problem of Gather, and its weights.
func randomGather(r *rand.Rand, k *level, wide bool) (*Gather, [][]int8) {
	columns, rows := 1+r.IntN(300), []int{1 + r.IntN(20), 2000}[r.IntN(20)/19]
	g := &Gather{Steps: 1 + r.IntN(4), From: r.IntN(3), RowBytes: RowBytes(columns)}
	g.To = g.From + r.IntN(4)
	w := make([][]int8, rows)
	lo, hi := int64(-128), int64(127)
	if r.IntN(2) == 0 {
		lo, hi = 0, 0
	}
	for i := range w {
		w[i] = make([]int8, columns)
		for c := range w[i] {
			w[i][c] = int8(between(r, -128, 127))
			if r.IntN(2) == 0 {
				w[i][c] = int8([]int64{lo, hi}[r.IntN(2)])
			}
		}
	}
	g.Rows = make([]uint8, (rows+1)*g.RowBytes)
	for i := range rows + 1 {
		var row []int8
		if i < rows {
			row = w[i]
		}
		packBlocks(g.Rows[i*g.RowBytes:][:g.RowBytes], row, k.rowBlock)
	}
	longest := []int{3, 30, 900}[r.IntN(3)]
	scale, _ := RowScale(rows+1, g.RowBytes)
	listed := 4
	g.EntryStride, g.RankStride = listed*longest+EntrySlack, listed+1
	for range g.Steps {
		entries, n := make([]uint16, g.EntryStride), 0
		for range listed {
			g.Ranks = append(g.Ranks, int32(n))
			for range r.IntN(longest) {
				entries[n] = uint16(r.IntN(rows) * scale)
				n++
			}
		}
		g.Ranks = append(g.Ranks, int32(n))
		g.Entries = append(g.Entries, entries...)
	}
	g.First = []int32{0}
	most := 0
	for range g.To {
		for range r.IntN(4) {
			from := r.IntN(listed)
			g.Segments = append(g.Segments, Segment{int32(from), int32(from + r.IntN(listed-from) + 1), uint32(r.IntN(4)) << 16})
		}
		most = max(most, 4*listed*longest)
		g.First = append(g.First, int32(len(g.Segments)))
	}
	g.Scratch = make([]uint16, most+EntrySlack)
	g.Padded = (columns + 3) / 4 * 4
	g.SumStride = (g.To-g.From)*g.Padded + g.RowBytes
	if wide {
		g.Wide = make([]int32, g.Steps*g.SumStride+1)
		for i := range g.Wide {
			g.Wide[i] = int32(between(r, -1<<20, 1<<20))
		}
	} else {
		g.Sums = words16(int16s(r, g.Steps*g.SumStride, -1<<15, 1<<15-1))
	}
	g.Init, g.WideInit, g.InitStride = g.Sums, g.Wide, g.SumStride
	if r.IntN(2) == 0 {
		g.Init, g.WideInit, g.InitStride = slices.Clone(g.Sums), slices.Clone(g.Wide), []int{0, g.SumStride}[r.IntN(2)]
	}
	return g, w
}

// TestGather compares the kernels with their definition, modulo 2^16 or in 32 bits.
func TestGather(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *level, r *rand.Rand) {
		for trial := range 600 {
			g, w := randomGather(r, k, trial%2 == 0)
			scale, _ := RowScale(len(w)+1, g.RowBytes)
			narrow, wide := lanes(g.Sums), slices.Clone(g.Wide)
			init, wideInit := lanes(g.Init), slices.Clone(g.WideInit)
			for p := g.From; p < g.To; p++ {
				for s := range g.Steps {
					entries, ranks := g.Entries[s*g.EntryStride:], g.Ranks[s*g.RankStride:]
					at := s*g.SumStride + (p-g.From)*g.Padded
					from := s*g.InitStride + (p-g.From)*g.Padded
					if g.Wide != nil {
						copy(wide[at:at+g.RowBytes], wideInit[from:])
					} else {
						copy(narrow[at:at+g.RowBytes], init[from:])
					}
					for _, x := range g.Segments[g.First[p]:g.First[p+1]] {
						for _, e := range entries[ranks[x.From]:ranks[x.To]] {
							for c, v := range w[int(e+uint16(x.Base))/scale] {
								if g.Wide != nil {
									wide[at+c] += int32(v)
								} else {
									narrow[at+c] += int16(v)
								}
							}
						}
					}
				}
			}
			g.run(k)
			if !slices.Equal(lanes(g.Sums), narrow) || !slices.Equal(g.Wide, wide) {
				t.Fatalf("trial %d, %d bytes a row: wrong sums", trial, g.RowBytes)
			}
		}
	})
}
