package snn

import "gonum.org/v1/gonum/blas/blas32"

// Simulator runs a network in float32. It is immutable and may be shared; every goroutine makes its own Loop.
type Simulator struct {
	net      *Network
	steps    int
	synapses []*Synapses[float32]
}

// NewSimulator prepares net for T = steps.
func NewSimulator(net *Network, steps int) (*Simulator, error) {
	if err := net.Firing.check(net.Reset); err != nil {
		return nil, err
	}
	s := &Simulator{net: net, steps: steps}
	for i := range net.Projections {
		p := &net.Projections[i]
		w, err := NewSynapses(net.Geometry(i), p.Weight, p.Source == 0, net.Firing)
		if err != nil {
			return nil, err
		}
		s.synapses = append(s.synapses, w)
	}
	return s, nil
}

// Geometry returns the shape of projection i.
func (n *Network) Geometry(i int) Shape2d {
	p := &n.Projections[i]
	return Shape2d{In: n.Populations[p.Source].Shape, Out: n.Populations[p.Target].Shape, Pool: p.Pool, Window: p.Window, Groups: p.Groups}
}

// NewLoop returns a loop with fresh neurons.
func (s *Simulator) NewLoop() *Loop[float32] {
	neurons := make([]Neurons[float32], len(s.net.Populations))
	for i := range s.net.Populations {
		p := &s.net.Populations[i]
		if p.Neuron != Input && p.Neuron != Source {
			neurons[i] = newRealNeurons(p, s.net)
		}
	}
	return NewLoop(NewTopology(s.net), s.net.Readout.Checkpoints(s.steps, s.net.Firing), s.synapses, neurons, axpy)
}

// axpy is: for i := range w { acc[i] += k * w[i] }
func axpy(acc, w []float32, k float32) {
	blas32.Implementation().Saxpy(len(w), k, w, 1, acc, 1)
}
