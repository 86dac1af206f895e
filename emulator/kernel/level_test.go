package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
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

// randomList returns a problem of List: pieces of any alignment, several or none a position.
func randomList(r *rand.Rand) *List {
	l := &List{SpikeStride: 1 + r.IntN(6), Channels: 1 + r.IntN(100), Steps: r.IntN(5), Positions: r.IntN(9), Scale: 1 + r.IntN(40)}
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

// TestTaps compares the kernels with their definition.
func TestTaps(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *level, r *rand.Rand) {
		for trial := range 500 {
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
					x.Taps = append(x.Taps, NewTap(r.IntN(64*x.SpikeStride-x.Channels+1), r.IntN(3)*filled))
				}
				x.First = append(x.First, int32(len(x.Taps)))
			}
			x.Spikes = randomSpikes(r, x.Steps*x.SpikeStride+2)
			x.SumStride = (x.To-x.From)*x.Padded + filled
			want := int16s(r, x.Steps*x.SumStride, -1<<15, 1<<15-1)
			x.Sums = words16(want)
			x.Init, x.InitStride = x.Sums, x.SumStride
			if r.IntN(2) == 0 {
				x.Init, x.InitStride = words16(int16s(r, len(want), -1<<15, 1<<15-1)), []int{0, x.SumStride}[r.IntN(2)]
			}
			init := lanes(x.Init)
			for p := x.From; p < x.To; p++ {
				for s := range x.Steps {
					at := s*x.SumStride + (p-x.From)*x.Padded
					block := 16 // what a vector of the narrowest kernel writes
					if k.rowBlock == 2*RowBlock && x.Channels > 16 || k == levels[simd.Scalar] {
						block = TapBlock
					}
					copy(want[at:at+(x.Channels+block-1)/block*block], init[s*x.InitStride+(p-x.From)*x.Padded:])
					for _, tap := range x.Taps[x.First[p]:x.First[p+1]] {
						for c := range x.Channels {
							if bit(x.Spikes[s*x.SpikeStride:], int(8*tap.Byte+tap.Shift)+c) {
								want[s*x.SumStride+(p-x.From)*x.Padded+c] += w[int(tap.Weight)+c]
							}
						}
					}
				}
			}
			x.Any = make([]uint64, x.SpikeStride+SpikeSlack)
			orGo(x.Any[:x.SpikeStride], x.Spikes, x.SpikeStride, x.Steps)
			if k.taps(x); !slices.Equal(lanes(x.Sums), want) {
				t.Fatalf("trial %d: wrong sums", trial)
			}
		}
	})
}

// TestCount compares the kernels with their definition.
func TestCount(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *level, r *rand.Rand) {
		for range 200 {
			words, steps := r.IntN(5), 1+r.IntN(9)
			stride := words + r.IntN(3)
			want := int16s(r, 64*words, 0, 1<<14)
			counts, spikes := words16(want), randomSpikes(r, steps*stride+1)
			for s := range steps {
				for n := range want {
					if bit(spikes[s*stride:], n) {
						want[n]++
					}
				}
			}
			if k.count(counts, spikes, stride, steps); !slices.Equal(lanes(counts), want) {
				t.Fatal("wrong counts")
			}
		}
	})
}

// TestFire16 compares the kernels with their definition, at the rails too.
func TestFire16(t *testing.T) {
	const lo, hi = -1 << 15, 1<<15 - 1
	eachLevel(t, func(t *testing.T, k *level, r *rand.Rand) {
		for trial := range 600 {
			f := &Fire16{Steps: 1 + r.IntN(9), Words: r.IntN(4), Saturated: 5, Zero: trial&1 != 0}
			n := 64 * f.Words
			f.SpikeStride, f.SumStride = f.Words+r.IntN(2), []int{0, n + 64}[r.IntN(2)]
			v, thr, sub := int16s(r, n, lo, hi), int16s(r, n, -1, hi), make([]int16, n)
			if trial&4 != 0 {
				for i := range v {
					v[i], thr[i] = v[i]/64, thr[i]/64
				}
			}
			for i := range sub {
				sub[i] = thr[i] + int16(trial>>3&1)
				if thr[i] == hi {
					sub[i] = hi
				}
			}
			count := f.Steps*f.SumStride + n
			wide := make([]int32, count)
			for i := range wide {
				wide[i] = int32(between(r, lo, hi))
				if trial&4 != 0 {
					wide[i] /= 64
				}
			}
			if trial&2 != 0 {
				for i := range wide {
					wide[i] = int32(between(r, -1<<30, 1<<30))
				}
				f.Wide = wide
			} else {
				x := make([]int16, count)
				for i := range x {
					x[i] = int16(wide[i])
				}
				f.Sums = words16(x)
			}
			f.V, f.Threshold, f.Subtract, f.Spikes = words16(v), words16(thr), words16(sub), randomSpikes(r, f.Steps*(f.SpikeStride)+1)
			saturated := f.Saturated
			spikes := slices.Clone(f.Spikes)
			for s := range f.Steps {
				for i := range v {
					x := int32(v[i]) + wide[s*f.SumStride+i]
					y := min(max(x, lo), hi)
					if x != y {
						saturated++
					}
					word := &spikes[s*f.SpikeStride+i/64]
					*word &^= 1 << (i % 64)
					if v[i] = int16(y); v[i] > thr[i] {
						*word |= 1 << (i % 64)
						if v[i] -= sub[i]; f.Zero {
							v[i] = 0
						}
					}
				}
			}
			f.run(k)
			if !slices.Equal(lanes(f.V), v) || !slices.Equal(f.Spikes, spikes) || f.Saturated != saturated {
				t.Fatalf("trial %d: %d saturated, want %d", trial, f.Saturated, saturated)
			}
		}
	})
}

// TestCurrents compares the kernels with their definition.
func TestCurrents(t *testing.T) {
	eachLevel(t, func(t *testing.T, l *level, r *rand.Rand) {
		for trial := range 300 {
			k := &Currents{KernelRows: 1 + r.IntN(4), Pairs: 1 + r.IntN(9), Width: 1 + r.IntN(9), Height: 1 + r.IntN(4), Shift: r.IntN(9)}
			k.Columns = ColumnBlock * (1 + r.IntN(12))
			k.Stride = k.Columns - r.IntN(ColumnBlock)
			k.Round = 1 << k.Shift >> 1
			k.RowStride, k.RowStep, k.ColumnStep = r.IntN(40), r.IntN(40), r.IntN(9)
			k.Codes = int16s(r, k.Height*k.RowStep+k.KernelRows*k.RowStride+k.Width*k.ColumnStep+2*k.Pairs, 0, 255)
			k.Weights = int16s(r, k.KernelRows*k.Pairs*k.Columns*2, -1<<15, 1<<15-1)
			k.Out = make([]int32, k.Width*k.Height*k.Stride+ColumnBlock)
			want := slices.Clone(k.Out)
			for y := range k.Height {
				for x := range k.Width {
					for c := range k.Columns {
						sum := int64(k.Round)
						for u := range k.KernelRows {
							for j := range 2 * k.Pairs {
								sum += int64(k.Codes[y*k.RowStep+u*k.RowStride+x*k.ColumnStep+j]) * int64(k.Weights[((u*k.Pairs+j/2)*k.Columns+c)*2+j%2])
							}
						}
						want[(y*k.Width+x)*k.Stride+c] = int32(sum >> k.Shift)
					}
				}
			}
			if l.currents(k); !slices.Equal(k.Out, want) {
				t.Fatalf("trial %d: wrong currents", trial)
			}
		}
	})
}

// TestPack16 compares the kernels that move, count and add up with their definitions.
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
		for n := range 5 {
			acc, w, k := numbers[int32](r, 8*n), numbers[int32](r, 8*n), int32(between(r, -1<<31, 1<<31-1))
			want := slices.Clone(acc)
			for i := range w {
				want[i] += k * w[i]
			}
			if l.addScaled(acc, w, k); !slices.Equal(acc, want) {
				t.Fatalf("%d numbers: wrong multiples", len(w))
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

// TestFire32 compares the kernels with their definition, at the limits too.
func TestFire32(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *level, r *rand.Rand) {
		for trial := range 400 {
			f := &Fire32{Steps: r.IntN(9), Words: r.IntN(4), Zero: trial&1 != 0, Shift: r.IntN(7), Low: -int32(r.IntN(1 << 20)), High: int32(r.IntN(1 << 20))}
			n := 64 * f.Words
			f.SpikeStride, f.SumStride = f.Words+r.IntN(2), []int{0, n + 64}[r.IntN(2)]
			some := func(n int) []int32 {
				x := make([]int32, n)
				for i := range x {
					x[i] = int32(between(r, -1<<16, 1<<16))
				}
				return x
			}
			f.V, f.Threshold, f.Sums = some(n), some(n), some(f.Steps*f.SumStride+n)
			f.Spikes = randomSpikes(r, f.Steps*f.SpikeStride+1)
			v, spikes := slices.Clone(f.V), slices.Clone(f.Spikes)
			for s := range f.Steps {
				for i := range v {
					v[i] = min(max(v[i]+f.Sums[s*f.SumStride+i]<<f.Shift, f.Low), f.High)
					spikes[s*f.SpikeStride+i/64] &^= 1 << (i % 64)
					if v[i] >= f.Threshold[i] {
						spikes[s*f.SpikeStride+i/64] |= 1 << (i % 64)
						if v[i] -= f.Threshold[i]; f.Zero {
							v[i] = 0
						}
					}
				}
			}
			if f.run(k); !slices.Equal(f.V, v) || !slices.Equal(f.Spikes, spikes) {
				t.Fatalf("trial %d: wrong membranes or spikes", trial)
			}
		}
	})
}

// TestFireReal compares the kernels with their definition; sums in eighths often meet the threshold.
func TestFireReal(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *level, r *rand.Rand) {
		for trial := range 400 {
			f := &FireReal{Steps: r.IntN(9), Words: r.IntN(4), Zero: trial&1 != 0, Threshold: []float32{1, 1, 0.5, float32(math.Inf(1))}[r.IntN(4)]}
			n := 64 * f.Words
			f.SpikeStride, f.SumStride = f.Words+r.IntN(2), []int{0, n + 64}[r.IntN(2)]
			some := func(n int) []float32 {
				x := make([]float32, n)
				for i := range x {
					if x[i] = float32(r.NormFloat64()); trial&2 != 0 {
						x[i] = float32(math.Round(float64(8*x[i]))) / 8
					}
				}
				return x
			}
			f.V, f.Sums = some(n), some(f.Steps*f.SumStride+n)
			f.Spikes = randomSpikes(r, f.Steps*f.SpikeStride+1)
			v, spikes := slices.Clone(f.V), slices.Clone(f.Spikes)
			for s := range f.Steps {
				for i := range v {
					v[i] += f.Sums[s*f.SumStride+i]
					spikes[s*f.SpikeStride+i/64] &^= 1 << (i % 64)
					if v[i] >= f.Threshold {
						spikes[s*f.SpikeStride+i/64] |= 1 << (i % 64)
						if v[i] -= f.Threshold; f.Zero {
							v[i] = 0
						}
					}
				}
			}
			if f.run(k); !slices.Equal(f.V, v) || !slices.Equal(f.Spikes, spikes) {
				t.Fatalf("trial %d: wrong membranes or spikes", trial)
			}
		}
	})
}
