package snn

import (
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"spikec/internal/window"
)

// valid is a network with a pool, groups, a skip connection and moments.
func valid() *Network {
	pool := window.Square(2, 2)
	pads := window.Square(3, 1)
	pads.PadBegin, pads.PadEnd = [2]int{1, 1}, [2]int{1, 1}
	ones := func(n int) []float64 { return slices.Repeat([]float64{1}, n) }
	return &Network{Reset: Subtract, Populations: []Population{
		{Name: "x", Shape: [3]int{2, 8, 6}, Neuron: Input},
		{Name: "a", Shape: [3]int{4, 4, 3}, Neuron: IF, Scale: ones(4), Bias: ones(4), Moments: []*mat.SymDense{mat.NewSymDense(9, nil), mat.NewSymDense(9, nil)}},
		{Name: "b", Shape: [3]int{4, 4, 3}, Neuron: IF, Scale: ones(4), Moments: []*mat.SymDense{mat.NewSymDense(4, nil)}},
		{Name: "y", Shape: [3]int{3, 1, 1}, Neuron: Integrator, Scale: ones(3)},
	}, Projections: []Projection{
		{Source: 0, Target: 1, Pool: &pool, Window: pads, Groups: 2, Weight: make([]float32, 4*9)},
		{Source: 1, Target: 2, Window: window.Square(1, 1), Groups: 1, Weight: make([]float32, 16)},
		{Source: 1, Target: 2, Window: window.Square(1, 1), Groups: 4, Weight: make([]float32, 4), Identity: true},
		{Source: 2, Target: 3, Window: window.Window2d{Kernel: [2]int{4, 3}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}, Groups: 1, Weight: make([]float32, 3*48)},
	}}
}

// TestValidate: a network is in order, and each thing that does not fit is named.
func TestValidate(t *testing.T) {
	if err := valid().Validate(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(n *Network){
		"no input":                         func(n *Network) { n.Populations[0].Neuron = IF },
		"nothing that reads it":            func(n *Network) { n.Populations = n.Populations[:1] },
		"ascend":                           func(n *Network) { n.Projections[0], n.Projections[3] = n.Projections[3], n.Projections[0] },
		"from population 3 to 2, of 4":     func(n *Network) { n.Projections[1].Source = 3 },
		"from population 2 to 4, of 4":     func(n *Network) { n.Projections[3].Target = 4 },
		`from "x" to "a": 36 weights`:      func(n *Network) { n.Populations[1].Shape[0] = 6 },
		`"a" to "b": 15 weights, want 16`:  func(n *Network) { n.Projections[1].Weight = n.Projections[1].Weight[1:] },
		`"x" to "a": 3 groups`:             func(n *Network) { n.Projections[0].Groups = 3 },
		`"x" to "a": 0 groups`:             func(n *Network) { n.Projections[0].Groups = 0 },
		`"x" to "a": its window makes`:     func(n *Network) { n.Projections[0].Pool = nil },
		`"x" to "a": kernel`:               func(n *Network) { n.Projections[0].Pool.Kernel[0] = 0 },
		`"a" to "b": stride`:               func(n *Network) { n.Projections[1].Window.Stride[0] = 0 },
		`"b" to "y": window of [5 3]`:      func(n *Network) { n.Projections[3].Window.Kernel[0] = 5 },
		`"x" to "a": window of [9 2]`:      func(n *Network) { n.Projections[0].Pool.Kernel[0] = 9 },
		"a skip connection of 2 weights":   func(n *Network) { n.Projections[2].Groups, n.Projections[2].Weight = 2, make([]float32, 8) },
		`"y": shape [3 0 1]`:               func(n *Network) { n.Populations[3].Shape[1] = 0 },
		`"b": 3 scale factors for 4`:       func(n *Network) { n.Populations[2].Scale = n.Populations[2].Scale[1:] },
		`"x": 2 scale factors for 2`:       func(n *Network) { n.Populations[0].Scale = []float64{1, 1} },
		`"a": 1 biases for 4`:              func(n *Network) { n.Populations[1].Bias = []float64{1} },
		`"y": 0 projections`:               func(n *Network) { n.Projections = n.Projections[:3] },
		`"a": 1 projections into`:          func(n *Network) { n.Populations[1].Neuron = Source },
		`"b": 3 blocks of moments`:         func(n *Network) { n.Populations[2].Moments = make([]*mat.SymDense, 3) },
		`"b": moments of 5 inputs, want 4`: func(n *Network) { n.Populations[2].Moments[0] = mat.NewSymDense(5, nil) },
	} {
		n := valid()
		change(n)
		if err := n.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
