package generator

import "math"

// Intervals returns the times before end of a Poisson process, by intervals of −ln(1 − x)/rate. It draws one number a spike, and one
// for the spike that is too late.
func Intervals(u Uniforms, rate, end float64) []float64 {
	var times []float64
	for t := wait(u, rate); t < end; t += wait(u, rate) {
		times = append(times, t)
	}
	return times
}

// wait is an interval of a Poisson process.
func wait(u Uniforms, rate float64) float64 { return -math.Log(1-u.Uniform()) / rate }

// Thinning returns the times before end of a Poisson process whose rate changes and never exceeds most (Lewis and Shedler, Naval Res.
// Logist. Q. 26, 1979): of the spikes of a process of rate most, one at t is kept if x·most ≤ rate(t). It draws a number for the
// interval, and one to keep the spike unless it is too late. Candidates is how many intervals there
// were, the last one included, which leads beyond the end.
func Thinning(u Uniforms, rate Rate, most, end float64) (times []float64, candidates int) {
	candidates = 1
	for t := wait(u, most); t < end; t += wait(u, most) {
		candidates++
		if float64(u.Uniform()*most) <= rate(t) {
			times = append(times, t)
		}
	}
	return times, candidates
}
