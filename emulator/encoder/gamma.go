package encoder

func init() {
	register("gamma", encoder{about: "waiting times that are sums of k exponential ones, more regular than poisson; k = 4", random: true,
		parameter: 4, least: 1, most: 1000, begin: beginGamma, next: gamma})
}

// gammaTime is −(1/(k·x)) Σ ln u over n draws.
func gammaTime(t *train, n int) float64 {
	sum := 0.0
	for range n {
		sum -= ln(t.draws.unit())
	}
	return sum * codes / float64(t.parameter*int(t.code))
}

// beginGamma starts in the midst of a train, at a uniform point of an interval. Longer intervals hold more points: the law
// of the one that holds it has order k + 1 (Cox 1962, "Renewal theory", 5.2).
func beginGamma(t *train) {
	u := t.draws.unit()
	t.at = u * gammaTime(t, t.parameter+1)
}

// gamma plays a renewal process in continuous time whose intervals have a gamma law of order k and mean 1/x, −(1/(kx)) Σ ln
// u over k draws, as if every k-th event of a Poisson process counted; their coefficient of variation is 1/√k (Kuffler,
// Fitzhugh, Barlow 1957). Events of one step are one spike, so at high codes some are lost: for k = 4, 4 of 100 at x = ½ and 20
// at x = 1 (measured).
func gamma(t *train, _ int) int {
	for int(t.at) < t.from {
		t.at += gammaTime(t, t.parameter)
	}
	return int(t.at)
}
