package emulator

import (
	"slices"

	"spikec/target/chip"
	"spikec/target/image"
)

// Decision is what a read-out says of one picture.
type Decision struct {
	Class int
	// Step is the number of steps of the output's window after which it was made: that of the first spike, or of the early
	// exit, else all of them.
	Step int
	// Tied: the output fires, and its spikes alone do not decide.
	Tied bool
}

// Decided returns the numbers of steps after which a decision is asked for: the powers of two from 2 on that lie between
// the delay of the read-out and T, and T; of windows of two stages T alone, steps of the last stage: before, no layer knows
// all that arrives.
func Decided(img *image.Image, p *chip.Profile) []int {
	var at []int
	for n := 2; n < img.Steps && p.Execution.StageCount() == 1; n *= 2 {
		if n > img.Output.Delay {
			at = append(at, n)
		}
	}
	return append(at, img.Steps)
}

// Checkpoints returns the numbers of steps after which results are recorded, in ascending order: the delay of the read-out
// and those of Decided, or where every step is looked at all of them from the delay on.
func Checkpoints(img *image.Image, p *chip.Profile) []int {
	var at []int
	if img.Output.Delay > 0 {
		at = append(at, img.Output.Delay)
	}
	if !img.Output.EveryStep() {
		return append(at, Decided(img, p)...)
	}
	for n := img.Output.Delay + 1; n <= img.Steps; n++ {
		at = append(at, n)
	}
	return at
}

// Decide returns the decision that the output neurons made in the first so many steps, one of Decided:
//
//	membrane      the class whose membrane gained most since the delay
//	count         the class with the most spikes since the delay; ties go to the higher membrane
//	first-spike   the class whose spikes since the delay are first above 0; several in one step, and none at all, go to the
//	              higher membrane after the step
//
// Remaining ties go to the lower class, as those do that membranes would decide where nobody sees them (Output.SpikesOnly). An early exit is another matter: see Exit.
func Decide(o *image.Output, r *Result, steps int) Decision {
	at := slices.Index(r.Steps, steps)
	v := newView(o, r)
	switch o.Readout {
	case image.Membrane:
		return Decision{Class: v.leader(at).first, Step: steps}
	case image.FirstSpike:
		for i := v.start(); i <= at; i++ {
			if l := v.leader(i); l.most > 0 {
				return Decision{l.first, r.Steps[i], l.tied}
			}
		}
		if o.SpikesOnly {
			return Decision{0, steps, o.Classes > 1}
		}
		// Not the most spikes: those of before the delay may have been taken back.
		v.membrane, v.from = true, -1
		return Decision{v.leader(at).first, steps, len(r.Potentials[at]) > 1}
	}
	l := v.leader(at)
	return Decision{l.first, steps, l.tied}
}

// view is what the read-out sees of a result.
type view struct {
	r        *Result
	membrane bool // it looks at membranes, not at spikes
	blind    bool // it sees no membranes
	from     int  // the checkpoint of the delay, or -1
}

func newView(o *image.Output, r *Result) view {
	return view{r, o.Readout == image.Membrane, o.SpikesOnly, slices.Index(r.Steps, o.Delay)}
}

// start returns the first checkpoint behind the delay.
func (v view) start() int { return v.from + 1 }

// score returns what class k has at checkpoint i: what its membrane gained, or its spikes.
func (v view) score(i, k int) int64 {
	values := v.r.Counts
	if v.membrane {
		values = v.r.Potentials
	}
	s := int64(values[i][k])
	if v.from >= 0 {
		s -= int64(values[v.from][k])
	}
	return s
}

// leader is the class that is ahead.
type leader struct {
	first int   // the class
	most  int64 // its score
	tied  bool  // another one has the same score
}

// leader returns the class that is ahead at checkpoint i; of those with the same score the one with the highest membrane,
// then the lowest one.
func (v view) leader(i int) leader {
	l := leader{most: v.score(i, 0)}
	membranes := v.r.Potentials[i]
	for k := 1; k < len(membranes); k++ {
		switch s := v.score(i, k); {
		case s > l.most:
			l = leader{first: k, most: s}
		case s == l.most:
			l.tied = true
			if !v.membrane && !v.blind && membranes[k] > membranes[l.first] {
				l.first = k
			}
		}
	}
	return l
}
