package encoder

import "math/bits"

func init() {
	register("refractory", encoder{about: "after a spike silent for d steps, else a draw in every step; d = 1", random: true,
		parameter: 1, least: 1, most: 1000, peak: refractoryPeak, begin: beginRefractory, next: refractory})
}

// refractoryPeak is 1/(d+1), the rate of a neuron that fires whenever it may: code c stands for the rate ρ = x/(d+1).
func refractoryPeak(d int) float64 { return 1 / float64(d+1) }

// beginRefractory starts in the midst of a train: with probability ρ each, the last spike was 1, 2 … d steps before step 0.
// Until then the state is the step before which no spike may come. Without it, the first steps would have more spikes than the
// others. With n = ⌊u/ρ⌋ < d, the train is silent for n + 1 steps; in integers, ⌊u·255(d+1)/2^64⌋ < d·code.
func beginRefractory(t *train) {
	u := t.draws.at(0)
	hi, _ := bits.Mul64(u, uint64(codes*(t.parameter+1)))
	if n := int(hi) / int(t.code); n < t.parameter {
		t.state = n + 1
	}
}

// refractory is silent for d steps after a spike, and fires in every other step with probability p. The rate is
// 1/(d + 1/p); for it to be ρ = x/(d+1), p is compensated (Berry, Meister 1998, "Refractoriness and neural precision"):
//
//	p = ρ/(1 − ρd) = code / (255(d+1) − code·d)
//
// so that a spike falls in step t iff u(t+1)·(255(d+1) − code·d) < code·2^64. The intervals' coefficient of variation is
// √(1−p)·(1 − ρd), below that of bernoulli at the same rate.
func refractory(t *train, limit int) int {
	all := uint64(codes*(t.parameter+1) - int(t.code)*t.parameter)
	for s := max(t.from, t.state); s < limit; s++ {
		if hi, _ := bits.Mul64(t.draws.at(uint64(s)+1), all); hi < uint64(t.code) {
			t.state = s + 1 + t.parameter
			return s
		}
	}
	return limit
}
