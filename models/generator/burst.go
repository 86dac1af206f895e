package generator

// Burst returns how many spikes each bin holds, independently: n with the probability cumulative[n] − cumulative[n−1]. It draws one
// number a bin; the count is the first n with x ≤ cumulative[n], and len(cumulative) − 1 where rounding leaves none.
func Burst(u Uniforms, cumulative []float64, bins int) []int {
	counts := make([]int, bins)
	for k := range counts {
		x, n := u.Uniform(), 0
		for n < len(cumulative)-1 && x > cumulative[n] {
			n++
		}
		counts[k] = n
	}
	return counts
}
