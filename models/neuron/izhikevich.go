package neuron

import "spikec/internal/ode"

func init() {
	register(Model{Name: "izhikevich", About: "Izhikevich (IEEE Trans. Neural Networks 14, 2003)", New: func() Neuron { return &Izhikevich{A: 0.02, B: 0.2, C: -65, D: 8, Peak: 30} }})
}

// Izhikevich is the simple model of spiking neurons, in mV and ms:
//
//	dV/dt = 0.04V² + 5V + 140 − U + I
//	dU/dt = A(B·V − U)
//	V ≥ Peak: spike, V = C, U += D
type Izhikevich struct {
	A, B, C, D float64
	Peak       float64
	Above      bool // a spike needs V > Peak
	current    float64
}

// Regime is a set of parameters under which the neuron fires in a way that has a name.
type Regime struct {
	Name, About string
	A, B, C, D  float64
}

// Regimes returns the regimes of the 2003 paper.
func Regimes() []Regime {
	return []Regime{
		{"RS", "regular spiking", 0.02, 0.2, -65, 8},
		{"IB", "intrinsically bursting", 0.02, 0.2, -55, 4},
		{"CH", "chattering", 0.02, 0.2, -50, 2},
		{"FS", "fast spiking", 0.1, 0.2, -65, 2},
		{"LTS", "low-threshold spiking", 0.02, 0.25, -65, 2},
		{"TC", "thalamo-cortical", 0.02, 0.25, -65, 0.05},
		{"RZ", "resonator", 0.1, 0.26, -65, 2},
	}
}

// Dim is 2.
func (*Izhikevich) Dim() int { return 2 }

// Parameters are the numbers.
func (n *Izhikevich) Parameters() []Parameter {
	return []Parameter{{"a", "1/ms", &n.A}, {"b", "", &n.B}, {"c", "mV", &n.C}, {"d", "mV", &n.D}, {"peak", "mV", &n.Peak}}
}

// Variables are V and U.
func (*Izhikevich) Variables() []string { return []string{"V", "U"} }

// Start is V = −65 with U = B·V.
func (n *Izhikevich) Start(y []float64) { y[0], y[1] = -65, n.B*-65 }

// Drive sets I.
func (n *Izhikevich) Drive(i float64) { n.current = i }

// Derivative is that of the doc comment. No product is fused with a sum: what leads to a spike magnifies every bit.
func (n *Izhikevich) Derivative(dy, y []float64) {
	dy[0] = n.rise(y[0], y[1])
	dy[1] = n.recover(y[0], y[1])
}

// rise is dV/dt.
func (n *Izhikevich) rise(v, u float64) float64 {
	return float64(0.04*v*v) + float64(5*v) + 140 - u + n.current
}

// recover is dU/dt.
func (n *Izhikevich) recover(v, u float64) float64 { return n.A * (float64(n.B*v) - u) }

// Spikes is V ≥ Peak, or V > Peak.
func (n *Izhikevich) Spikes(_, after []float64) bool {
	return after[0] > n.Peak || !n.Above && after[0] == n.Peak
}

// Reset sets V and adds to U.
func (n *Izhikevich) Reset(y []float64) {
	y[0] = n.C
	y[1] += n.D
}

// Refractory is 0.
func (*Izhikevich) Refractory() float64 { return 0 }

// Sequential returns steps of Euler's method that take U with the V of the step's end, after V was taken in so many equal parts:
//
//	parts times: V += h/parts·dV/dt;  then U += h·A(B·V − U)
//
// One part is the published program of a single neuron, two that of the network, whose V is not stable in steps of 1 ms.
func (n *Izhikevich) Sequential(h float64, parts int) ode.Stepper {
	return &sequential{n, h, h / float64(parts), parts}
}

type sequential struct {
	n       *Izhikevich
	h, part float64
	parts   int
}

func (s *sequential) Step(y, _ []float64) {
	for range s.parts {
		y[0] += float64(s.part * s.n.rise(y[0], y[1]))
	}
	y[1] += float64(s.h * s.n.recover(y[0], y[1]))
}
