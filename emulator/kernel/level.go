package kernel

import "spikec/internal/simd"

// level holds the kernels of one set of instructions.
type level struct {
	rowBlock   int // see Pack
	list       func(*List)
	joined     func(*List)
	gather     [2]func(*Gather) // by the table's size: large, small
	gatherWide [2]func(*Gather)
	taps       func(*Taps)
	count      func(counts, spikes []uint64, stride, steps int)
	fire16     [2]func(*Fire16) // by reset: subtract, zero
	fire16Wide [2]func(*Fire16)
	gather32   func(*Gather32[int32])
	gatherReal func(*Gather32[float32])
	fire32     [2]func(*Fire32) // by reset: subtract, zero
	fireReal   [2]func(*FireReal)
	currents   func(*Currents)
	pack       func(dst []uint64, a, b []int32)
	ones       func(w []uint64) int
	widen      func(dst []int32, w []uint64)
	accumulate func(dst []int32, w []uint64)
	or         func(dst, spikes []uint64, stride, steps int)
	addLanes   func(dst, w []uint64)
}

// levels are the kernels of every level of the build; those in Go are the definitions of the others.
var levels = map[simd.Level]*level{
	simd.Scalar: {
		rowBlock: RowBlock, list: listGo, joined: joinedGo, taps: tapsGo, count: countGo,
		gather: [2]func(*Gather){gatherGo, gatherGo}, gatherWide: [2]func(*Gather){gatherGo, gatherGo},
		fire16: [2]func(*Fire16){fire16Go, fire16Go}, fire16Wide: [2]func(*Fire16){fire16Go, fire16Go},
		gather32: gather32Go[int32], gatherReal: gather32Go[float32],
		fire32: [2]func(*Fire32){fire32Go, fire32Go}, fireReal: [2]func(*FireReal){fireRealGo, fireRealGo},
		currents: currentsGo, pack: packGo, ones: onesGo, widen: widenGo, accumulate: accumulateGo, or: orGo, addLanes: addLanesGo,
	},
}

// active are the kernels in use.
var active = func() *level {
	addLevels()
	return levels[simd.Best()]
}()

// Run lists the events.
func (l *List) Run() { l.run(active) }

func (l *List) run(k *level) {
	if l.Joined {
		k.joined(l)
	} else {
		k.list(l)
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

// Run adds the weights.
func (x *Taps) Run() { x.run(active) }

func (x *Taps) run(l *level) {
	if x.Steps > 0 {
		l.taps(x)
	}
}

// Count is what countGo says.
func Count(counts, spikes []uint64, stride, steps int) {
	if steps > 0 {
		active.count(counts, spikes, stride, steps)
	}
}

// Run takes the membranes through the steps.
func (f *Fire16) Run() { f.run(active) }

func (f *Fire16) run(l *level) {
	if f.Steps < 1 {
		return
	}
	kernels := l.fire16
	if f.Wide != nil {
		kernels = l.fire16Wide
	}
	kernels[index(f.Zero)](f)
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

// Run takes the membranes through the steps.
func (f *Fire32) Run() { f.run(active) }

func (f *Fire32) run(l *level) {
	if f.Steps > 0 && f.Words > 0 {
		l.fire32[index(f.Zero)](f)
	}
}

// Run takes the membranes through the steps.
func (f *FireReal) Run() { f.run(active) }

func (f *FireReal) run(l *level) {
	if f.Steps > 0 && f.Words > 0 {
		l.fireReal[index(f.Zero)](f)
	}
}

// index is 1 for true.
func index(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Run computes the currents.
func (k *Currents) Run() { k.run(active) }

func (k *Currents) run(l *level) {
	if k.KernelRows > 0 && k.Pairs > 0 && k.Width > 0 && k.Height > 0 {
		l.currents(k)
	}
}

// Pack16 is what packGo says; dst has a multiple of Block16 words.
func Pack16(dst []uint64, a, b []int32) { active.pack(dst, a[:4*len(dst)], b[:4*len(dst)]) }

// Ones returns how many bits of the words are 1.
func Ones(w []uint64) int { return active.ones(w) }

// Widen copies lanes of 16 bits to numbers:
//
//	for i := range dst { dst[i] = lane i of w }
func Widen(dst []int32, w []uint64) {
	whole := len(dst) &^ 7
	active.widen(dst[:whole], w)
	widenGo(dst[whole:], w[whole/4:])
}

// Accumulate adds lanes of 16 bits, taken without sign, to numbers:
//
//	for i := range dst { dst[i] += lane i of w }
func Accumulate(dst []int32, w []uint64) {
	whole := len(dst) &^ 7
	active.accumulate(dst[:whole], w)
	accumulateGo(dst[whole:], w[whole/4:])
}

// Or joins the spikes of at least one step; spikes has stride words a step:
//
//	for i := range dst { dst[i] = spikes[i] | spikes[stride+i] | … }
func Or(dst, spikes []uint64, stride, steps int) { active.or(dst, spikes, stride, steps) }

// AddLanes adds lanes of 16 bits, four a word, modulo 2^16; dst has at least as many words as w:
//
//	for i := range 4 * len(w) { dst[i] += w[i] }
func AddLanes(dst, w []uint64) { active.addLanes(dst[:len(w)], w) }
