package snn

import "slices"

// Readout says how the spikes and membranes of the output become a decision.
type Readout struct {
	// Kind is one of:
	//	membrane      the highest membrane; the output does not fire
	//	count         the most spikes, ties to the higher membrane
	//	first-spike   the first spike, or where spikes are taken back the first count above 0; several in one step and none at
	//	              all to the higher membrane
	// Remaining ties go to the lower class.
	Kind string
	// Delay is T0: only what happens in steps (T0, T] counts. For membrane that is what the membrane gained; ties of the
	// others look at the membrane itself.
	Delay int
	// SpikesOnly: nobody sees membranes, so that what they would decide above goes to the lower class.
	SpikesOnly bool
}

// The kinds of read-out.
const (
	Membrane   = "membrane"
	Count      = "count"
	FirstSpike = "first-spike"
)

// Decision is what a read-out says of one picture.
type Decision struct {
	Class int
	// Step is the number of steps after which it was made: that of the first spike, else of the whole run.
	Step int
	// Tied: the output fires, and its spikes alone do not decide.
	Tied bool
}

// Decided returns the numbers of steps after which a decision is asked for: the powers of two from 2 on that lie between
// the delay and steps, and steps; of staged neurons steps of the second stage alone: before, no layer knows all that arrives.
func (r Readout) Decided(steps int, f Firing) []int {
	var at []int
	for t := 2; t < steps && f != Staged; t *= 2 {
		if t > r.Delay {
			at = append(at, t)
		}
	}
	return append(at, steps)
}

// Checkpoints returns the numbers of steps after which Decide needs a record, in ascending order: those of Decided and the
// delay, or from the delay on every one where the first spike is looked for.
func (r Readout) Checkpoints(steps int, f Firing) []int {
	var at []int
	if r.Delay > 0 {
		at = append(at, r.Delay)
	}
	if r.Kind != FirstSpike {
		return append(at, r.Decided(steps, f)...)
	}
	for t := r.Delay + 1; t <= steps; t++ {
		at = append(at, t)
	}
	return at
}

// Decide returns the decision after so many steps of a run that was recorded at Checkpoints. steps is one of Decided.
func Decide[N Number](r Readout, run *Result[N], steps int) Decision {
	at := slices.Index(run.Steps, steps)
	d := decider[N]{run: run, from: slices.Index(run.Steps, r.Delay), blind: r.SpikesOnly}
	switch r.Kind {
	case Membrane:
		return Decision{Class: d.highest(at, d.gain), Step: steps}
	case FirstSpike:
		return d.firstSpike(at)
	}
	return d.mostSpikes(at)
}

// decider looks at a run from one checkpoint on.
type decider[N Number] struct {
	run  *Result[N]
	from int // -1: the start
	// blind: Readout.SpikesOnly
	blind bool
}

// spikes returns how often class k fired up to checkpoint i.
func (d decider[N]) spikes(i, k int) int32 {
	if d.from < 0 {
		return d.run.Counts[i][k]
	}
	return d.run.Counts[i][k] - d.run.Counts[d.from][k]
}

// membrane returns the membrane of class k.
func (d decider[N]) membrane(i, k int) float64 { return float64(d.run.Potentials[i][k]) }

// tie returns what decides between classes that spiked alike: the membrane, or nothing where nobody sees it.
func (d decider[N]) tie(i, k int) float64 {
	if d.blind {
		return 0
	}
	return d.membrane(i, k)
}

// gain returns how much higher it is than at the first checkpoint, which is exact for integers.
func (d decider[N]) gain(i, k int) float64 {
	if d.from < 0 {
		return d.membrane(i, k)
	}
	return d.membrane(i, k) - d.membrane(d.from, k)
}

// highest returns the lowest of the classes of which value is highest.
func (d decider[N]) highest(i int, value func(i, k int) float64) int {
	best := 0
	for k := range d.run.Potentials[i] {
		if value(i, k) > value(i, best) {
			best = k
		}
	}
	return best
}

// mostSpikes is the read-out count at a checkpoint.
func (d decider[N]) mostSpikes(i int) Decision {
	best, tied := 0, false
	for k := 1; k < len(d.run.Counts[i]); k++ {
		switch n, most := d.spikes(i, k), d.spikes(i, best); {
		case n > most:
			best, tied = k, false
		case n == most:
			tied = true
			if d.tie(i, k) > d.tie(i, best) {
				best = k
			}
		}
	}
	return Decision{best, d.run.Steps[i], tied}
}

// firstSpike is the read-out first-spike up to a checkpoint.
func (d decider[N]) firstSpike(last int) Decision {
	for i := d.from + 1; i <= last; i++ {
		best, fired := -1, 0
		for k := range d.run.Counts[i] {
			if d.spikes(i, k) <= 0 {
				continue
			}
			if fired++; best < 0 || d.tie(i, k) > d.tie(i, best) {
				best = k
			}
		}
		if fired > 0 {
			return Decision{best, d.run.Steps[i], fired > 1}
		}
	}
	return Decision{d.highest(last, d.tie), d.run.Steps[last], len(d.run.Counts[last]) > 1}
}
