package emulator

import (
	"slices"

	"spikec/emulator/kernel"
)

// neuronPlan is how the neurons of a core are computed; it is shared by all sessions.
type neuronPlan interface {
	// newNeurons returns the state of the neurons for one session.
	newNeurons() neurons
	// String says which method it is.
	String() string
}

// neurons is the state of the neurons of one core.
type neurons interface {
	// start sets the state to the start of a picture. drive holds, for every neuron of the core, what is added to
	// its bias, or is nil.
	start(drive []int64)
	// accumulators returns the words that the arriving weights are added to.
	accumulators() []uint64
	// step adds what has arrived and the bias to the membranes, and writes the spikes, a bit a lane.
	step(spikes []uint64)
	// constant is step for every step of the window, for a core where nothing arrives: spikes holds as many words
	// for every step as step writes. With each it is called after every step.
	constant(spikes []uint64, each func(t int))
	// membrane returns the membrane in a lane.
	membrane(slot int) int32
	// saturated returns how often a membrane was limited since the start.
	saturated() int64
}

// idle16 and idleWide are thresholds that no membrane reaches, for the lanes of nobody.
const (
	idle16   = 1 << 15
	idleWide = 1 << 40
)

// plan16 is for membranes of exactly 16 bits whose sums fit 16 bits: four neurons a word, in the accumulators' lanes.
type plan16 struct {
	slots     []int32 // neuron → lane
	lanes     int     // lanes of the core
	bias      []int64
	initial   []uint64
	threshold []uint64
	rest      []uint64 // the bias, added to the offset of the accumulators
	quiet     []bool   // block → no membrane starts at its threshold or above
	reset     kernel.Reset16
}

// newPlan16 lays out the neurons of a rule that fits.
func newPlan16(r *rule, l *layout, initial func(n int) int32) *plan16 {
	p := &plan16{slots: l.table(len(r.thr)), lanes: l.slots, bias: r.bias}
	words := l.slots / 4
	p.initial = make([]uint64, words)
	p.threshold = slices.Repeat([]uint64{idle16 * kernel.Ones16}, words)
	p.rest = slices.Repeat([]uint64{kernel.Offset(4)}, words)
	if r.strict {
		p.reset.Strict = kernel.Ones16
	}
	if r.zero {
		p.reset.Zero = ^uint64(0)
	}
	for n, s := range p.slots {
		thr := min(r.thr[n], idle16)
		if r.strict {
			thr = min(thr+1, idle16)
		}
		p.threshold[s/4] += kernel.Lane(4, int(s)%4, thr-idle16)
		p.initial[s/4] |= uint64(uint16(initial(n))) << (16 * (s % 4))
		p.rest[s/4] += kernel.Lane(4, int(s)%4, r.bias[n])
	}
	p.quiet = slices.Repeat([]bool{true}, l.slots/spikeBits)
	for n, s := range p.slots {
		if start := int64(initial(n)); start > r.thr[n] || start == r.thr[n] && !r.strict {
			p.quiet[s/spikeBits] = false
		}
	}
	return p
}

// fits16 reports whether the rule's membranes can be lanes of 16 bits.
func fits16(r *rule) bool {
	all := interval{-1 << 15, 1<<15 - 1}
	return r.shift == 0 && (interval{r.low, r.high}) == all && r.x.within(all) && slices.Min(r.thr) >= 0
}

// String names the method.
func (p *plan16) String() string { return "membranes in 4 lanes of 16 bits" }

// newNeurons returns the state of one session.
func (p *plan16) newNeurons() neurons {
	return &neurons16{plan: p, v: make([]uint64, p.lanes/4), acc: make([]uint64, p.lanes/4), rest: p.rest}
}

// neurons16 is the state of plan16.
type neurons16 struct {
	plan   *plan16
	v, acc []uint64
	rest   []uint64 // the plan's, or with a drive one of its own
	count  int64
}

func (s *neurons16) start(drive []int64) {
	copy(s.v, s.plan.initial)
	if drive != nil {
		if &s.rest[0] == &s.plan.rest[0] {
			s.rest = make([]uint64, len(s.plan.rest))
		}
		copy(s.rest, s.plan.rest)
		for n, slot := range s.plan.slots {
			s.rest[slot/4] += kernel.Lane(4, int(slot)%4, drive[n])
		}
	}
	copy(s.acc, s.rest)
	s.count = 0
}

func (s *neurons16) accumulators() []uint64 { return s.acc }

func (s *neurons16) step(spikes []uint64) {
	s.count += int64(kernel.Fire16(s.v, s.acc, s.rest, s.plan.threshold, spikes, s.plan.reset))
}

// constant goes block by block through all steps, unless every step is to be seen. A block that has no current, and
// does not fire at once, never fires.
func (s *neurons16) constant(spikes []uint64, each func(t int)) {
	for i := range s.acc {
		s.acc[i] ^= kernel.Offset(4)
	}
	words := s.plan.lanes / spikeBits
	steps := len(spikes) / words
	if each != nil {
		for t := range steps {
			s.count += int64(kernel.Drive16(s.v, s.acc, s.plan.threshold, spikes[t*words:(t+1)*words], s.plan.reset))
			each(t)
		}
		return
	}
	for b := range words {
		lo, hi := b*kernel.Block16, (b+1)*kernel.Block16
		v, x, thr := s.v[lo:hi], s.acc[lo:hi], s.plan.threshold[lo:hi]
		if s.plan.quiet[b] && !slices.ContainsFunc(x, func(w uint64) bool { return w != 0 }) {
			for t := range steps {
				spikes[t*words+b] = 0
			}
			continue
		}
		for t := range steps {
			s.count += int64(kernel.Drive16(v, x, thr, spikes[t*words+b:t*words+b+1], s.plan.reset))
		}
	}
}

func (s *neurons16) membrane(slot int) int32 { return int32(kernel.At(s.v[slot/4], 4, slot%4)) }

func (s *neurons16) saturated() int64 { return s.count }

// planWide is for all other rules: membranes of 32 bits, sums of 64.
type planWide struct {
	slots       []int32
	lanes       int // lanes of the core
	perWord     int // lanes of a word of the accumulators
	shift       uint
	initial     []int32
	threshold   []int64
	rest        []int64
	reset       kernel.ResetWide
	accumulator uint64 // how an accumulator starts
}

// newPlanWide lays out the neurons of a rule.
func newPlanWide(r *rule, l *layout, initial func(n int) int32) *planWide {
	p := &planWide{slots: l.table(len(r.thr)), lanes: l.slots, perWord: l.lanes, shift: r.shift, accumulator: kernel.Offset(l.lanes)}
	p.initial, p.rest = make([]int32, l.slots), make([]int64, l.slots)
	p.threshold = slices.Repeat([]int64{idleWide}, l.slots)
	p.reset = kernel.ResetWide{Low: r.low, High: r.high, Zero: r.zero}
	if r.strict {
		p.reset.Strict = 1
	}
	for n, s := range p.slots {
		p.threshold[s] = max(min(r.thr[n], idleWide), -idleWide) + p.reset.Strict
		p.initial[s] = initial(n)
		p.rest[s] = r.bias[n]
	}
	return p
}

// String names the method.
func (p *planWide) String() string { return "membranes of 32 bits" }

// newNeurons returns the state of one session.
func (p *planWide) newNeurons() neurons {
	return &neuronsWide{plan: p, v: make([]int32, p.lanes), acc: make([]uint64, p.lanes/p.perWord), rest: p.rest}
}

// neuronsWide is the state of planWide.
type neuronsWide struct {
	plan  *planWide
	v     []int32
	acc   []uint64
	rest  []int64 // the plan's, or with a drive one of its own
	sums  [kernel.BlockWide]int64
	count int64
}

func (s *neuronsWide) start(drive []int64) {
	copy(s.v, s.plan.initial)
	for i := range s.acc {
		s.acc[i] = s.plan.accumulator
	}
	if drive != nil {
		if &s.rest[0] == &s.plan.rest[0] {
			s.rest = make([]int64, len(s.plan.rest))
		}
		copy(s.rest, s.plan.rest)
		for n, slot := range s.plan.slots {
			s.rest[slot] += drive[n]
		}
	}
	s.count = 0
}

func (s *neuronsWide) accumulators() []uint64 { return s.acc }

func (s *neuronsWide) step(spikes []uint64) {
	words := kernel.BlockWide / s.plan.perWord
	for b := range spikes {
		kernel.Unpack(s.sums[:], s.acc[b*words:(b+1)*words], s.plan.perWord, s.plan.shift)
		s.fire(b, spikes[b:b+1])
	}
}

// fire adds the sums to the membranes of one block.
func (s *neuronsWide) fire(b int, spikes []uint64) {
	lo, hi := b*kernel.BlockWide, (b+1)*kernel.BlockWide
	s.count += int64(kernel.FireWide(s.v[lo:hi], s.sums[:], s.rest[lo:hi], s.plan.threshold[lo:hi], spikes, s.plan.reset))
}

func (s *neuronsWide) constant(spikes []uint64, each func(t int)) {
	clear(s.sums[:])
	words := s.plan.lanes / spikeBits
	for t := range len(spikes) / words {
		for b := range words {
			s.fire(b, spikes[t*words+b:t*words+b+1])
		}
		if each != nil {
			each(t)
		}
	}
}

func (s *neuronsWide) membrane(slot int) int32 { return s.v[slot] }

func (s *neuronsWide) saturated() int64 { return s.count }
