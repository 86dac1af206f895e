package simulate

import (
	"maps"
	"math"
	"slices"
)

// sortedKeys returns the keys of an object in order.
func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

// sample compares the mean of own runs with a recorded mean of n runs and its standard error, by the rule of statistical
// recordings: |mean − recorded| ≤ 4·se·√(1 + n/m) for m own runs. A recorded error below 1e-12 of the mean counts as that: what does
// not vary still rounds.
func (c *recording) sample(what string, own []float64, recorded node) {
	c.meanOf(what, own, recorded.at("mean").float(), recorded.at("se").float(), recorded.at("n").int(1, 1<<20))
}

// meanOf is sample, with the recorded numbers given.
func (c *recording) meanOf(what string, own []float64, mean, se float64, n int) {
	c.compared++
	if c.err != nil || len(own) == 0 {
		return
	}
	sum := 0.0
	for _, v := range own {
		sum += v
	}
	m := float64(len(own))
	se = math.Max(se, 1e-12*math.Abs(mean))
	if limit := 4 * se * math.Sqrt(1+float64(n)/m); !(math.Abs(sum/m-mean) <= limit) {
		c.differ("%s: mean %v of %d runs, recorded %v, and more than %v from it", what, sum/m, len(own), mean, limit)
	}
}
