package kernel

// Gather32 is Gather for rows of numbers of 32 bits, whole or real: for a stretch of positions and a block of steps it
// adds up the rows that events stand for, in the order of the list, starting with what is given. Entries are numbers of
// rows.
//
//	for p := From; p < To; p++ {
//		for t := range Steps {
//			for c := range Columns {
//				sum := Init[t*InitStride+(p-From)*Padded+c]
//				entries, ranks := Entries[t*EntryStride:], Ranks[t*RankStride:]
//				for _, s := range Segments[First[p]:First[p+1]] {
//					for _, e := range entries[ranks[s.From]:ranks[s.To]] {
//						sum += Rows[int(uint16(e+s.Base))*Columns+c]
//					}
//				}
//				Sums[t*SumStride+(p-From)*Padded+c] = sum
//			}
//		}
//	}
//
// Whole numbers are added modulo 2^32, real ones are rounded after every addition: every level gives the same numbers,
// but for the sign of a zero. Positions are taken in ascending order, and Columns may be more than Padded, so that the
// columns too many are overwritten by those of the next position: the slices must hold them. Up to 32 entries behind a
// segment are read, as by Gather.
type Gather32[N float32 | int32] struct {
	Entries     []uint16
	Ranks       []int32
	EntryStride int
	RankStride  int
	Segments    []Segment
	First       []int32 // position → its first segment
	Rows        []N     // the last row is of zeros
	Columns     int     // of a row: a multiple of ColumnBlock
	Sums        []N
	SumStride   int      // numbers a step
	Padded      int      // numbers a position
	Scratch     []uint16 // room for the longest list of a position, and EntrySlack more
	From, To    int
	Steps       int
	Init        []N    // what sums start with; may be Sums
	InitStride  int    // numbers a step
	pad         uint64 // four times the number of the last row; run sets it
}

// Run adds the rows.
func (g *Gather32[N]) Run() { g.run(active) }

func (g *Gather32[N]) run(l *level) {
	if g.Steps < 1 || g.From >= g.To {
		return
	}
	g.pad = uint64(uint16(len(g.Rows)/g.Columns-1)) * Ones16
	switch g := any(g).(type) {
	case *Gather32[int32]:
		l.gather32(g)
	case *Gather32[float32]:
		l.gatherReal(g)
	}
}

// gather32Go is Gather32.Run in plain Go.
func gather32Go[N float32 | int32](g *Gather32[N]) {
	for p := g.From; p < g.To; p++ {
		for t := range g.Steps {
			at := (p - g.From) * g.Padded
			sums := g.Sums[t*g.SumStride+at:][:g.Columns]
			copy(sums, g.Init[t*g.InitStride+at:][:g.Columns])
			entries, ranks := g.Entries[t*g.EntryStride:], g.Ranks[t*g.RankStride:]
			for _, s := range g.Segments[g.First[p]:g.First[p+1]] {
				g.add(sums, entries[ranks[s.From]:ranks[s.To]], uint16(s.Base))
			}
		}
	}
}

// add adds the rows of entries, four at once but one after the other.
func (g *Gather32[N]) add(sums []N, entries []uint16, base uint16) {
	row := func(e uint16) []N { return g.Rows[int(e+base)*g.Columns:][:len(sums)] }
	for ; len(entries) >= 4; entries = entries[4:] {
		a, b, c, d := row(entries[0]), row(entries[1]), row(entries[2]), row(entries[3])
		for k := range sums {
			sums[k] = sums[k] + a[k] + b[k] + c[k] + d[k]
		}
	}
	for _, e := range entries {
		a := row(e)
		for k := range sums {
			sums[k] += a[k]
		}
	}
}
