package convert

import (
	"context"
	"maps"
	"slices"

	"spikec/internal/parallel"
	"spikec/models/snn"
)

// spikeNorm is Spike-Norm (Sengupta et al. 2019, Going deeper in spiking neural networks: VGG and residual architectures):
// with the layers before spiking, at the factors that they got, a layer's factor is the largest current that a neuron gets
// in one step,
//
//	λ_l = max over images, steps and neurons of ( Σ_j W_ij·λ_j·s_j(t) + b_i )
//
// which no later step goes beyond. It is one a layer, in the unit of activations; rates are low, so that it needs a large T.
// The paper plays the input as Poisson spikes. At a constant input the factor of the first layer is its largest activation.
func spikeNorm(ctx context.Context, s *State, l layer, e evidence) (float64, error) {
	return e.currents.largest(ctx, s, l)
}

// currents simulates layers that are lowered already, to measure what arrives behind them.
type currents struct {
	b    *builder
	kept *trains // what b's populations sent, as far as it was simulated
}

// newCurrents returns currents of a network that has no layers yet.
func newCurrents(s *State) currents {
	quiet := *s
	quiet.Gram = nil // the network is thrown away: nobody reads its moments
	return currents{b: newBuilder(&quiet), kept: newTrains(s.Images.N)}
}

// largest returns the largest current of layer l in one step on the calibration images, or 0. A current is the difference of
// two sums in float32, and so exact to T·2⁻²³ of the largest sum.
func (c currents) largest(ctx context.Context, s *State, l layer) (float64, error) {
	if s.Images.N == 0 {
		return 0, nil
	}
	net, err := c.b.probe(l)
	if err != nil {
		return 0, err
	}
	sim, err := snn.NewSimulator(net, net.Steps)
	if err != nil {
		return 0, err
	}
	c.kept.advance(c.b)
	probes := make([]probe, parallel.Jobs(s.Options.Jobs))
	for i := range probes {
		probes[i] = newProbe(net, sim)
	}
	err = parallel.For(ctx, s.Images.N, len(probes), func(k, i int) error {
		p := &probes[k]
		s.Images.Codes(i, p.codes)
		snn.ToHWC(p.hwc, p.codes, net.Populations[0].Shape)
		clear(p.before)
		known := c.kept.restore(i, p.loop)
		if _, err := p.loop.Resume(known+1, p.hwc, i, p.see); err != nil {
			return err
		}
		c.kept.save(i, p.loop)
		return nil
	})
	most := float32(0)
	for _, p := range probes {
		most = max(most, p.most)
	}
	return float64(most), err
}

// probe returns the network so far with layer l behind it as neurons that add up their currents, in units of activations.
func (b *builder) probe(l layer) (*snn.Network, error) {
	s := *b.s
	s.Scales, s.Gram = maps.Clone(s.Scales), nil
	s.Scales[l.node] = slices.Repeat([]float64{1}, channels(s.Graph.Nodes[l.node].Shape)[0])
	net := *b.net
	net.Populations, net.Projections = slices.Clone(net.Populations), slices.Clone(net.Projections)
	p := builder{s: &s, net: &net, population: maps.Clone(b.population)}
	if err := p.layer(l); err != nil {
		return nil, err
	}
	net.Populations[net.Output()].Neuron = snn.Integrator
	return &net, nil
}

// probe is the memory of one goroutine that measures currents.
type probe struct {
	loop       *snn.Loop[float32]
	codes, hwc []float32
	before     []float32 // the sums after the step before
	steps      int
	most       float32
}

func newProbe(net *snn.Network, sim *snn.Simulator) probe {
	in, out := net.Populations[0].Size(), net.Output()
	p := probe{loop: sim.NewLoop(), codes: make([]float32, in), hwc: make([]float32, in), before: make([]float32, net.Populations[out].Size()), steps: net.Steps}
	p.loop.Watch(out)
	return p
}

// see takes the sums after step t. Neurons that integrate before they fire get nothing after T steps.
func (p *probe) see(_, t int, _ []int32, sums []float32) {
	if t >= p.steps {
		return
	}
	for i, v := range sums {
		p.most = max(p.most, v-p.before[i])
		p.before[i] = v
	}
}
