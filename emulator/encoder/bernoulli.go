package encoder

func init() {
	register("bernoulli", encoder{about: "a draw in every step: a spike with probability x", random: true, next: bernoulli})
}

// bernoulli fires in step t iff u(t)·255 < code·2^64 (below): with probability x in every step, whatever happened before
// (Heeger 2000, "Poisson model of spike generation"; Cao et al. 2015). Counts of T steps are binomial: mean xT, variance
// x(1−x)T.
func bernoulli(t *train, limit int) int {
	for s := t.from; s < limit; s++ {
		if below(t.draws.at(uint64(s)), t.code) {
			return s
		}
	}
	return limit
}
