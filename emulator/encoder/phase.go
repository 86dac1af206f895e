package encoder

import "math/bits"

func init() {
	register("regular-phase", encoder{about: "evenly spaced spikes, every neuron at a phase of its own", random: true, begin: beginPhase, next: phase})
	register("sigma-delta", encoder{about: "evenly spaced spikes, from an accumulator that starts half full", begin: beginHalf, next: phase})
}

// beginHalf starts at A(0) = 127/255, which rounds counts to the nearest: after T steps the count is off xT by at most ½
// and 1/510. It is what an integrate-and-fire neuron makes of a constant current (encoding regular), made by the host.
func beginHalf(t *train) { t.state = codes / 2 }

// beginPhase draws the start A(0) = ⌊u·255/2^64⌋/255 of the accumulator.
func beginPhase(t *train) {
	hi, _ := bits.Mul64(t.draws.at(0), codes)
	t.state = int(hi)
}

// phase is the accumulator of first-order sigma-delta modulation, and of Bresenham's lines: A += x; a spike where A >= 1,
// which is taken off; from a start that is drawn, so that neurons of one code do not fire together. In units of 1/255 and
// with a = A(0), step t has a spike iff ⌊(a + code·(t+1))/255⌋ > ⌊(a + code·t)/255⌋; every T steps have ⌊xT⌋ or ⌈xT⌉.
func phase(t *train, _ int) int {
	a, c := t.state, int(t.code)
	filled := (a + c*t.from) / codes
	return ((filled+1)*codes-a+c-1)/c - 1
}
