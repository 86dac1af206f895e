package generator

// Refractory returns the bins that hold a spike of a process that rests after each: its rate is 0 for absolute after a spike, then
// rises evenly to the full rate over recovery (Dayan and Abbott, Theoretical Neuroscience, 2001, section 1.4). It draws one number a
// bin, and a bin in which the rate is 0 holds no spike.
func Refractory(u Uniforms, rate, absolute, recovery, dt float64, bins int) []int {
	var spikes []int
	for k := range bins {
		r, x := rate, u.Uniform()
		if len(spikes) > 0 {
			since := float64(k-spikes[len(spikes)-1]) * dt
			switch {
			case since <= absolute:
				continue
			case since < absolute+recovery:
				r = rate * (since - absolute) / recovery
			}
		}
		if x <= float64(r*dt) {
			spikes = append(spikes, k)
		}
	}
	return spikes
}
