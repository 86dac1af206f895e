package plasticity

import "math"

// Measure is the inner product of two spikes at a distance d, each filtered with the same kernel.
type Measure func(d float64) float64

// Exponential is the measure of the kernel e^(−t/tau), t ≥ 0 (van Rossum, Neural Comput. 13, 2001): tau/2·e^(−|d|/tau).
func Exponential(tau float64) Measure {
	return func(d float64) float64 { return tau / 2 * math.Exp(-math.Abs(d)/tau) }
}

// Alpha is the measure of the kernel (e·t/tau)·e^(−t/tau), t ≥ 0: (e/2)²·(|d| + tau)·e^(−|d|/tau).
func Alpha(tau float64) Measure {
	return func(d float64) float64 {
		d = math.Abs(d)
		return math.E * math.E / 4 * (d + tau) * math.Exp(-d/tau)
	}
}

// Gaussian is the measure of the kernel e^(−t²/(2·sigma²)) (Schreiber et al., Neurocomputing 52, 2003): sigma·√π·e^(−d²/(4·sigma²)).
func Gaussian(sigma float64) Measure {
	return func(d float64) float64 { return sigma * math.SqrtPi * math.Exp(-d*d/(4*sigma*sigma)) }
}

// Inner returns the inner product of two filtered spike trains, the sum over all pairs.
func (m Measure) Inner(a, b []float64) float64 {
	sum := 0.0
	for _, x := range a {
		for _, y := range b {
			sum += m(x - y)
		}
	}
	return sum
}

// Squared returns the squared distance of two filtered trains.
func (m Measure) Squared(a, b []float64) float64 {
	return m.Inner(a, a) + m.Inner(b, b) - 2*m.Inner(a, b)
}

// Correlation returns the cosine of the angle between two filtered trains; NaN where one is empty.
func (m Measure) Correlation(a, b []float64) float64 {
	return m.Inner(a, b) / math.Sqrt(m.Inner(a, a)*m.Inner(b, b))
}
