package place

import (
	"encoding/binary"

	"spikec/target/image"
)

// unroll lists the synapses of c into an area of its target one by one. It leaves out axons without synapses, and lets axons with the
// same pattern of targets and weights share a row, numbered in the order in which axons need them. It is: for each axon, c.Each
// of the whole target, without what is beyond the area.
//
// Source positions that reach the area by the same taps at the same distances have the same rows, channel by channel, so that
// what reaches where is looked up once a position, and rows are written once a kind of position.
func unroll(c *image.Conv2d, a area) (axons []int, t *image.Table) {
	axons, t = []int{}, &image.Table{RowStart: []int32{0}} // not nil: there may be none
	u := newUnroller(c, a)
	u.table = t
	for y := range c.In[1] {
		for x := range c.In[2] {
			k, at := u.kind(y, x)
			if k == nil {
				continue
			}
			for ch := range c.In[0] {
				r := k.row(u, ch)
				if r.number < 0 {
					continue
				}
				axons = append(axons, (y*c.In[2]+x)*c.In[0]+ch)
				t.Row, t.Base = append(t.Row, r.number), append(t.Base, at+r.base)
			}
		}
	}
	return axons, t
}

// unroller is what unroll knows of one area.
type unroller struct {
	conv    *image.Conv2d
	table   *image.Table
	cells   []cell
	at      []int32 // output position → 1 + its cell, 0 where the area has none of it
	covers  [2][][]int
	readers [2][][]reader
	kinds   map[string]*kind
	rows    map[string]int32
	key     []byte
	reached []reach
	list    []int32 // targets and weights in turn, of one row
}

// reader is an output row or column, and the tap by which it reads.
type reader struct{ position, tap int }

// reach is a cell that a source position reaches, and the tap.
type reach struct{ cell, tap int }

// kind is source positions that reach an area alike. Of its cells' neurons the first is neuron 0.
type kind struct {
	reached []cell // position is the tap here
	rows    []row  // an input channel
}

// row is where the row of synapses of an input channel is.
type row struct {
	number int32 // −1: it has none; −2: not known yet
	base   int32
}

func newUnroller(c *image.Conv2d, a area) *unroller {
	u := &unroller{conv: c, cells: a.cells, at: make([]int32, c.Out[1]*c.Out[2]), kinds: map[string]*kind{}, rows: map[string]int32{}}
	for k, x := range a.cells {
		u.at[x.position] = int32(1 + k)
	}
	for d := range 2 {
		pooled := c.Pooled(d)
		u.covers[d], u.readers[d] = make([][]int, c.In[1+d]), make([][]reader, pooled)
		for i := range u.covers[d] {
			if c.Pool == nil {
				u.covers[d][i] = []int{i}
				continue
			}
			image.Readers(*c.Pool, d, i, pooled, func(p, _ int) { u.covers[d][i] = append(u.covers[d][i], p) })
		}
		for p := range u.readers[d] {
			image.Readers(c.Window, d, p, c.Out[1+d], func(o, tap int) { u.readers[d][p] = append(u.readers[d][p], reader{o, tap}) })
		}
	}
	return u
}

// kind returns what a source position reaches, in the order of image.Conv2d.Each, and the neuron that its kind counts from; nil where
// it reaches nothing.
func (u *unroller) kind(y, x int) (k *kind, at int32) {
	u.reached = u.reached[:0]
	first := -1
	for _, py := range u.covers[0][y] {
		for _, px := range u.covers[1][x] {
			for _, row := range u.readers[0][py] {
				for _, column := range u.readers[1][px] {
					if i := u.at[row.position*u.conv.Out[2]+column.position]; i > 0 {
						u.reached = append(u.reached, reach{int(i - 1), row.tap*u.conv.Window.Kernel[1] + column.tap})
						if first < 0 || int(i-1) < first {
							first = int(i - 1)
						}
					}
				}
			}
		}
	}
	if first < 0 {
		return nil, 0
	}
	begin := u.cells[first].at
	u.key = u.key[:0]
	for _, r := range u.reached {
		c := &u.cells[r.cell]
		for _, v := range [...]int{c.at - begin, c.from, c.to, r.tap} {
			u.key = binary.LittleEndian.AppendUint32(u.key, uint32(v))
		}
	}
	if k = u.kinds[string(u.key)]; k == nil {
		k = &kind{rows: make([]row, u.conv.In[0])}
		for _, r := range u.reached {
			c := u.cells[r.cell]
			k.reached = append(k.reached, cell{r.tap, c.from, c.to, c.at - begin})
		}
		for ch := range k.rows {
			k.rows[ch].number = -2
		}
		u.kinds[string(u.key)] = k
	}
	return k, int32(begin)
}

// row returns the row of an input channel. A row that the table does not have is added to it.
func (k *kind) row(u *unroller, channel int) row {
	r := &k.rows[channel]
	if r.number != -2 {
		return *r
	}
	outputs, cg := u.conv.Out[0], u.conv.In[0]/u.conv.Groups
	og := outputs / u.conv.Groups
	group := channel / cg
	u.list = u.list[:0]
	for _, c := range k.reached {
		weights := u.conv.Weight[(c.position*cg+channel%cg)*outputs:]
		for o := max(c.from, group*og); o < min(c.to, (group+1)*og); o++ {
			if w := weights[o]; w != 0 {
				n := int32(c.at + o - c.from)
				if len(u.list) == 0 || n < r.base {
					r.base = n
				}
				u.list = append(u.list, n, w)
			}
		}
	}
	if r.number = -1; len(u.list) == 0 {
		return *r
	}
	u.key = u.key[:0]
	for i := 0; i < len(u.list); i += 2 {
		u.list[i] -= r.base
		u.key = binary.LittleEndian.AppendUint32(u.key, uint32(u.list[i]))
		u.key = binary.LittleEndian.AppendUint32(u.key, uint32(u.list[i+1]))
	}
	number, ok := u.rows[string(u.key)]
	if !ok {
		number = int32(len(u.rows))
		u.rows[string(u.key)] = number
		for i := 0; i < len(u.list); i += 2 {
			u.table.Target, u.table.Weight = append(u.table.Target, u.list[i]), append(u.table.Weight, u.list[i+1])
		}
		u.table.RowStart = append(u.table.RowStart, int32(len(u.table.Target)))
	}
	r.number = number
	return *r
}
