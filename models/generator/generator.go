// Package generator makes random spike trains, one file a process, from a stream of uniform numbers that the caller gives; each says
// how many numbers it draws, so that recorded trains can be made again. Times and rates go together: s and Hz, or ms and kHz.
package generator

// Uniforms is a stream of numbers in [0, 1).
type Uniforms interface{ Uniform() float64 }

// Rate is a rate as a function of time, not below 0.
type Rate func(t float64) float64

// Bins returns the bins of length dt that hold a spike of a Poisson process with a rate: bin k does if x ≤ rate(k·dt)·dt. It draws one
// number a bin. At most one spike falls into a bin, so rate·dt has to be small.
func Bins(u Uniforms, rate Rate, dt float64, bins int) []int {
	var spikes []int
	for k := range bins {
		if u.Uniform() <= float64(rate(float64(k)*dt)*dt) {
			spikes = append(spikes, k)
		}
	}
	return spikes
}

// Constant is a rate that does not change.
func Constant(rate float64) Rate { return func(float64) float64 { return rate } }
