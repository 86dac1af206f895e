package neuron

import "math"

func init() {
	register(Model{Name: "morris_lecar", About: "Morris-Lecar (Biophys. J. 35, 1981)", New: func() Neuron {
		return &MorrisLecar{C: 20, GL: 2, GCa: 4, GK: 8, EL: -50, ECa: 100, EK: -70, V1: 0, V2: 15, V3: 10, V4: 10, Lambda: 0.1}
	}})
}

// MorrisLecar is the barnacle's muscle fibre, in mV, ms, µF/cm², mS/cm² and µA/cm²:
//
//	C dV/dt = −GL(V − EL) − GCa·m∞(V)(V − ECa) − GK·n(V − EK) + I
//	dn/dt = Lambda·cosh((V − V3)/(2·V4))·(n∞(V) − n)
//	m∞ = ½(1 + tanh((V − V1)/V2)),  n∞ = ½(1 + tanh((V − V3)/V4))
//
// It spikes where V rises through Level.
type MorrisLecar struct {
	C, GL, GCa, GK, EL, ECa, EK, V1, V2, V3, V4 float64
	Lambda                                      float64 // 1/ms
	Level                                       float64
	current                                     float64
}

// Dim is 2.
func (*MorrisLecar) Dim() int { return 2 }

// Parameters are all fields.
func (n *MorrisLecar) Parameters() []Parameter {
	return []Parameter{{"C", "uF/cm2", &n.C}, {"gL", "mS/cm2", &n.GL}, {"gCa", "mS/cm2", &n.GCa}, {"gK", "mS/cm2", &n.GK}, {"EL", "mV", &n.EL},
		{"ECa", "mV", &n.ECa}, {"EK", "mV", &n.EK}, {"V1", "mV", &n.V1}, {"V2", "mV", &n.V2}, {"V3", "mV", &n.V3}, {"V4", "mV", &n.V4},
		{"lam", "1/ms", &n.Lambda}, {"level", "mV", &n.Level}}
}

// Variables are V and n.
func (*MorrisLecar) Variables() []string { return []string{"V", "n"} }

// Start is V = EL with n at its steady state.
func (n *MorrisLecar) Start(y []float64) { y[0], y[1] = n.EL, half(n.EL, n.V3, n.V4) }

// half is ½(1 + tanh((v − middle)/width)).
func half(v, middle, width float64) float64 { return 0.5 * (1 + math.Tanh((v-middle)/width)) }

// Drive sets I in µA/cm².
func (n *MorrisLecar) Drive(i float64) { n.current = i }

// Derivative is that of the doc comment.
func (n *MorrisLecar) Derivative(dy, y []float64) {
	v, k := y[0], y[1]
	dy[0] = (-n.GL*(v-n.EL) - n.GCa*half(v, n.V1, n.V2)*(v-n.ECa) - n.GK*k*(v-n.EK) + n.current) / n.C
	dy[1] = n.Lambda * math.Cosh((v-n.V3)/(2*n.V4)) * (half(v, n.V3, n.V4) - k)
}

// Spikes is V rising through Level.
func (n *MorrisLecar) Spikes(before, after []float64) bool {
	return rises(before[0], after[0], n.Level)
}
