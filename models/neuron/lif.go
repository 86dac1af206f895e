package neuron

import "math"

func init() {
	register(Model{Name: "lif", About: "leaky integrate-and-fire with absolute refractory time (Stein, Biophys. J. 5, 1965)", New: func() Neuron {
		return &LIF{Rest: -70, Threshold: -55, ResetTo: -75, R: 10, Tau: 10, Hold: 5}
	}})
}

// LIF is the leaky integrate-and-fire neuron, in mV, MΩ, nA and ms:
//
//	Tau dV/dt = −(V − Rest) + R·I;  V ≥ Threshold: spike, V = ResetTo for Hold
//
// With Noise, Tau dV = (…) dt + Noise·√Tau dW, whose stationary standard deviation below threshold is Noise/√2.
type LIF struct {
	Rest, Threshold, ResetTo float64 // mV
	R                        float64 // MΩ
	Tau, Hold                float64 // ms
	current                  float64 // nA
}

// NoisyLIF is a LIF with noise.
type NoisyLIF struct {
	LIF
	Noise float64 // mV
}

// Dim is 1.
func (*LIF) Dim() int { return 1 }

// Parameters are all fields.
func (n *LIF) Parameters() []Parameter {
	return []Parameter{{"V_rest", "mV", &n.Rest}, {"V_thresh", "mV", &n.Threshold}, {"V_reset", "mV", &n.ResetTo}, {"R_m", "Mohm", &n.R},
		{"tau_m", "ms", &n.Tau}, {"t_ref", "ms", &n.Hold}}
}

// Variables is V.
func (*LIF) Variables() []string { return []string{"V"} }

// Start is at rest.
func (n *LIF) Start(y []float64) { y[0] = n.Rest }

// Drive sets I in nA.
func (n *LIF) Drive(i float64) { n.current = i }

// Derivative is that of the doc comment.
func (n *LIF) Derivative(dy, y []float64) { dy[0] = (n.Rest - y[0] + n.R*n.current) / n.Tau }

// Coefficients are −1/Tau and (Rest + R·I)/Tau.
func (n *LIF) Coefficients(a, b, _ []float64) {
	a[0], b[0] = -1/n.Tau, (n.Rest+n.R*n.current)/n.Tau
}

// Matrix has the same two.
func (n *LIF) Matrix() ([][]float64, []float64) {
	return [][]float64{{-1 / n.Tau}}, []float64{(n.Rest + n.R*n.current) / n.Tau}
}

// Spikes is V ≥ Threshold.
func (n *LIF) Spikes(_, after []float64) bool { return after[0] >= n.Threshold }

// Reset is to ResetTo.
func (n *LIF) Reset(y []float64) { y[0] = n.ResetTo }

// Refractory is Hold.
func (n *LIF) Refractory() float64 { return n.Hold }

// Rate returns the spikes per ms for a constant current, in closed form:
//
//	1/(Hold + Tau·ln((E − ResetTo)/(E − Threshold))), E = Rest + R·I; 0 where E ≤ Threshold
func (n *LIF) Rate(current float64) float64 {
	e := n.Rest + n.R*current
	if e <= n.Threshold {
		return 0
	}
	return 1 / (n.Hold + n.Tau*math.Log((e-n.ResetTo)/(e-n.Threshold)))
}

// SpikeTimes returns the times before end, in ms, at which the neuron spikes from rest under a constant current, in closed form.
func (n *LIF) SpikeTimes(current, end float64) []float64 {
	e := n.Rest + n.R*current
	if e <= n.Threshold {
		return nil
	}
	var times []float64
	period := n.Hold + n.Tau*math.Log((e-n.ResetTo)/(e-n.Threshold))
	for t := math.Max(0, n.Tau*math.Log((e-n.Rest)/(e-n.Threshold))); t < end && period > 0; t += period {
		times = append(times, t)
	}
	return times
}

// Diffusion is Noise/√Tau.
func (n *NoisyLIF) Diffusion(g, _ []float64) { g[0] = n.Noise / math.Sqrt(n.Tau) }
