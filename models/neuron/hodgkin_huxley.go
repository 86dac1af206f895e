package neuron

import (
	"math"

	"spikec/internal/ode"
)

func init() {
	register(Model{Name: "hh", About: "Hodgkin-Huxley (J. Physiol. 117, 1952)", New: func() Neuron { return NewHodgkinHuxley() }})
}

// NewHodgkinHuxley returns the neuron with the usual values, EL such that V = 0 is rest.
func NewHodgkinHuxley() *HodgkinHuxley {
	return &HodgkinHuxley{C: 1, GL: 0.3, GNa: 120, GK: 36, EL: 10.6, ENa: 115, EK: -12, Level: 50}
}

// HodgkinHuxley is the squid's axon, V relative to rest, in mV, ms, µF/cm², mS/cm² and µA/cm²:
//
//	C dV/dt = −GL(V − EL) − GNa·m³h(V − ENa) − GK·n⁴(V − EK) + I
//	dx/dt = α_x(V)(1 − x) − β_x(V)x   for x = m, h, n
//
// It spikes where V rises through Level, and is not reset.
type HodgkinHuxley struct {
	C, GL, GNa, GK, EL, ENa, EK float64
	Level                       float64
	current                     float64
}

// Rates returns the rates of the gates m, h and n at V, in 1/ms:
//
//	α_m = 0.1(25−V)/(e^((25−V)/10) − 1)   β_m = 4e^(−V/18)
//	α_h = 0.07e^(−V/20)                   β_h = 1/(e^((30−V)/10) + 1)
//	α_n = 0.01(10−V)/(e^((10−V)/10) − 1)  β_n = 0.125e^(−V/80)
//
// α_m and α_n are computed as 1/exprel, which is their limit where the quotient has none: α_m(25) = 1, α_n(10) = 0.1.
func (*HodgkinHuxley) Rates(v float64) (alpha, beta [3]float64) {
	alpha = [3]float64{1 / ode.Exprel((25-v)/10), 0.07 * math.Exp(-v/20), 0.1 / ode.Exprel((10-v)/10)}
	beta = [3]float64{4 * math.Exp(-v/18), 1 / (math.Exp((30-v)/10) + 1), 0.125 * math.Exp(-v/80)}
	return alpha, beta
}

// Dim is 4.
func (*HodgkinHuxley) Dim() int { return 4 }

// Parameters are all fields but Level.
func (n *HodgkinHuxley) Parameters() []Parameter {
	return []Parameter{{"C", "uF/cm2", &n.C}, {"gL", "mS/cm2", &n.GL}, {"gNa", "mS/cm2", &n.GNa}, {"gK", "mS/cm2", &n.GK}, {"EL", "mV", &n.EL},
		{"ENa", "mV", &n.ENa}, {"EK", "mV", &n.EK}, {"level", "mV", &n.Level}}
}

// Variables are V and the gates.
func (*HodgkinHuxley) Variables() []string { return []string{"V", "m", "h", "n"} }

// Start is V = 0 with the gates at their steady state α/(α + β).
func (n *HodgkinHuxley) Start(y []float64) {
	y[0] = 0
	alpha, beta := n.Rates(0)
	for i := range alpha {
		y[1+i] = alpha[i] / (alpha[i] + beta[i])
	}
}

// Drive sets I in µA/cm².
func (n *HodgkinHuxley) Drive(i float64) { n.current = i }

// Derivative is that of the doc comment.
func (n *HodgkinHuxley) Derivative(dy, y []float64) {
	a, b := n.membrane(y)
	dy[0] = a*y[0] + b
	alpha, beta := n.Rates(y[0])
	for i := range alpha {
		dy[1+i] = alpha[i]*(1-y[1+i]) - beta[i]*y[1+i]
	}
}

// membrane returns a and b of dV/dt = a·V + b.
func (n *HodgkinHuxley) membrane(y []float64) (a, b float64) {
	m, h, k := y[1], y[2], y[3]
	na, kk := n.GNa*m*m*m*h, n.GK*k*k*k*k
	return -(n.GL + na + kk) / n.C, (n.GL*n.EL + na*n.ENa + kk*n.EK + n.current) / n.C
}

// Coefficients are those of the membrane, and −(α + β) and α of the gates.
func (n *HodgkinHuxley) Coefficients(a, b, y []float64) {
	a[0], b[0] = n.membrane(y)
	alpha, beta := n.Rates(y[0])
	for i := range alpha {
		a[1+i], b[1+i] = -(alpha[i] + beta[i]), alpha[i]
	}
}

// Spikes is V rising through Level.
func (n *HodgkinHuxley) Spikes(before, after []float64) bool {
	return rises(before[0], after[0], n.Level)
}
