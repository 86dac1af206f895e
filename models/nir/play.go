package nir

import (
	"math"

	"spikec/internal/layout"
	"spikec/models/snn"
)

// Play runs a network on one picture, codes in C,H,W order, with a reader's rules in the place of the network's own. It returns
// how many spikes each neuron sent in T steps, or of an Integrator its membrane, population by population in C,H,W order; of
// the input its codes. It is, for every step, population by population, in float32:
//
//	v += bias + Σ weight · spikes of this step
//	n = 1 if v ≥ 1 (Strict: v > 1); with Several as many whole thresholds as fit v > 0
//	v −= n, or v = 0 where the reset is to zero and n > 0
//	v = max(v, −1) with Floor
//
// It is the slow definition that other programs are compared with, and knows Input, IF and Integrator neurons of plain firing.
func Play(net *snn.Network, rules Rules, codes []float32) ([][]float32, error) {
	type wire struct {
		scatter *snn.Scatter[float32]
		hits    *snn.Gathered[float32]
	}
	var wires []wire
	for i := range net.Projections {
		s, err := snn.NewScatter(net.Geometry(i), net.Projections[i].Weight)
		if err != nil {
			return nil, err
		}
		wires = append(wires, wire{s, s.NewGathered()})
	}
	size := func(i int) int { return net.Populations[i].Size() }
	v, total, sent, sums := make([][]float32, len(net.Populations)), make([][]float32, len(net.Populations)), make([][]float32, len(net.Populations)), []float32(nil)
	for i := range net.Populations {
		v[i], total[i], sent[i] = make([]float32, size(i)), make([]float32, size(i)), make([]float32, size(i))
	}
	snn.ToHWC(sent[0], codes, net.Populations[0].Shape)
	for range net.Steps {
		for i := 1; i < len(net.Populations); i++ {
			p := &net.Populations[i]
			sums = append(sums[:0], make([]float32, size(i))...)
			for c, b := range p.Bias {
				for n := c; n < len(sums); n += p.Shape[0] {
					sums[n] = float32(b)
				}
			}
			for _, j := range net.Incoming(i) {
				from := sent[net.Projections[j].Source]
				wires[j].scatter.Add(sums, spiking(from), from, wires[j].hits, axpy)
			}
			for n, x := range sums {
				v[i][n] += x
				if p.Neuron == snn.IF {
					sent[i][n] = rules.fire(&v[i][n])
				}
				total[i][n] += sent[i][n]
			}
		}
	}
	out := make([][]float32, len(net.Populations))
	for i := range net.Populations {
		of := total[i]
		switch p := &net.Populations[i]; {
		case i == 0:
			of = sent[0]
		case p.Neuron == snn.Integrator:
			of = v[i]
		}
		out[i] = layout.ToCHW(of, net.Populations[i].Shape)
	}
	return out, nil
}

// fire lets a membrane fire, and returns how often it did.
func (r *Rules) fire(v *float32) float32 {
	n := float32(0)
	switch {
	case r.Several && *v > 0:
		n = float32(math.Trunc(float64(*v)))
	case r.Several:
	case r.Strict && *v > 1, !r.Strict && *v >= 1:
		n = 1
	}
	if *v -= n; n > 0 && r.Reset == snn.Zero {
		*v = 0
	}
	if r.Floor {
		*v = max(*v, -1)
	}
	return n
}

// spiking returns the neurons that sent something.
func spiking(sent []float32) []int32 {
	var events []int32
	for n, x := range sent {
		if x != 0 {
			events = append(events, int32(n))
		}
	}
	return events
}

// axpy is: for i := range w { acc[i] += k * w[i] }
func axpy(acc, w []float32, k float32) {
	for i, x := range w {
		acc[i] += k * x
	}
}
