package emulator

import (
	"errors"
	"fmt"

	"spikec/target/image"
)

// passes is the program of a chip for the neurons of one core, as a list of loops over columns: the fast neuron model for
// every program that is not a plain integrate-and-fire rule. A column holds one number of 32 bits for every neuron: a
// variable, a register, or an intermediate result. Whatever does not change in a picture is computed before, and what is
// the same for all neurons is a constant.
//
// It computes the integers and the saturations of the reference engine, of which newPasses proves what that takes: the
// arriving weights are taken by one integrate, every number fits its column, and nothing is reached that is not emulated.
// Where a saturation may change a sum on the way, between two weights, the neurons for which that cannot be ruled out in
// a step are added up weight by weight (replay).
type passes struct {
	neurons int
	columns int            // of a session
	initial []int32        // membranes at the start of a picture
	v       int            // column of the membrane
	fired   int            // column of the flags: −1 where it is set, else 0
	lowered int            // the same of the lower flags
	kept    map[string]int // variable that a step leaves to the next one → its column
	drives  []drivenColumn
	start   []pass // once a picture
	before  []pass // up to the integrate; everything where it needs no replay
	after   []pass
	firing  []pass      // of the second stage of a window
	each    *eachWeight // nil: the sums are exact in every case
}

// drivenColumn is a register that drives are added to.
type drivenColumn struct {
	register string
	column   int
	rest     []int32 // without drives
}

// pass is a loop over neurons lo..hi−1 of a core.
type pass func(s *passState, lo, hi int)

// passBlock is how many neurons all passes run over before the next ones, so that columns stay near the processor. It is
// a multiple of 64, so that blocks have words of spikes of their own.
const passBlock = 1024

// replay goes through what arrived in the step, in the order of the chip (replayer), and calls add for every weight that
// reaches one of the neurons, which ascend.
type replay func(neurons []int32, add func(neuron int, weight int32))

// newPasses compiles a profile's program for the neurons of a core, or says what keeps the core from it. least and most
// limit, for each neuron, the sum of any choice of the weights that may arrive in one step (image.Bound); driven are the
// registers that drives are added to, with the range of what is added. The sums that steps take are in units of 2^unit.
func newPasses(p *program, c *image.Core, least, most []int64, driven map[string]interval, unit uint) (*passes, error) {
	state := newCoreState(&refCore{Core: c}, p, 0)
	ranges := map[string]interval{}
	for i, name := range assigned(p.profile) {
		if p.persistent[i] {
			ranges[name] = interval{}
		}
	}
	ranges["v"] = startRange(state, p.slots["v"])
	for range 64 * len(ranges) {
		b := newPassBuilder(p, state, ranges, driven)
		b.least, b.most, b.unit = least, most, unit
		left, err := b.build()
		if err != nil {
			return nil, err
		}
		if !widen(ranges, left) {
			return b.out, nil
		}
	}
	return nil, errors.New("the ranges of the variables have no end")
}

// startRange returns the range of a slot at the start of a picture.
func startRange(s *coreState, slot int) interval {
	r := point(s.rest[slot])
	for n := range s.neurons {
		r = r.join(point(s.rest[n*s.stride+slot]))
	}
	return r
}

// passState is the state of one session.
type passState struct {
	passes  *passes
	columns [][]int32
	none    []int32 // the sums of a block where nothing arrives
	count   int64   // saturations since the start
	lower   int64   // lower resets since the start
	fires   bool    // in the second stage of the window
	add     func(neuron int, weight int32)

	// Of the step, for neurons from first on.
	first    int
	sum      []int32
	spikes   []uint64
	negative []uint64
	words    [passBlock / 64]uint64 // a bit a neuron of a block
	flagged  []int32                // neurons to be added up weight by weight
}

// String says how the neurons are computed.
func (p *passes) String() string {
	n := len(p.before) + len(p.after)
	text := fmt.Sprintf("%d passes over columns of 32 bits", n)
	if n == 1 {
		text = "one pass over columns of 32 bits"
	}
	if p.each != nil {
		text += fmt.Sprintf(", weight by weight where %s may change a sum on the way", p.each.arith)
	}
	return text
}

// newState allocates for one session.
func (p *passes) newState() *passState {
	s := &passState{passes: p, none: make([]int32, passBlock)}
	s.add = s.addWeight
	all := make([]int32, p.columns*p.neurons)
	for i := range p.columns {
		s.columns = append(s.columns, all[i*p.neurons:(i+1)*p.neurons:(i+1)*p.neurons])
	}
	return s
}

// start sets the state to the start of a picture. drive holds, for every register of driven, what is added to it for each
// neuron of the core; a register that is missing has no drive in this picture.
func (s *passState) start(drive map[string][]int32) {
	for _, column := range s.passes.kept {
		clear(s.columns[column])
	}
	clear(s.columns[s.passes.fired])
	clear(s.columns[s.passes.lowered])
	copy(s.columns[s.passes.v], s.passes.initial)
	for _, d := range s.passes.drives {
		column := s.columns[d.column]
		copy(column, d.rest)
		for n, x := range drive[d.register] {
			column[n] += x
		}
	}
	s.count, s.lower, s.fires = 0, 0, false
	s.run(s.passes.start, 0, s.passes.neurons)
}

// step runs the program once for neurons lo..hi−1: sum holds the sum of the weights that arrive at each of them, or is
// nil where nothing arrives. The spikes are written as bits, neuron n in bit (n−lo)%64 of word (n−lo)/64. again is
// called at most once. negative is as spikes, for those of −1; nil where there are none.
func (s *passState) step(lo, hi int, sum []int32, spikes, negative []uint64, again replay) {
	s.first, s.sum, s.spikes, s.negative, s.flagged = lo, sum, spikes, negative, s.flagged[:0]
	if s.fires {
		s.run(s.passes.firing, lo, hi)
		return
	}
	s.run(s.passes.before, lo, hi)
	if len(s.flagged) > 0 {
		again(s.flagged, s.add)
	}
	s.run(s.passes.after, lo, hi)
}

// run runs passes over neurons from..to−1, block by block.
func (s *passState) run(list []pass, from, to int) {
	if len(list) == 0 {
		return
	}
	for lo := from; lo < to; lo += passBlock {
		hi := min(lo+passBlock, to)
		for _, p := range list {
			p(s, lo, hi)
		}
	}
}

// membranes returns the membranes of the core's neurons.
func (s *passState) membranes() []int32 { return s.columns[s.passes.v] }

// saturated returns how often an operation changed a value since the start of the picture.
func (s *passState) saturated() int64 { return s.count }
