package emulator

import (
	"errors"
	"fmt"
	"slices"

	"spikec/emulator/kernel"
	"spikec/target/image"
)

// gather is the method of convolutions and matrices: spikes become lists of events, and every position of the core adds
// up the rows of weights that its events stand for (kernel.Gather). A convolution with pooling lists a spike once for
// every pooled position that it falls into.
type gather struct {
	name     string
	axons    *axonBits
	synapses []int32 // of each axon
	list     kernel.List
	plan     kernel.Gather
	positions
	scatter *scatter // for blocks of steps with few spikes; nil where it does not apply
	wide    bool
}

// newGather compiles a block of synapses, or says why its core cannot gather them.
func newGather(e *fast, c *fastCore, i int, b image.Block, plane int) (*gather, error) {
	g := &gather{positions: positions{words: c.layout.words()}, wide: c.wide}
	if g.axons = newAxonBits(e, i, b, plane); g.axons == nil {
		return nil, errors.New("several spikes may arrive on one axon in a step")
	}
	var err error
	switch s := b.Synapses.(type) {
	case *image.Conv2d:
		err = g.conv2d(c, s)
	case *image.Dense:
		err = g.dense(c, s)
	default:
		err = fmt.Errorf("synapses of kind %s", s.Kind())
	}
	return g, err
}

// conv2d compiles a convolution of one group.
func (g *gather) conv2d(c *fastCore, s *image.Conv2d) error {
	rows, columns := s.Window.Kernel[0]*s.Window.Kernel[1]*s.In[0], s.Out[0]
	switch {
	case s.Groups != 1:
		return fmt.Errorf("a convolution of %d groups", s.Groups)
	case !c.holdsPositions(s):
		return errors.New("a core that does not hold whole positions")
	}
	if err := g.pack(rows, columns, s.Weight); err != nil {
		return err
	}
	g.name = "convolution"
	g.padded = c.layout.padded
	g.listPositions(s)
	g.window(s, c.First/columns, c.Neurons/columns)
	if n := max(len(g.list.Pieces)*s.In[0], len(g.plan.Segments)); n > mostListed {
		return fmt.Errorf("%d events or segments a step, of at most %d", n, mostListed)
	}
	g.synapses = convSynapses(s)
	g.scatter = newScatter(c, s)
	return nil
}

// dense compiles a matrix: one position whose columns are the core's neurons.
func (g *gather) dense(c *fastCore, s *image.Dense) error {
	if !c.layout.isDense() || s.Neurons != c.Neurons {
		return errors.New("a core whose neurons do not lie side by side")
	}
	if err := g.pack(s.Inputs, s.Neurons, s.Weight); err != nil {
		return err
	}
	g.name = "matrix"
	g.list = kernel.List{Pieces: []kernel.Piece{{}}, First: []int32{0, 1}, Channels: s.Inputs, Positions: 1, Scale: g.list.Scale, Joined: true}
	g.plan.Segments, g.plan.First = []kernel.Segment{{From: 0, To: 1}}, []int32{0, 1}
	g.synapses = make([]int32, s.Inputs)
	for a := range g.synapses {
		for _, w := range s.Weight[a*s.Neurons : (a+1)*s.Neurons] {
			if w != 0 {
				g.synapses[a]++
			}
		}
	}
	return nil
}

// pack stores the rows of weights as bytes.
func (g *gather) pack(rows, columns int, weight []int32) error {
	if lo, hi := slices.Min(weight), slices.Max(weight); lo < -128 || hi > 127 {
		return fmt.Errorf("weights %d..%d, which need more than a byte", lo, hi)
	}
	n, ok := kernel.RowBytes(columns), false
	if g.list.Scale, ok = kernel.RowScale(rows+1, n); !ok {
		return fmt.Errorf("%d weights a neuron, which are too many to list", rows)
	}
	g.plan.RowBytes, g.plan.Rows = n, alignedBytes((rows+1)*n)
	row := make([]int8, columns)
	for r := range rows {
		for c := range row {
			row[c] = int8(weight[r*columns+c])
		}
		kernel.Pack(g.plan.Rows[r*n:(r+1)*n], row)
	}
	kernel.Pack(g.plan.Rows[rows*n:], nil)
	return nil
}

// listPositions lists, for every position that the kernel walks over, the source positions that fall into it.
func (g *gather) listPositions(s *image.Conv2d) {
	g.list.First, g.list.Channels, g.list.Positions = []int32{0}, s.In[0], s.Pooled(0)*s.Pooled(1)
	for py := range s.Pooled(0) {
		for px := range s.Pooled(1) {
			base := uint32((py*s.Pooled(1) + px) * s.In[0] * g.list.Scale)
			eachSource(s, py, px, func(y, x int) {
				g.list.Pieces = append(g.list.Pieces, kernel.Piece{Bit: int32((y*s.In[2] + x) * s.In[0]), Base: base})
			})
			g.list.First = append(g.list.First, int32(len(g.list.Pieces)))
		}
	}
	g.list.Joined = s.Pool == nil
}

// window makes the segments of the core's positions, which are n from the population's position first on.
func (g *gather) window(s *image.Conv2d, first, n int) {
	g.plan.First = []int32{0}
	for p := first; p < first+n; p++ {
		from := len(g.plan.Segments)
		for u := range s.Window.Kernel[0] {
			if y := s.Window.Source(0, p/s.Out[2], u); y >= 0 && y < s.Pooled(0) {
				g.windowRow(s, y, u, p%s.Out[2], from)
			}
		}
		g.plan.First = append(g.plan.First, int32(len(g.plan.Segments)))
	}
}

// windowRow adds what output column ox takes from row y by the taps of kernel row u: one segment, or with dilation one a
// tap. Segments of the position, which begin at from, are joined where they continue each other.
func (g *gather) windowRow(s *image.Conv2d, y, u, ox, from int) {
	kw, width, c := s.Window.Kernel[1], s.Pooled(1), s.In[0]
	for v := range kw {
		x := s.Window.Source(1, ox, v)
		if x < 0 || x >= width {
			continue
		}
		at := y*width + x
		seg := kernel.Segment{From: int32(at), To: int32(at + 1), Base: uint32((u*kw+v-at)*c*g.list.Scale) & 0xffff}
		if k := len(g.plan.Segments) - 1; k >= from && g.plan.Segments[k].To == seg.From && g.plan.Segments[k].Base == seg.Base {
			g.plan.Segments[k].To++
		} else {
			g.plan.Segments = append(g.plan.Segments, seg)
		}
	}
}

// longest returns how many events a position may take in a step.
func (g *gather) longest() int {
	most := 0
	for p := range len(g.plan.First) - 1 {
		n := 0
		for _, s := range g.plan.Segments[g.plan.First[p]:g.plan.First[p+1]] {
			n += int(g.list.First[s.To]-g.list.First[s.From]) * g.list.Channels
		}
		most = max(most, n)
	}
	return most
}

// String names the method.
func (g *gather) String() string {
	sums := "16 bits"
	if g.wide {
		sums = "32 bits"
	}
	rows := len(g.plan.Rows)/g.plan.RowBytes - 1
	text := fmt.Sprintf("gathers the events of a %s, %d rows of %d bytes, into sums of %s", g.name, rows, g.plan.RowBytes, sums)
	if g.scatter != nil {
		text += fmt.Sprintf(" (scatters them in steps when fewer than 1 in %d axons spikes)", g.scatter.oneIn)
	}
	return text
}
