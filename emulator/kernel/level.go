package kernel

import "spikec/internal/simd"

// level holds the kernels of one set of instructions.
type level struct {
	rowBlock   int // see Pack
	list       func(*List)
	gather     func(*Gather)
	gatherWide func(*Gather)
	taps       func(*Taps)
	count      func(counts, spikes []uint64, stride, steps int)
	fire16     [2]func(*Fire16) // by reset: subtract, zero
	fire16Wide [2]func(*Fire16)
	currents   func(*Currents)
	pack       func(dst []uint64, a, b []int32)
	ones       func(w []uint64) int
}

// levels are the kernels of every level of the build; those in Go are the definitions of the others.
var levels = map[simd.Level]*level{
	simd.Scalar: {
		rowBlock: RowBlock, list: listGo, gather: gatherGo, gatherWide: gatherGo, taps: tapsGo, count: countGo,
		fire16: [2]func(*Fire16){fire16Go, fire16Go}, fire16Wide: [2]func(*Fire16){fire16Go, fire16Go},
		currents: currentsGo, pack: packGo, ones: onesGo,
	},
}

// active are the kernels in use.
var active = func() *level {
	addLevels()
	return levels[simd.Best()]
}()

// Run lists the events.
func (l *List) Run() { active.list(l) }

// Run adds the rows.
func (g *Gather) Run() { g.run(active) }

func (g *Gather) run(l *level) {
	if g.Steps < 1 {
		return
	}
	g.pad = uint64(uint16(len(g.Rows)/g.RowBytes-1)) * Ones16
	if g.Wide != nil {
		l.gatherWide(g)
	} else {
		l.gather(g)
	}
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
	reset := 0
	if f.Zero {
		reset = 1
	}
	kernels[reset](f)
}

// Run computes the currents.
func (k *Currents) Run() { active.currents(k) }

// Pack16 is what packGo says; dst has a multiple of Block16 words.
func Pack16(dst []uint64, a, b []int32) { active.pack(dst, a[:4*len(dst)], b[:4*len(dst)]) }

// Ones returns how many bits of the words are 1.
func Ones(w []uint64) int { return active.ones(w) }
