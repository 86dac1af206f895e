package kernel

// Gather adds up, for a stretch of positions and a block of steps, the rows of weights that events stand for. What a
// position takes from a step's list are segments: the entries of some list positions, moved by a base to numbers of
// rows times a scale (RowScale). With w[r][c] the weight in row r and column c (see Pack):
//
//	for p := From; p < To; p++ {
//		for t := range Steps {
//			for c := range columns {
//				sums[t*SumStride+(p-From)*Padded+c] = init[t*InitStride+(p-From)*Padded+c]
//			}
//			entries, ranks := Entries[t*EntryStride:], Ranks[t*RankStride:]
//			for _, s := range Segments[First[p]:First[p+1]] {
//				for _, e := range entries[ranks[s.From]:ranks[s.To]] {
//					for c := range columns {
//						sums[t*SumStride+(p-From)*Padded+c] += w[uint16(e+s.Base)/scale][c]
//					}
//				}
//			}
//		}
//	}
//
// Sums are lanes of 16 bits, or numbers of 32 bits where Wide is set, and so is what they start with. In lanes they are
// exact modulo 2^16, so exact where they fit 16 bits in the end; numbers of 32 bits are exact while they fit.
//
// Positions are taken in ascending order and columns are filled up to whole blocks of zero weights, so that up to
// RowBytes sums are written from each position's first one on, and as many are read of Init: the slices must hold them.
// Up to 32 entries are read from a segment's first one on whatever its length is, then 16 at once: so up to 32 behind a
// segment. EntrySlack, as List asks for it, is enough.
type Gather struct {
	Entries     []uint16
	Ranks       []int32
	EntryStride int
	RankStride  int
	Segments    []Segment
	First       []int32  // position → its first segment
	Rows        []uint8  // as Pack makes them; the last row is of zero weights
	RowBytes    int      // of a row: a multiple of RowBlock
	Sums        []uint64 // four lanes a word
	SumStride   int      // lanes, or numbers, a step
	Padded      int      // lanes, or numbers, a position; in lanes a multiple of 4
	Scratch     []uint16 // room for the longest list of a position, and EntrySlack more
	From, To    int
	Steps       int
	Wide        []int32  // if set, it holds the sums, and WideInit what they start with
	Init        []uint64 // what sums start with; may be Sums
	WideInit    []int32  // the same for Wide
	InitStride  int      // lanes, or numbers, a step
	pad         uint64   // four times the entry of the last row; Run sets it
}

// Segment names the entries of list positions From..To-1.
type Segment struct {
	From, To int32
	Base     uint32 // added to entries, modulo 2^16: it is scaled, too
}

// Weights are stored as bytes w + 128, two to a lane of 16 bits: low bytes and high bytes are summed apart, and n rows
// have added 128·n to each sum. Bytes 2j and 2j+1 of a block of b columns belong to columns j and j + b/2; blocks are of
// RowBlock columns, and where a level says so the first ones of pairs of blocks, so that sums come out in order.
const (
	RowBlock = 32
	// Chunk is how many rows may be summed in lanes of 16 bits whatever their weights are: 256·(-128) = -2^15.
	Chunk = 256
)

// RowBytes returns the length of a row of so many columns.
func RowBytes(columns int) int { return (columns + RowBlock - 1) / RowBlock * RowBlock }

// rowUnit is what entries count in where the table is small enough: bytes that a processor multiplies addresses by.
const rowUnit = 8

// RowScale returns what the numbers of a table's rows, of so many bytes each and with the row of zeros, are multiplied by
// in entries; ok is false where even that does not fit 16 bits.
func RowScale(rows, rowBytes int) (scale int, ok bool) {
	if rows*rowBytes <= rowUnit<<16 {
		return rowBytes / rowUnit, true
	}
	return 1, rows <= 1<<16
}

// Pack stores a row of weights -128..127; dst has RowBytes(len(w)) bytes, and columns behind w get zero weights.
func Pack(dst []uint8, w []int8) { packBlocks(dst, w, active.rowBlock) }

// packBlocks is Pack for blocks of b bytes as long as there are whole ones, then blocks of RowBlock bytes.
func packBlocks(dst []uint8, w []int8, b int) {
	for i := range dst {
		dst[i] = 128
	}
	for at := 0; at < len(dst); at += b {
		if len(dst)-at < b {
			b = RowBlock
		}
		for c := at; c < min(at+b, len(w)); c++ {
			k := c - at
			dst[at+k%(b/2)*2+k/(b/2)] = uint8(w[c]) + 128
		}
	}
}

// Run adds the rows.
func (g *Gather) Run() { g.run(active) }

func (g *Gather) run(l *level) {
	if g.Steps < 1 {
		return
	}
	kernels, small, last := l.gather, 0, len(g.Rows)/g.RowBytes-1
	if g.Wide != nil {
		kernels = l.gatherWide
	}
	scale, _ := RowScale(last+1, g.RowBytes)
	if scale > 1 {
		small = 1
	}
	g.pad = uint64(uint16(last*scale)) * Ones16
	kernels[small](g)
}

// gatherGo is Gather.Run in plain Go, on four lanes at once.
func gatherGo(g *Gather) {
	scale, _ := RowScale(len(g.Rows)/g.RowBytes, g.RowBytes)
	for p := g.From; p < g.To; p++ {
		for t := range g.Steps {
			list := g.window(p, t)
			at := t*g.SumStride + (p-g.From)*g.Padded
			for block := 0; block < g.RowBytes; block += RowBlock {
				g.block(list, scale, block, at+block, t*g.InitStride+(p-g.From)*g.Padded+block)
			}
		}
	}
}

// window lists the rows of a position in scratch.
func (g *Gather) window(p, t int) []uint16 {
	entries, ranks := g.Entries[t*g.EntryStride:], g.Ranks[t*g.RankStride:]
	list := g.Scratch[:0]
	for _, s := range g.Segments[g.First[p]:g.First[p+1]] {
		for _, e := range entries[ranks[s.From]:ranks[s.To]] {
			list = append(list, e+uint16(s.Base))
		}
	}
	return list
}

// block adds one block of columns of the listed rows to the sums from at on, which start with what is at init, chunk by
// chunk.
func (g *Gather) block(list []uint16, scale, block, at, init int) {
	if g.Wide != nil {
		copy(g.Wide[at:at+RowBlock], g.WideInit[init:init+RowBlock])
	} else {
		copy(g.Sums[at/4:(at+RowBlock)/4], g.Init[init/4:(init+RowBlock)/4])
	}
	rows, unit := g.Rows[block:], g.RowBytes/scale
	for len(list) > 0 {
		n := min(len(list), Chunk)
		low, high := sumRows(rows, list[:n], unit)
		list = list[n:]
		offset := uint64(uint16(-128*n)) * Ones16
		for k := range low {
			low[k], high[k] = addLanes(low[k], offset), addLanes(high[k], offset)
		}
		g.add(at, low, high)
	}
}

// sumRows adds up blocks of RowBlock bytes of the listed rows, at most Chunk of them: even bytes and odd ones apart. The
// sums have names of their own so that they may stay in registers.
func sumRows(rows []uint8, list []uint16, unit int) (low, high [4]uint64) {
	const even = 0x00ff00ff00ff00ff
	var a, b, c, d, e, f, g, h uint64
	for _, r := range list {
		w := (*[RowBlock]uint8)(rows[int(r)*unit:])
		x, y := word(w[0:8]), word(w[8:16])
		a, b = a+x&even, b+y&even
		e, f = e+x>>8&even, f+y>>8&even
		x, y = word(w[16:24]), word(w[24:32])
		c, d = c+x&even, d+y&even
		g, h = g+x>>8&even, h+y>>8&even
	}
	return [4]uint64{a, b, c, d}, [4]uint64{e, f, g, h}
}

// add adds two times 16 lanes to the sums from at on.
func (g *Gather) add(at int, low, high [4]uint64) {
	if g.Wide == nil {
		s := (*[8]uint64)(g.Sums[at/4:])
		for k := range low {
			s[k], s[4+k] = addLanes(s[k], low[k]), addLanes(s[4+k], high[k])
		}
		return
	}
	s := (*[RowBlock]int32)(g.Wide[at:])
	for c := range s[:16] {
		s[c] += int32(At(low[c/4], 4, c%4))
		s[16+c] += int32(At(high[c/4], 4, c%4))
	}
}
