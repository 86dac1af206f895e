package emulator

import (
	"slices"

	"spikec/emulator/kernel"
)

// plan16 is for membranes of exactly 16 bits with saturation (kernel.Fire16).
type plan16 struct {
	slots      []int32 // neuron → lane
	words      int     // of spikes of the core
	initial    []uint64
	threshold  []uint64 // a neuron fires above
	subtract   []uint64
	rest       []int32         // the bias
	drives     map[string]uint // register → shift of what is added to it
	quiet      []bool          // word of spikes → no membrane starts above its threshold
	zero, wide bool
	dense      bool // neurons are lanes
}

// newPlan16 lays out the neurons of a rule that fits; with wide their sums are numbers of 32 bits.
func newPlan16(r *rule, l *layout, initial func(n int) int32, wide bool) *plan16 {
	p := &plan16{slots: l.table(len(r.thr)), words: l.words(), zero: r.zero, wide: wide, dense: l.isDense(), drives: r.driveShift}
	p.rest = make([]int32, l.slots)
	p.initial = aligned(l.slots / laneUnit)
	p.threshold, p.subtract = aligned(l.slots/laneUnit), aligned(l.slots/laneUnit)
	for i := range p.threshold {
		p.threshold[i] = (1<<15 - 1) * kernel.Ones16 // no membrane is above: the lanes of nobody never fire
	}
	p.quiet = slices.Repeat([]bool{true}, p.words)
	for n, s := range p.slots {
		above := r.thr[n]
		if !r.strict {
			above--
		}
		above = min(above, 1<<15-1)
		set16(p.threshold, int(s), int16(above))
		set16(p.subtract, int(s), int16(min(r.thr[n], 1<<15-1)))
		set16(p.initial, int(s), int16(initial(n)))
		p.rest[s] = int32(r.bias[n])
		if int64(initial(n)) > above {
			p.quiet[s/spikeBits] = false
		}
	}
	return p
}

// set16 sets a lane of 16 bits.
func set16(w []uint64, lane int, v int16) {
	shift := 16 * (lane % laneUnit)
	w[lane/laneUnit] = w[lane/laneUnit]&^(0xffff<<shift) | uint64(uint16(v))<<shift
}

// fits16 reports whether the rule's membranes can be lanes of 16 bits.
func fits16(r *rule) bool {
	return r.shift == 0 && (interval{r.low, r.high}) == interval{-1 << 15, 1<<15 - 1} && slices.Min(r.thr) >= 0 &&
		r.x.within(interval{-1 << 30, 1 << 30})
}

// String names the method.
func (p *plan16) String() string { return "membranes in lanes of 16 bits" }

// unit: any stretch.
func (p *plan16) unit() int { return 1 }

// newNeurons returns the state of one session.
func (p *plan16) newNeurons(*fastSession) neurons {
	s := &neurons16{plan: p, rest: make([]int32, p.words*spikeBits+sumSlack), v: aligned(p.words * kernel.Block16)}
	s.driven, s.packed = make([]int32, p.words*spikeBits), aligned(p.words*kernel.Block16+sumSlack/laneUnit)
	s.setRest(s.driven)
	return s
}

// neurons16 is the state of plan16.
type neurons16 struct {
	plan   *plan16
	v      []uint64
	driven []int32  // lane → drive
	rest   []int32  // bias and drive
	packed []uint64 // the same in lanes, where it fits
	fire   kernel.Fire16
}

// setRest adds the drive of all lanes to the bias.
func (s *neurons16) setRest(driven []int32) {
	if s.plan.wide {
		for i, b := range s.plan.rest {
			s.rest[i] = b + driven[i]
		}
		return
	}
	kernel.Pack16(s.packed[:s.plan.words*kernel.Block16], s.plan.rest, driven)
}

func (s *neurons16) start(drives map[string][]int32) {
	copy(s.v, s.plan.initial)
	if len(s.plan.drives) > 0 {
		s.setRest(s.sumDrives(drives))
	}
	s.fire.Saturated = 0
}

// onlyDrive returns the one drive there is, if it is added unshifted and its neurons are lanes.
func (p *plan16) onlyDrive() (name string, ok bool) {
	for name, shift := range p.drives {
		return name, len(p.drives) == 1 && shift == 0 && p.dense
	}
	return "", false
}

// sumDrives returns what drives add to the lanes: a single one as it is where its neurons are lanes.
func (s *neurons16) sumDrives(drives map[string][]int32) []int32 {
	if name, alone := s.plan.onlyDrive(); alone && len(drives[name]) == len(s.driven) {
		return drives[name]
	}
	clear(s.driven)
	for name, shift := range s.plan.drives {
		drive := drives[name]
		for n, slot := range s.plan.slots {
			s.driven[slot] += drive[n] << shift
		}
	}
	return s.driven
}

func (s *neurons16) begin(x *sums) {
	x.initStride = 0
	if x.wide != nil {
		x.initWide = s.rest[x.from*spikeBits:]
	} else {
		x.initNarrow = s.packed[x.from*kernel.Block16:]
	}
}

func (s *neurons16) step(x *sums, spikes []uint64, stride int) {
	s.run(x.from, x.to, spikes, stride, x.steps, x.narrow, x.wide, x.stride)
}

// run takes words from..to-1 through steps.
func (s *neurons16) run(from, to int, spikes []uint64, stride, steps int, narrow []uint64, wide []int32, sumStride int) {
	f := &s.fire
	lo, hi := from*kernel.Block16, to*kernel.Block16
	f.V, f.Threshold, f.Subtract = s.v[lo:hi], s.plan.threshold[lo:hi], s.plan.subtract[lo:hi]
	f.Spikes, f.SpikeStride, f.Steps, f.Words = spikes, stride, steps, to-from
	f.Sums, f.Wide, f.SumStride, f.Zero = narrow, wide, sumStride, s.plan.zero
	f.Run()
}

// constant takes a few words at a time through all steps. Words of neurons that have no current, and do not fire at once,
// never fire.
func (s *neurons16) constant(spikes []uint64, stride, steps int) {
	for from := 0; from < s.plan.words; {
		to, dark := from, s.isDark(from)
		for to < s.plan.words && to < from+leastStretch && s.isDark(to) == dark {
			to++
		}
		if dark {
			for t := range steps {
				clear(spikes[t*stride+from : t*stride+to])
			}
		} else {
			s.drive(from, to, spikes, stride, steps)
		}
		from = to
	}
}

// drive takes words from..to-1 through steps in which nothing arrives.
func (s *neurons16) drive(from, to int, spikes []uint64, stride, steps int) {
	for t := 0; t < steps; t += kernel.MaxSteps {
		n := min(kernel.MaxSteps, steps-t)
		if s.plan.wide {
			s.run(from, to, spikes[t*stride+from:], stride, n, nil, s.rest[from*spikeBits:], 0)
		} else {
			s.run(from, to, spikes[t*stride+from:], stride, n, s.packed[from*kernel.Block16:], nil, 0)
		}
	}
}

// isDark reports whether the neurons of a word of spikes never fire without spikes that arrive.
func (s *neurons16) isDark(w int) bool {
	if !s.plan.quiet[w] {
		return false
	}
	if s.plan.wide {
		return !slices.ContainsFunc(s.rest[w*spikeBits:(w+1)*spikeBits], func(x int32) bool { return x != 0 })
	}
	for _, x := range s.packed[w*kernel.Block16 : (w+1)*kernel.Block16] {
		if x != 0 {
			return false
		}
	}
	return true
}

func (s *neurons16) membranes(dst []int32) {
	if s.plan.dense {
		kernel.Widen(dst, s.v)
		return
	}
	for n, slot := range s.plan.slots {
		dst[n] = int32(int16(s.v[slot/laneUnit] >> (16 * (slot % laneUnit))))
	}
}

func (s *neurons16) saturated() int64 { return int64(s.fire.Saturated) }
