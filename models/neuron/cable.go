package neuron

import (
	"errors"
	"fmt"
	"math"
)

// Cable is a row of passive compartments with sealed ends, in consistent units (mV, ms, nF, µS, MΩ, nA):
//
//	C[k] dV[k]/dt = −GL[k](V[k] − EL) + (V[k−1] − V[k])/R[k−1] + (V[k+1] − V[k])/R[k] + I[k]
//
// where a neighbour that is not there adds nothing (Rall, 1962; the discrete form of the cable equation).
type Cable struct {
	C, GL []float64
	EL    float64
	R     []float64 // between compartments k and k+1: one less
	I     []float64
}

// Check reports lengths that do not fit, and values without sense.
func (c *Cable) Check() error {
	n := len(c.C)
	if n < 1 || len(c.GL) != n || len(c.I) != n || len(c.R) != n-1 {
		return fmt.Errorf("%d capacities, %d leaks, %d currents, %d resistances: want n, n, n and n−1", n, len(c.GL), len(c.I), len(c.R))
	}
	for _, v := range append(append([]float64{}, c.C...), c.R...) {
		if !(v > 0) || math.IsInf(v, 0) {
			return errors.New("a capacity or a resistance is not positive")
		}
	}
	return nil
}

// Dim is the number of compartments.
func (c *Cable) Dim() int { return len(c.C) }

// Derivative is that of the doc comment.
func (c *Cable) Derivative(dy, y []float64) {
	for k := range y {
		d := -c.GL[k]*(y[k]-c.EL) + c.I[k]
		if k > 0 {
			d += (y[k-1] - y[k]) / c.R[k-1]
		}
		if k < len(y)-1 {
			d += (y[k+1] - y[k]) / c.R[k]
		}
		dy[k] = d / c.C[k]
	}
}

// Matrix is the derivative as a tridiagonal matrix.
func (c *Cable) Matrix() ([][]float64, []float64) {
	n := len(c.C)
	a, b := make([][]float64, n), make([]float64, n)
	for k := range a {
		a[k] = make([]float64, n)
		a[k][k] = -c.GL[k] / c.C[k]
		b[k] = (c.GL[k]*c.EL + c.I[k]) / c.C[k]
		if k > 0 {
			a[k][k-1] = 1 / c.R[k-1] / c.C[k]
			a[k][k] -= a[k][k-1]
		}
		if k < n-1 {
			a[k][k+1] = 1 / c.R[k] / c.C[k]
			a[k][k] -= a[k][k+1]
		}
	}
	return a, b
}

// SomaDendrite is a soma with the currents of Hodgkin and Huxley and a row of passive compartments behind it; with one of them it
// is the two-compartment neuron. Currents between neighbours are per unit area, (V[j] − V[k])/R:
//
//	soma   k = 0:  C dV/dt = (currents of Soma) + (V[1] − V[0])/R[0] + I
//	k > 0:         C dV/dt = −GL(V − EL) + neighbours + I
//
// Its state is all V, then m, h and n. It spikes where the soma does.
type SomaDendrite struct {
	Soma    HodgkinHuxley
	GL, EL  float64   // of the dendrite
	R       []float64 // between compartments k and k+1
	Inject  int       // the compartment that Drive feeds
	current float64
}

func init() {
	register(Model{Name: "soma_dendrite", About: "Hodgkin-Huxley soma with passive dendrite compartments (Rall, 1962; Pinsky and Rinzel, J. Comput. Neurosci. 1, 1994)", New: func() Neuron {
		return &SomaDendrite{Soma: *NewHodgkinHuxley(), GL: 0.3, R: []float64{2}, Inject: 1}
	}})
}

// Dim is a potential a compartment, and three gates.
func (n *SomaDendrite) Dim() int { return len(n.R) + 4 }

// Parameters are those of the soma and the dendrite's leak.
func (n *SomaDendrite) Parameters() []Parameter {
	return append(n.Soma.Parameters(), Parameter{"gL_dend", "mS/cm2", &n.GL}, Parameter{"EL_dend", "mV", &n.EL})
}

// Variables are V0, V1 …, m, h and n.
func (n *SomaDendrite) Variables() []string {
	var names []string
	for k := range len(n.R) + 1 {
		names = append(names, fmt.Sprintf("V%d", k))
	}
	return append(names, "m", "h", "n")
}

// Start is V = 0 everywhere with the gates at their steady state.
func (n *SomaDendrite) Start(y []float64) {
	clear(y)
	var soma [4]float64
	n.Soma.Start(soma[:])
	copy(y[len(n.R)+1:], soma[1:])
}

// Drive sets the current into compartment Inject, per unit area.
func (n *SomaDendrite) Drive(i float64) { n.current = i }

// Derivative is that of the doc comment.
func (n *SomaDendrite) Derivative(dy, y []float64) {
	last := len(n.R)
	soma := [4]float64{y[0], y[last+1], y[last+2], y[last+3]}
	var d [4]float64
	n.Soma.Drive(0)
	n.Soma.Derivative(d[:], soma[:])
	copy(dy[last+1:], d[1:])
	for k := range last + 1 {
		sum := 0.0
		if k > 0 {
			sum = -n.GL*(y[k]-n.EL) + (y[k-1]-y[k])/n.R[k-1]
		}
		if k < last {
			sum += (y[k+1] - y[k]) / n.R[k]
		}
		if k == n.Inject {
			sum += n.current
		}
		dy[k] = sum / n.Soma.C
	}
	dy[0] += d[0]
}

// Spikes is that of the soma.
func (n *SomaDendrite) Spikes(before, after []float64) bool {
	return rises(before[0], after[0], n.Soma.Level)
}
