package neuron

import "math"

func init() {
	register(Model{Name: "adex", About: "adaptive exponential integrate-and-fire (Brette and Gerstner, J. Neurophysiol. 94, 2005)", New: func() Neuron {
		return &AdEx{C: 281, GL: 30, EL: -70.6, VT: -50.4, Delta: 2, TauW: 144, A: 4, B: 80.5, ResetTo: -70.6, Peak: 20}
	}})
}

// AdEx is the adaptive exponential integrate-and-fire neuron, in mV, pF, nS, pA and ms:
//
//	C dV/dt = −GL·(V − EL) + GL·Delta·e^((V − VT)/Delta) − w + I
//	TauW dw/dt = A·(V − EL) − w
//	V ≥ Peak: spike, V = ResetTo, w += B
//
// In the exponential V is taken as Peak at most: beyond, the neuron has spiked, and a step's intermediate values stay finite.
type AdEx struct {
	C, GL, EL, VT, Delta, TauW, A, B, ResetTo, Peak float64
	current                                         float64
}

// Dim is 2.
func (*AdEx) Dim() int { return 2 }

// Parameters are all fields.
func (n *AdEx) Parameters() []Parameter {
	return []Parameter{{"C", "pF", &n.C}, {"gL", "nS", &n.GL}, {"EL", "mV", &n.EL}, {"VT", "mV", &n.VT}, {"DeltaT", "mV", &n.Delta},
		{"tau_w", "ms", &n.TauW}, {"a", "nS", &n.A}, {"b", "pA", &n.B}, {"V_reset", "mV", &n.ResetTo}, {"V_peak", "mV", &n.Peak}}
}

// Variables are V and w.
func (*AdEx) Variables() []string { return []string{"V", "w"} }

// Start is at EL, without adaptation.
func (n *AdEx) Start(y []float64) { y[0], y[1] = n.EL, 0 }

// Drive sets I in pA.
func (n *AdEx) Drive(i float64) { n.current = i }

// Derivative is that of the doc comment.
func (n *AdEx) Derivative(dy, y []float64) {
	v, w := y[0], y[1]
	dy[0] = (n.GL*(n.EL-v) + n.GL*n.Delta*math.Exp((math.Min(v, n.Peak)-n.VT)/n.Delta) - w + n.current) / n.C
	dy[1] = (n.A*(v-n.EL) - w) / n.TauW
}

// Spikes is V ≥ Peak.
func (n *AdEx) Spikes(_, after []float64) bool { return after[0] >= n.Peak }

// Reset sets V and adds to w.
func (n *AdEx) Reset(y []float64) {
	y[0] = n.ResetTo
	y[1] += n.B
}

// Refractory is 0.
func (*AdEx) Refractory() float64 { return 0 }
