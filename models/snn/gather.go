package snn

import (
	"spikec/emulator/kernel"
)

// gather adds up a projection from its targets' side: spikes become lists of events, and every target position sums the
// rows of weights that its events stand for. It is what Scatter.Add computes: the same sum where the projection has no
// pool, in the same order; with one, a weight is added as often as spikes meet in a pooled neuron, where Scatter
// multiplies it. It is immutable.
type gather[N Number] struct {
	list     kernel.List
	segments []kernel.Segment
	first    []int32 // position → its first segment
	table    table[N]
	longest  int // events of one position in a step, at most
}

// table holds the rows of weights of a projection.
type table[N Number] interface {
	// scale is what entries are multiples of.
	scale() int
	// newSummer returns what sums rows for one loop.
	newSummer(g *gather[N]) summer[N]
}

// summer sums rows.
type summer[N Number] interface {
	// take sets the events.
	take(l *lists)
	// sum makes the sums of positions from..to-1 what those of b are and the rows of their events, in all steps of b.
	sum(from, to int, b *Block[N], sums []N, stride int)
}

// newGather lays out weights (O, C/Groups, kH, kW) for a projection whose kernel walks over a map of the given shape,
// or returns nil where there are too many. Groups become one, with zeros between them.
func newGather[N Number](s Shape2d, pooled [3]int, weights []N) *gather[N] {
	g := &gather[N]{table: newTable(s, weights)}
	if g.table == nil {
		return nil
	}
	g.listPositions(s, pooled)
	g.first = []int32{0}
	for p := range s.Out[1] * s.Out[2] {
		g.window(s, pooled, p)
	}
	return g
}

// listPositions lists the source positions that fall into every position that the kernel walks over.
func (g *gather[N]) listPositions(s Shape2d, pooled [3]int) {
	c, n := s.In[0], pooled[1]*pooled[2]
	sources := make([][]int32, n)
	for p := range n {
		if s.Pool == nil {
			sources[p] = []int32{int32(p)}
		}
	}
	if s.Pool != nil {
		for p, windows := range poolWindows(*s.Pool, s.In, [2]int{pooled[1], pooled[2]}) {
			for _, q := range windows {
				sources[q] = append(sources[q], int32(p))
			}
		}
	}
	g.list = kernel.List{First: []int32{0}, Channels: c, Positions: n, Scale: g.table.scale(), RankStride: n + 1}
	for p, from := range sources {
		for _, q := range from {
			g.list.Pieces = append(g.list.Pieces, kernel.Piece{Bit: q * int32(c), Base: uint32(p * c * g.list.Scale)})
		}
		g.list.First = append(g.list.First, int32(len(g.list.Pieces)))
	}
	g.list.EntryStride = len(g.list.Pieces)*c + kernel.EntrySlack
}

// window appends the segments of target position p, joined where they continue each other.
func (g *gather[N]) window(s Shape2d, pooled [3]int, p int) {
	first, events := len(g.segments), 0
	for u := range s.Window.Kernel[0] {
		for v := range s.Window.Kernel[1] {
			y, x := s.Window.Source(0, p/s.Out[2], u), s.Window.Source(1, p%s.Out[2], v)
			if y < 0 || y >= pooled[1] || x < 0 || x >= pooled[2] {
				continue
			}
			at := y*pooled[2] + x
			seg := kernel.Segment{From: int32(at), To: int32(at + 1), Base: uint32((u*s.Window.Kernel[1]+v-at)*s.In[0]*g.list.Scale) & 0xffff}
			if k := len(g.segments) - 1; k >= first && g.segments[k].To == seg.From && g.segments[k].Base == seg.Base {
				g.segments[k].To++
			} else {
				g.segments = append(g.segments, seg)
			}
			events += int(g.list.First[at+1]-g.list.First[at]) * s.In[0]
		}
	}
	g.longest = max(g.longest, events)
	g.first = append(g.first, int32(len(g.segments)))
}

// lists is room for the events of a block of steps.
type lists struct {
	entries, scratch []uint16
	ranks            []int32
}

// grow makes room for the events of g in a block of so many steps.
func grow[N Number](l *lists, g *gather[N], steps int) {
	if n := steps * g.list.EntryStride; n > len(l.entries) {
		l.entries = make([]uint16, n)
	}
	if n := steps * g.list.RankStride; n > len(l.ranks) {
		l.ranks = make([]int32, n)
	}
	if n := g.longest + kernel.EntrySlack; n > len(l.scratch) {
		l.scratch = make([]uint16, n)
	}
}
