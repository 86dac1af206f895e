package snn

import (
	"errors"
	"fmt"
	"slices"
)

// Validate reports everything whose size does not fit: weights and the map that a window makes, factors, biases and moments of a
// population, the order of projections. It looks at no weight or factor itself.
func (n *Network) Validate() error {
	if len(n.Populations) < 2 || n.Populations[0].Neuron != Input {
		return errors.New("snn: no input, or nothing that reads it")
	}
	var errs []error
	if !slices.IsSortedFunc(n.Projections, func(p, q Projection) int { return p.Target - q.Target }) {
		errs = append(errs, errors.New("snn: projections do not ascend by target"))
	}
	for i := range n.Projections {
		p := &n.Projections[i]
		if p.Source < 0 || p.Source >= p.Target || p.Target >= len(n.Populations) {
			return errors.Join(append(errs, fmt.Errorf("snn: projection %d leads from population %d to %d, of %d", i, p.Source, p.Target, len(n.Populations)))...)
		}
		if err := p.check(n.Geometry(i)); err != nil {
			errs = append(errs, fmt.Errorf("snn: projection from %q to %q: %w", n.Populations[p.Source].Name, n.Populations[p.Target].Name, err))
		}
	}
	for i := range n.Populations {
		if err := n.checkPopulation(i); err != nil {
			errs = append(errs, fmt.Errorf("snn: population %q: %w", n.Populations[i].Name, err))
		}
	}
	return errors.Join(errs...)
}

// check compares the weights with the maps that they connect.
func (p *Projection) check(s Shape2d) error {
	if p.Groups < 1 || s.In[0]%p.Groups != 0 || s.Out[0]%p.Groups != 0 {
		return fmt.Errorf("%d groups of %d and %d channels", p.Groups, s.In[0], s.Out[0])
	}
	if p.Pool != nil {
		if err := p.Pool.Validate(); err != nil {
			return err
		}
	}
	if err := p.Window.Validate(); err != nil {
		return err
	}
	pooled, err := s.pooled()
	if err != nil {
		return err
	}
	out, err := p.Window.Output([2]int{pooled[1], pooled[2]})
	if err != nil {
		return err
	}
	if out != [2]int{s.Out[1], s.Out[2]} {
		return fmt.Errorf("its window makes a map of %v, the population has %v", out, s.Out[1:])
	}
	if want := s.Out[0] * p.fanIn(s.In[0]); len(p.Weight) != want {
		return fmt.Errorf("%d weights, want %d", len(p.Weight), want)
	}
	if p.Identity && p.fanIn(s.In[0]) != 1 {
		return fmt.Errorf("a skip connection of %d weights a neuron, want one", p.fanIn(s.In[0]))
	}
	return nil
}

// fanIn returns the weights of a neuron, over a source of so many channels.
func (p *Projection) fanIn(channels int) int {
	return channels / p.Groups * p.Window.Kernel[0] * p.Window.Kernel[1]
}

// checkPopulation compares what population i has a channel with its channels.
func (n *Network) checkPopulation(i int) error {
	p := &n.Populations[i]
	inputs, incoming := 0, n.Incoming(i)
	for _, k := range incoming {
		if q := &n.Projections[k]; !q.Identity && q.Groups > 0 {
			inputs += q.fanIn(n.Populations[q.Source].Shape[0])
		}
	}
	switch c := p.Shape[0]; {
	case slices.Min(p.Shape[:]) < 1:
		return fmt.Errorf("shape %v", p.Shape)
	case i > 0 && len(p.Scale) != c || i == 0 && p.Scale != nil:
		return fmt.Errorf("%d scale factors for %d channels", len(p.Scale), c)
	case p.Bias != nil && len(p.Bias) != c:
		return fmt.Errorf("%d biases for %d channels", len(p.Bias), c)
	case (len(incoming) == 0) != (p.Neuron == Input || p.Neuron == Source):
		return fmt.Errorf("%d projections into neurons %s", len(incoming), p.Neuron)
	case len(p.Moments) > 0 && c%len(p.Moments) != 0:
		return fmt.Errorf("%d blocks of moments for %d channels", len(p.Moments), c)
	}
	for _, m := range p.Moments {
		if m.SymmetricDim() != inputs {
			return fmt.Errorf("moments of %d inputs, want %d", m.SymmetricDim(), inputs)
		}
	}
	return nil
}
