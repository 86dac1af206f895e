package snn

import "gonum.org/v1/gonum/blas/blas32"

// Simulator runs a network in float32. It is immutable and may be shared; every goroutine makes its own Loop.
type Simulator struct {
	net      *Network
	steps    int
	scatters []*Scatter[float32]
}

// NewSimulator prepares net for T = steps.
func NewSimulator(net *Network, steps int) (*Simulator, error) {
	s := &Simulator{net: net, steps: steps}
	for i := range net.Projections {
		p := &net.Projections[i]
		sc, err := NewScatter(net.Geometry(i), p.Weight)
		if err != nil {
			return nil, err
		}
		s.scatters = append(s.scatters, sc)
	}
	return s, nil
}

// Geometry returns the shape of projection i.
func (n *Network) Geometry(i int) Shape2d {
	p := &n.Projections[i]
	return Shape2d{In: n.Populations[p.Source].Shape, Out: n.Populations[p.Target].Shape, Pool: p.Pool, Window: p.Window, Groups: p.Groups}
}

// NewLoop returns a loop with fresh neurons.
func (s *Simulator) NewLoop() *Loop[float32, float32] {
	neurons := make([]Neurons[float32, float32], len(s.net.Populations))
	for i := range s.net.Populations {
		p := &s.net.Populations[i]
		if p.Neuron != Input {
			neurons[i] = newReal(p, s.net)
		}
	}
	return NewLoop(NewTopology(s.net), s.steps, s.scatters, neurons, axpy)
}

// axpy is: for i := range w { acc[i] += k * w[i] }
func axpy(acc, w []float32, k float32) {
	blas32.Implementation().Saxpy(len(w), k, w, 1, acc, 1)
}

// real holds integrate-and-fire neurons (or integrators, which never fire) with threshold 1 in float32.
type real struct {
	bias    []float32 // a neuron
	drive   []float32
	v       []float32
	initial float32
	fires   bool
	zero    bool
}

func newReal(p *Population, net *Network) *real {
	r := &real{bias: make([]float32, p.Size()), v: make([]float32, p.Size()), fires: p.Neuron == IF, zero: net.Reset == Zero}
	if r.fires {
		r.initial = float32(net.Initial)
	}
	for i := range r.bias {
		if p.Bias != nil {
			r.bias[i] = float32(p.Bias[i%p.Shape[0]])
		}
	}
	return r
}

// Begin sets all membranes to their initial value.
func (r *real) Begin(drive []float32) {
	r.drive = drive
	for i := range r.v {
		r.v[i] = r.initial
	}
}

// Step is: v += current + drive + bias; if v >= 1 { fire; v -= 1 or v = 0 }
func (r *real) Step(current []float32, fired []int32) []int32 {
	for i := range r.v {
		v := r.v[i] + current[i] + r.bias[i]
		if r.drive != nil {
			v += r.drive[i]
		}
		if r.fires && v >= 1 {
			fired = append(fired, int32(i))
			if v -= 1; r.zero {
				v = 0
			}
		}
		r.v[i] = v
	}
	return fired
}

// Membranes returns the membranes.
func (r *real) Membranes() []float32 { return r.v }
