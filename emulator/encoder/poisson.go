package encoder

import "math"

func init() {
	register("poisson", encoder{about: "a Poisson number of events in every step, at a rate that keeps the mean x", random: true, next: poisson})
	register("poisson-raw", encoder{about: "a Poisson number of events in every step, at rate x: 1-exp(-x) spikes a step", random: true, next: poissonRaw})
	register("poisson-intervals", encoder{about: "a Poisson process by waiting times, at a rate that keeps the mean x", random: true, begin: beginIntervals, next: intervals})
}

// poisson fires in step t iff a Poisson process of rate r has an event in it: iff u > e^(−r), u being uniform, so with
// probability 1 − e^(−r). The rate is pre-distorted, r = −ln(1−x), so that this is x (conversion.md, 2.3): u > 1 − x, in
// integers ⌊u·255/2^64⌋ >= 255 − code. The law is that of bernoulli, the spikes are others.
func poisson(t *train, limit int) int {
	for s := t.from; s < limit; s++ {
		if !below(t.draws.at(uint64(s)), codes-t.code) {
			return s
		}
	}
	return limit
}

// silence[c] is ⌊2^64·e^(−c/255)⌋ for c >= 1: u below it is a step without an event at rate c/255.
var silence = func() (table [codes + 1]uint64) {
	for c := 1; c <= codes; c++ {
		table[c] = uint64(math.Ldexp(exp(-float64(c)/codes), 64))
	}
	return table
}()

// poissonRaw is poisson at the rate r = x, without pre-distortion (Heeger 2000): it fires 1 − e^(−x) times a step, 0.632
// for code 255.
func poissonRaw(t *train, limit int) int {
	u := silence[t.code]
	for s := t.from; s < limit; s++ {
		if t.draws.at(uint64(s)) >= u {
			return s
		}
	}
	return limit
}

// beginIntervals draws the first event.
func beginIntervals(t *train) {
	if t.code < codes {
		t.at = -ln(t.draws.unit()) / predistorted[t.code]
	}
}

// intervals plays a Poisson process of rate r = −ln(1−x) in continuous time, whose waiting times are −ln(u)/r (Heeger
// 2000): an event at time a, in steps, is a spike of step ⌊a⌋, and more events in one step are the same spike. Code 255,
// whose rate has no bound, fires in every step.
func intervals(t *train, _ int) int {
	if t.code == codes {
		return t.from
	}
	for int(t.at) < t.from {
		t.at += -ln(t.draws.unit()) / predistorted[t.code]
	}
	return int(t.at)
}
