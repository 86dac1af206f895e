package emulator

import (
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
	padded   int      // lanes of a position; 0: the core is one position
	first    int      // lane of the first position
	words    int      // of spikes of the core
	scale    int      // of entries, see kernel.RowScale
	scatter  *scatter // for blocks of steps with few spikes; nil where it does not apply
	wide     bool
}

// newGather compiles a block of synapses, or says why its core cannot gather them.
func newGather(e *fast, c *fastCore, i int, b image.Block, latency int) (*gather, error) {
	g := &gather{words: c.layout.words(), wide: c.wide}
	var err error
	switch s := b.Synapses.(type) {
	case *image.Conv2d:
		err = g.conv2d(c, s)
	case *image.Dense:
		err = g.dense(c, s)
	default:
		err = fmt.Errorf("synapses of kind %s", s.Kind())
	}
	if err != nil {
		return nil, err
	}
	if g.axons = newAxonBits(e, i, b, latency); g.axons == nil {
		return nil, fmt.Errorf("several spikes may arrive on one axon in a step")
	}
	return g, nil
}

// conv2d compiles a convolution of one group.
func (g *gather) conv2d(c *fastCore, s *image.Conv2d) error {
	rows, columns := s.Window.Kernel[0]*s.Window.Kernel[1]*s.In[0], s.Out[0]
	switch {
	case s.Groups != 1:
		return fmt.Errorf("a convolution of %d groups", s.Groups)
	case !isWhole(s, c.First, c.Neurons, c.Shape[0]) || c.First%columns != 0 || c.Neurons%columns != 0:
		return fmt.Errorf("a core that does not hold whole positions")
	}
	if err := g.pack(rows, columns, s.Weight); err != nil {
		return err
	}
	g.name = "convolution"
	g.padded, g.first = c.layout.padded, c.layout.slot(0)
	g.listPositions(s)
	g.window(s, c.First/columns, c.Neurons/columns)
	g.synapses = convSynapses(s)
	g.scatter = newScatter(c, s)
	return nil
}

// dense compiles a matrix: one position whose columns are the core's neurons.
func (g *gather) dense(c *fastCore, s *image.Dense) error {
	if !c.layout.isDense() || s.Neurons != c.Neurons {
		return fmt.Errorf("a core whose neurons do not lie side by side")
	}
	if err := g.pack(s.Inputs, s.Neurons, s.Weight); err != nil {
		return err
	}
	g.name = "matrix"
	g.list = kernel.List{Pieces: []kernel.Piece{{}}, First: []int32{0, 1}, Channels: s.Inputs, Positions: 1, Scale: g.scale, Joined: true}
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
	if g.scale, ok = kernel.RowScale(rows+1, n); !ok {
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
	g.list = kernel.List{First: []int32{0}, Channels: s.In[0], Positions: s.Pooled(0) * s.Pooled(1), Scale: g.scale}
	for py := range s.Pooled(0) {
		for px := range s.Pooled(1) {
			base := uint32((py*s.Pooled(1) + px) * s.In[0] * g.scale)
			eachSource(s, py, px, func(y, x int) {
				g.list.Pieces = append(g.list.Pieces, kernel.Piece{Bit: int32((y*s.In[2] + x) * s.In[0]), Base: base})
			})
			g.list.First = append(g.list.First, int32(len(g.list.Pieces)))
		}
	}
	g.list.Joined = s.Pool == nil
}

// eachSource yields the source positions of a pooled position.
func eachSource(s *image.Conv2d, py, px int, yield func(y, x int)) {
	if s.Pool == nil {
		yield(py, px)
		return
	}
	for u := range s.Pool.Kernel[0] {
		for v := range s.Pool.Kernel[1] {
			y, x := s.Pool.Source(0, py, u), s.Pool.Source(1, px, v)
			if y >= 0 && y < s.In[1] && x >= 0 && x < s.In[2] {
				yield(y, x)
			}
		}
	}
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
		seg := kernel.Segment{From: int32(at), To: int32(at + 1), Base: uint32((u*kw+v-at)*c*g.scale) & 0xffff}
		if k := len(g.plan.Segments) - 1; k >= from && g.plan.Segments[k].To == seg.From && g.plan.Segments[k].Base == seg.Base {
			g.plan.Segments[k].To++
		} else {
			g.plan.Segments = append(g.plan.Segments, seg)
		}
	}
}

// convSynapses counts the synapses of each axon of a convolution that are stored: those that are not zero.
func convSynapses(s *image.Conv2d) []int32 {
	taps, O, cg := s.Window.Kernel[0]*s.Window.Kernel[1], s.Out[0], s.In[0]/s.Groups
	nonZero := make([]int32, taps*s.In[0]) // tap, source channel
	for i := range nonZero {
		group := i % s.In[0] / cg
		row := s.Weight[(i/s.In[0]*cg+i%cg)*O:]
		for _, w := range row[group*O/s.Groups : (group+1)*O/s.Groups] {
			if w != 0 {
				nonZero[i]++
			}
		}
	}
	pooled := make([]int32, s.Pooled(0)*s.Pooled(1)*s.In[0])
	for y := range s.Pooled(0) {
		image.Readers(s.Window, 0, y, s.Out[1], func(oy, u int) {
			for x := range s.Pooled(1) {
				image.Readers(s.Window, 1, x, s.Out[2], func(ox, v int) {
					if n := (oy*s.Out[2] + ox) * O; n < s.First || n >= s.First+s.Neurons {
						return
					}
					at, tap := (y*s.Pooled(1)+x)*s.In[0], (u*s.Window.Kernel[1]+v)*s.In[0]
					for c := range s.In[0] {
						pooled[at+c] += nonZero[tap+c]
					}
				})
			}
		})
	}
	if s.Pool == nil {
		return pooled
	}
	axons := make([]int32, s.Axons())
	for p := range s.Pooled(0) * s.Pooled(1) {
		eachSource(s, p/s.Pooled(1), p%s.Pooled(1), func(y, x int) {
			for c := range s.In[0] {
				axons[(y*s.In[2]+x)*s.In[0]+c] += pooled[p*s.In[0]+c]
			}
		})
	}
	return axons
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
	text := fmt.Sprintf("gathers the events of a %s, %d rows of %d bytes, into sums of %s", g.name, len(g.plan.Rows)/g.plan.RowBytes-1, g.plan.RowBytes, sums)
	if g.scatter != nil {
		text += fmt.Sprintf(" (scatters them in steps when fewer than %g %% of the axons spike)", 100*g.scatter.below)
	}
	return text
}

// unit: stretches hold whole positions.
func (g *gather) unit() int {
	if g.padded == 0 {
		return g.words
	}
	return g.padded / gcd(g.padded, spikeBits)
}

// newState returns the state of one session.
func (g *gather) newState(s *fastSession, lists *eventLists) methodState {
	st := &gatherState{gather: g, input: g.axons.newState(s, g.synapses), lists: lists, list: g.list, plan: g.plan}
	st.list.EntryStride = len(g.list.Pieces)*g.list.Channels + kernel.EntrySlack
	st.list.RankStride = g.list.Positions + 1
	st.list.Prefix = make([]int32, g.axons.words+1)
	st.plan.EntryStride, st.plan.RankStride = st.list.EntryStride, st.list.RankStride
	lists.grow(stepsAtOnce*st.list.EntryStride, stepsAtOnce*st.list.RankStride, g.longest()+kernel.EntrySlack)
	if g.scatter != nil {
		lists.growLanes(stepsAtOnce * g.scatter.words)
	}
	return st
}

// eventLists is room for the events of a block of steps. The cores of a session share it, for they run one after the
// other.
type eventLists struct {
	entries, scratch []uint16
	ranks            []int32
	lanes            []uint64 // what was scattered; zero between uses
}

// grow makes room for at least so many.
func (l *eventLists) grow(entries, ranks, scratch int) {
	if entries > len(l.entries) {
		l.entries = make([]uint16, entries)
	}
	if ranks > len(l.ranks) {
		l.ranks = make([]int32, ranks)
	}
	if scratch > len(l.scratch) {
		l.scratch = make([]uint16, scratch)
	}
}

// growLanes makes room for at least so many words of lanes.
func (l *eventLists) growLanes(words int) {
	if words > len(l.lanes) {
		l.lanes = make([]uint64, words)
	}
}

// gatherState is the method at work.
type gatherState struct {
	*gather
	input axonState
	lists *eventLists
	list  kernel.List
	plan  kernel.Gather

	scattered bool // in this block of steps
}

// take lists the events, or scatters them where they are few.
func (g *gatherState) take(t, n int) {
	g.list.Spikes, g.list.SpikeStride = g.input.take(t, n)
	if g.scattered = g.isSparse(n); g.scattered {
		for k := range n {
			g.scatter.add(g.lists.lanes[k*g.scatter.words:], g.list.Spikes[k*g.list.SpikeStride:][:g.axons.words])
		}
		return
	}
	g.list.Entries, g.list.Ranks = g.lists.entries, g.lists.ranks
	g.plan.Entries, g.plan.Ranks, g.plan.Scratch = g.lists.entries, g.lists.ranks, g.lists.scratch
	g.list.Steps, g.plan.Steps = n, n
	g.list.Run()
}

// isSparse reports whether so few axons spike in n steps that scattering costs less.
func (g *gatherState) isSparse(n int) bool {
	if g.scatter == nil {
		return false
	}
	events := 0
	for k := range n {
		events += kernel.Ones(g.list.Spikes[k*g.list.SpikeStride:][:g.axons.words])
	}
	return float64(events) < g.scatter.below*float64(n*len(g.synapses))
}

// addScattered adds what was scattered to the stretch.
func (g *gatherState) addScattered(x *sums) {
	x.fill()
	for k := range x.steps {
		lanes := g.lists.lanes[k*g.scatter.words:][x.from*kernel.Block16 : x.to*kernel.Block16]
		kernel.AddLanes(x.narrow[k*x.stride/laneUnit:], lanes)
		clear(lanes)
	}
}

// add gathers the positions of the stretch.
func (g *gatherState) add(x *sums) {
	if g.scattered {
		g.addScattered(x)
		return
	}
	p := &g.plan
	p.From, p.To, p.Padded = 0, 1, 0
	if g.padded > 0 {
		p.Padded = g.padded
		p.From = (x.from*spikeBits - g.first) / g.padded
		p.To = min((x.to*spikeBits-g.first)/g.padded, len(p.First)-1)
	}
	p.Sums, p.Wide, p.SumStride = x.narrow, x.wide, x.stride
	p.Init, p.WideInit, p.InitStride = x.initNarrow, x.initWide, x.initStride
	p.Run()
	x.set()
}

// operations returns the synaptic operations.
func (g *gatherState) operations(from, to int) int64 { return g.input.operations(from, to) }
