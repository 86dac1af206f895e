package encoder

import "math"

func init() {
	register("geometric", encoder{about: "geometric gaps, drawn a spike: the law of bernoulli", random: true, begin: beginGeometric, next: geometric})
}

// geometricGap draws the steps from one spike to the next.
func geometricGap(t *train) float64 {
	if t.code == codes {
		return 1
	}
	return 1 + math.Floor(-ln(t.draws.unit())/predistorted[t.code])
}

// beginGeometric draws the first spike: as if there had been one in step −1.
func beginGeometric(t *train) { t.at = geometricGap(t) - 1 }

// geometric waits 1 + ⌊ln u / ln(1−x)⌋ steps from spike to spike, which is the law of the gaps of bernoulli (Devroye 1986,
// "Non-uniform random variate generation", X.2) at the cost of one draw a spike.
func geometric(t *train, _ int) int {
	for int(t.at) < t.from {
		t.at += geometricGap(t)
	}
	return int(t.at)
}
