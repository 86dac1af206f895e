package emulator

import (
	"slices"

	"spikec/emulator/kernel"
)

// idleWide is a threshold that no membrane of 32 bits reaches, for the lanes of nobody.
const idleWide = 1 << 40

// planWide is for membranes of up to 32 bits and sums of 32 (kernel.FireWide).
type planWide struct {
	slots     []int32
	words     int // of spikes of the core
	shift     uint
	initial   []int32
	threshold []int64
	rest      []int64
	reset     kernel.ResetWide
}

// newPlanWide lays out the neurons of a rule.
func newPlanWide(r *rule, l *layout, initial func(n int) int32) *planWide {
	p := &planWide{slots: l.table(len(r.thr)), words: l.words(), shift: r.shift}
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
	return &neuronsWide{plan: p, v: make([]int32, p.words*spikeBits), rest: slices.Clone(p.rest), zeros: make([]int32, p.words*spikeBits+sumSlack)}
}

// neuronsWide is the state of planWide.
type neuronsWide struct {
	plan  *planWide
	v     []int32
	rest  []int64 // bias and drive
	zeros []int32
	sums  [kernel.BlockWide]int64
	count int64
}

func (s *neuronsWide) start(drive []int32) {
	copy(s.v, s.plan.initial)
	if drive != nil {
		copy(s.rest, s.plan.rest)
		for n, slot := range s.plan.slots {
			s.rest[slot] += int64(drive[n])
		}
	}
	s.count = 0
}

func (s *neuronsWide) begin(x *sums) { x.initWide, x.initStride = s.zeros, 0 }

func (s *neuronsWide) step(x *sums, spikes []uint64, stride int) {
	for t := range x.steps {
		for w := x.from; w < x.to; w++ {
			at := t*x.stride + (w-x.from)*spikeBits
			for k, v := range x.wide[at : at+spikeBits] {
				s.sums[k] = int64(v) << s.plan.shift
			}
			s.fire(w, spikes[t*stride+w-x.from:])
		}
	}
}

// fire adds the sums to the membranes of one word of spikes.
func (s *neuronsWide) fire(w int, spikes []uint64) {
	lo, hi := w*kernel.BlockWide, (w+1)*kernel.BlockWide
	s.count += int64(kernel.FireWide(s.v[lo:hi], s.sums[:], s.rest[lo:hi], s.plan.threshold[lo:hi], spikes[:1], s.plan.reset))
}

func (s *neuronsWide) constant(spikes []uint64, stride, steps int) {
	clear(s.sums[:])
	for t := range steps {
		for w := range s.plan.words {
			s.fire(w, spikes[t*stride+w:])
		}
	}
}

func (s *neuronsWide) membranes(dst []int32) {
	for n, slot := range s.plan.slots {
		dst[n] = s.v[slot]
	}
}

func (s *neuronsWide) saturated() int64 { return s.count }
