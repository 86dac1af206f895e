package neuron

// SteppedLIF is the leaky integrate-and-fire neuron as a program of fixed steps that keeps its own clock, in mV, nA and ms:
//
//	t += Dt
//	t − last spike < Hold: V = Rest, and no more
//	V += (Rest − V + R·I)/C·Dt
//	V ≥ Threshold: spike at t, V = ResetTo
//
// C is used as a time constant in ms. The clock is a sum of steps, and its rounding decides how many steps the refractory time has.
type SteppedLIF struct {
	Rest, Threshold, ResetTo, R, C, Hold, Dt float64
	V, T                                     float64
	last                                     float64
	spiked                                   bool
}

// Step takes a step under a current and reports whether the neuron spiked, at n.T.
func (n *SteppedLIF) Step(current float64) bool {
	n.T += n.Dt
	if n.spiked && n.T-n.last < n.Hold {
		n.V = n.Rest
		return false
	}
	n.V += float64((n.Rest - n.V + float64(n.R*current)) / n.C * n.Dt)
	if n.V < n.Threshold {
		return false
	}
	n.last, n.spiked, n.V = n.T, true, n.ResetTo
	return true
}
