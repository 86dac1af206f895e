package neuron

import "math"

// SpikeResponse is the spike response model (Gerstner, Phys. Rev. E 51, 1995) of a neuron that spikes once: its potential is a
// sum of responses to arrivals, and its spike the first time at which the potential reaches Theta:
//
//	x(t) = Σ w·ε(t − arrival),  ε(s) = (s/Tau)·e^(1 − s/Tau) for s > 0, else 0
type SpikeResponse struct {
	Tau   float64 // ms
	Theta float64
}

// Arrival is an input of a SpikeResponse: its time, with the delay in it, and its weight.
type Arrival struct{ Time, Weight float64 }

// Epsilon is ε.
func (n *SpikeResponse) Epsilon(s float64) float64 {
	if s <= 0 {
		return 0
	}
	return s / n.Tau * math.Exp(1-s/n.Tau)
}

// Slope is the derivative of ε.
func (n *SpikeResponse) Slope(s float64) float64 {
	if s <= 0 {
		return 0
	}
	return (1/n.Tau - s/n.Tau/n.Tau) * math.Exp(1-s/n.Tau)
}

// Potential is x(t).
func (n *SpikeResponse) Potential(arrivals []Arrival, t float64) float64 {
	x := 0.0
	for _, a := range arrivals {
		x += a.Weight * n.Epsilon(t-a.Time)
	}
	return x
}

// Rise is dx/dt.
func (n *SpikeResponse) Rise(arrivals []Arrival, t float64) float64 {
	x := 0.0
	for _, a := range arrivals {
		x += a.Weight * n.Slope(t-a.Time)
	}
	return x
}

// searchStep is the grid on which a crossing is looked for, in ms; two crossings closer than this may be missed.
const searchStep = 0.05

// FirstSpike returns the first time in (0, end] with x(t) ≥ Theta, and whether there is one: the first point of a grid of 0.05 ms
// at which x has reached Theta, then bisection to the last bit.
func (n *SpikeResponse) FirstSpike(arrivals []Arrival, end float64) (t float64, ok bool) {
	for k := 1; ; k++ {
		hi := float64(k) * searchStep
		if !(hi <= end+searchStep/2) {
			return 0, false
		}
		if n.Potential(arrivals, hi) < n.Theta {
			continue
		}
		lo := hi - searchStep
		for {
			mid := lo + (hi-lo)/2
			if mid <= lo || mid >= hi {
				return hi, true
			}
			if n.Potential(arrivals, mid) >= n.Theta {
				hi = mid
			} else {
				lo = mid
			}
		}
	}
}
