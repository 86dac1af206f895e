package snn

import (
	"math"
	"slices"

	"spikec/emulator/kernel"
)

// A table may have mostGathered numbers, or mostFilled times as many as there are weights: zeros fill it up where weights
// are of many groups, or targets have few channels.
const (
	mostGathered = 1 << 20
	mostFilled   = 2
)

// newTable stores the rows of a projection's weights, tap row, tap column, source channel: as bytes where they are whole
// numbers that fit. It returns nil where there are too many.
func newTable[N Number](s Shape2d, weights []N) table[N] {
	rows := s.Window.Kernel[0] * s.Window.Kernel[1] * s.In[0]
	columns := (s.Out[0] + kernel.ColumnBlock - 1) / kernel.ColumnBlock * kernel.ColumnBlock
	if rows >= 1<<16 || (rows+1)*columns > max(mostGathered, mostFilled*len(weights)) {
		return nil
	}
	t := &numbers[N]{rows: make([]N, (rows+1)*columns), columns: columns, padded: s.Out[0]}
	t.fill(s, weights)
	if w, ok := any(weights).([]int32); ok && slices.Min(w) >= math.MinInt8 && slices.Max(w) <= math.MaxInt8 {
		if b := any(t).(*numbers[int32]).bytes(); b != nil {
			return any(b).(table[N])
		}
	}
	return t
}

// numbers are rows of numbers of 32 bits; the last one is of zeros.
type numbers[N Number] struct {
	rows            []N
	columns, padded int
}

// fill writes weights (O, C/Groups, kH, kW) to the rows; groups become one, with zeros between them.
func (n *numbers[N]) fill(s Shape2d, weights []N) {
	taps, c := s.Window.Kernel[0]*s.Window.Kernel[1], s.In[0]
	cg, og := c/s.Groups, s.Out[0]/s.Groups
	for o := range s.Out[0] {
		for i := range cg {
			for tap := range taps {
				n.rows[(tap*c+o/og*cg+i)*n.columns+o] = weights[(o*cg+i)*taps+tap]
			}
		}
	}
}

func (n *numbers[N]) scale() int { return 1 }

func (n *numbers[N]) newSummer(g *gather[N]) summer[N] {
	return &numberSummer[N]{kernel.Gather32[N]{EntryStride: g.list.EntryStride, RankStride: g.list.RankStride,
		Segments: g.segments, First: g.first, Rows: n.rows, Columns: n.columns, Padded: n.padded}}
}

// numberSummer is numbers at work.
type numberSummer[N Number] struct{ plan kernel.Gather32[N] }

func (x *numberSummer[N]) take(l *lists) {
	x.plan.Entries, x.plan.Ranks, x.plan.Scratch = l.entries, l.ranks, l.scratch
}

func (x *numberSummer[N]) sum(from, to int, b *Block[N], sums []N, stride int) {
	g := &x.plan
	g.From, g.To, g.Steps = from, to, b.Steps
	g.Init, g.InitStride, g.Sums, g.SumStride = b.Sums, b.SumStride, sums, stride
	g.Run()
}

// bytes are rows of bytes.
type bytes struct {
	rows             []uint8
	rowBytes, padded int
	unit             int
}

// bytes returns n as bytes, or nil where entries cannot say which row they mean.
func (n *numbers[N]) bytes() *bytes {
	rows := len(n.rows) / n.columns
	b := &bytes{rowBytes: kernel.RowBytes(n.padded), padded: n.padded}
	ok := false
	if b.unit, ok = kernel.RowScale(rows, b.rowBytes); !ok {
		return nil
	}
	b.rows = make([]uint8, rows*b.rowBytes)
	row := make([]int8, n.padded)
	for r := range rows {
		for c := range row {
			row[c] = int8(n.rows[r*n.columns+c])
		}
		kernel.Pack(b.rows[r*b.rowBytes:][:b.rowBytes], row)
	}
	return b
}

func (b *bytes) scale() int { return b.unit }

func (b *bytes) newSummer(g *gather[int32]) summer[int32] {
	return &byteSummer{kernel.Gather{EntryStride: g.list.EntryStride, RankStride: g.list.RankStride,
		Segments: g.segments, First: g.first, Rows: b.rows, RowBytes: b.rowBytes, Padded: b.padded}}
}

// byteSummer is bytes at work.
type byteSummer struct{ plan kernel.Gather }

func (x *byteSummer) take(l *lists) {
	x.plan.Entries, x.plan.Ranks, x.plan.Scratch = l.entries, l.ranks, l.scratch
}

func (x *byteSummer) sum(from, to int, b *Block[int32], sums []int32, stride int) {
	g := &x.plan
	g.From, g.To, g.Steps = from, to, b.Steps
	g.WideInit, g.InitStride, g.Wide, g.SumStride = b.Sums, b.SumStride, sums, stride
	g.Run()
}
