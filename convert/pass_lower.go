package convert

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"spikec/emulator/encoder"
	"spikec/internal/diag"
	"spikec/internal/window"
	"spikec/models/ann"
	"spikec/models/snn"
)

// lower makes the spiking network. With λ the scale factors, a source's channel j and a target's channel i:
//
//	weight = W_ij · λ_j / λ_i · 1/(kH·kW of the pool between)     bias = b_i / λ_i     threshold = 1
//
// (weight normalisation: Diehl et al. 2015, Rueckauer et al. 2017). λ of the input is 1 code with constant coding;
// with regular coding a population of integrate-and-fire neurons, one a pixel, with a weight of 1/255, stands between;
// with spikes that are played (Options.Coding) a population of sources, whose spike is worth 255 codes by its peak rate.
func lower(_ context.Context, s *State) error {
	b := newBuilder(s)
	for _, l := range s.studentLayers() {
		if err := b.layer(l); err != nil {
			return err
		}
	}
	s.Network, s.population = b.net, b.population
	return nil
}

func newBuilder(s *State) *builder {
	b := &builder{s: s, population: map[int]int{}}
	b.net = &snn.Network{Name: s.Graph.Name, Steps: s.Options.Steps, Reset: s.Options.Reset, Firing: s.Capabilities.Firing,
		Initial: s.Options.Initial, Readout: s.Options.Readout}
	b.input(s.studentLayers())
	return b
}

type builder struct {
	s          *State
	net        *snn.Network
	population map[int]int // by node
}

// input adds the input population and, for regular coding, its spiking copy.
func (b *builder) input(layers []layer) {
	g := b.s.Graph
	shape := channels(g.Nodes[0].Shape)
	for _, l := range layers {
		for _, t := range l.terms {
			if reader := t.mapReader(g); reader >= 0 && t.source == 0 {
				shape = channels(g.Nodes[g.Nodes[reader].Inputs[0]].Shape)
			}
		}
	}
	b.net.Border = b.s.Preprocess.Border
	b.net.Populations = []snn.Population{{Name: g.Nodes[0].Name, Shape: shape, Neuron: snn.Input}}
	switch {
	case b.s.Options.Coding != nil:
		b.net.Populations = append(b.net.Populations, sourceOf(g.Nodes[0].Name, shape, *b.s.Options.Coding))
	case b.s.Options.Encoding == "regular":
		p, q := regularOf(g.Nodes[0].Name, shape)
		b.net.Populations, b.net.Projections = append(b.net.Populations, p), append(b.net.Projections, q)
	}
	b.population[0] = len(b.net.Populations) - 1
}

// spikesOf names the population that makes spikes of the codes of an input.
func spikesOf(input string) string { return input + "/spikes" }

// regularOf returns the population of integrate-and-fire neurons, one a code, that makes regular trains of the codes of an input,
// and how codes reach it: code 255 fires in every step.
func regularOf(input string, shape [3]int) (snn.Population, snn.Projection) {
	p := snn.Population{Name: spikesOf(input), Shape: shape, Neuron: snn.IF, Scale: slices.Repeat([]float64{fullInput}, shape[0])}
	return p, snn.Projection{Source: 0, Target: 1, Window: oneTap(), Groups: shape[0], Weight: slices.Repeat([]float32{1 / fullInput}, shape[0]), Identity: true}
}

// sourceOf returns the population that plays the codes of an input as spikes.
func sourceOf(input string, shape [3]int, c encoder.Coding) snn.Population {
	return snn.Population{Name: spikesOf(input), Shape: shape, Neuron: snn.Source, Coding: &c, Scale: slices.Repeat([]float64{fullInput / c.Peak()}, shape[0])}
}

// layer adds the population of l and its projections.
func (b *builder) layer(l layer) error {
	node := b.s.Graph.Nodes[l.node]
	p := snn.Population{Name: node.Name, Shape: channels(node.Shape), Neuron: snn.IF, Scale: b.s.Scales[l.node]}
	if l.node == b.s.Graph.Output && b.s.Options.Readout.Kind == snn.Membrane {
		p.Neuron = snn.Integrator
		// A rate of one spike a step adds one a step: the largest output seen, over T steps, with half as much again.
		p.Range = 1.5 * b.s.LargestOutput / p.Scale[0] * float64(b.s.Options.Steps)
	}
	target := len(b.net.Populations)
	b.population[l.node] = target
	for _, t := range l.terms {
		proj, err := b.projection(l, t, target, &p)
		if err != nil {
			return err
		}
		b.net.Projections = append(b.net.Projections, proj)
	}
	if !b.finite(&p, target) {
		b.s.Diagnostics.Add(diag.Diagnostic{ID: "SPK-CONV-021", Severity: diag.Error, Subject: node.Name,
			Message: "weights or biases over the layer's scale factors are not finite", Remedy: "calibrate with images like those that the network was trained on"})
	}
	p.Moments = b.moments(l)
	b.net.Populations = append(b.net.Populations, p)
	return nil
}

// finite reports whether all numbers of a population, and of the projections into it, are finite, and scale factors positive.
func (b *builder) finite(p *snn.Population, target int) bool {
	for _, v := range p.Scale {
		if !(v > 0) || math.IsInf(v, 0) {
			return false
		}
	}
	for _, v := range p.Bias {
		if v-v != 0 {
			return false
		}
	}
	for _, q := range b.net.Projections {
		if q.Target == target && !allFinite(q.Weight) {
			return false
		}
	}
	return true
}

// projection lowers one term, and adds its bias to the population.
func (b *builder) projection(l layer, t term, target int, p *snn.Population) (snn.Projection, error) {
	g := b.s.Graph
	source := b.population[t.source]
	in := b.net.Populations[source].Shape
	proj := snn.Projection{Source: source, Target: target, Groups: 1}
	seen := in
	if t.pool >= 0 {
		w := g.Nodes[t.pool].Op.(*ann.AveragePool).Window
		proj.Pool = &w
		seen = channels(g.Nodes[t.pool].Shape)
		if got := channels(g.Nodes[g.Nodes[t.pool].Inputs[0]].Shape); got != in {
			return proj, fmt.Errorf("convert: node %q pools a reshaped map (%v from %v)", g.Nodes[t.pool].Name, got, in)
		}
	}
	var w weighted
	switch {
	case t.weighted < 0:
		w = identityOf(p.Shape[0])
		proj.Identity = true
	default:
		w, _ = weightedOf(g.Nodes[t.weighted].Op)
		if w.linear {
			// In C,H,W order a fully connected layer is a kernel that covers the map.
			w.window = window.Window2d{Kernel: [2]int{seen[1], seen[2]}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}
		} else if got := channels(g.Nodes[g.Nodes[t.weighted].Inputs[0]].Shape); got != seen {
			return proj, fmt.Errorf("convert: node %q convolves a reshaped map (%v from %v)", g.Nodes[t.weighted].Name, got, seen)
		}
	}
	proj.Window, proj.Groups = w.window, w.groups
	proj.Weight = b.normalised(w, t, p, seen[0])
	if w.bias != nil {
		if p.Bias == nil {
			p.Bias = make([]float64, p.Shape[0])
		}
		for o := range p.Bias {
			p.Bias[o] += float64(w.bias[o]) / p.Scale[o]
		}
	}
	return proj, nil
}

func identityOf(n int) weighted {
	w := weighted{weight: make([]float32, n), in: n, out: n, groups: n, window: oneTap()}
	for i := range w.weight {
		w.weight[i] = 1
	}
	return w
}

// normalised returns the weights of w in units of the scale factors; in is the number of source channels.
func (b *builder) normalised(w weighted, t term, p *snn.Population, in int) []float32 {
	weight := make([]float32, len(w.weight))
	fan := w.fanIn()
	taps := fan / (in / w.groups)
	for o := range w.out {
		first := o / (w.out / w.groups) * (in / w.groups)
		for k := range fan {
			weight[o*fan+k] = float32(float64(w.weight[o*fan+k]) * b.amplitude(t, first+k/taps) / p.Scale[o])
		}
	}
	return weight
}

// amplitude is what one spike (one code at a constant input) of channel c of a term's source is worth behind its
// pool, in units of the trained network.
func (b *builder) amplitude(t term, c int) float64 {
	a := 1.0
	if scale := b.net.Populations[b.population[t.source]].Scale; scale != nil {
		a = scale[c]
	}
	if t.pool >= 0 {
		k := b.s.Graph.Nodes[t.pool].Op.(*ann.AveragePool).Window.Kernel
		a /= float64(k[0] * k[1])
	}
	return a
}

// moments brings the Gram matrices of the re-fit into units of spikes.
func (b *builder) moments(l layer) []*mat.SymDense {
	var all []*mat.SymDense
	for block, g := range b.s.Gram[l.node] {
		var unit []float64
		for _, t := range l.terms {
			if t.weighted < 0 {
				continue
			}
			w, _ := weightedOf(b.s.Graph.Nodes[t.weighted].Op)
			in := w.in
			if w.linear {
				in = b.net.Populations[b.population[t.source]].Shape[0]
			}
			fan := w.fanIn()
			taps := fan / (in / w.groups)
			first := block * w.groups / len(b.s.Gram[l.node]) * (in / w.groups)
			for k := range fan {
				unit = append(unit, b.amplitude(t, first+k/taps))
			}
		}
		m := mat.NewSymDense(len(unit), nil)
		for i := range unit {
			for j := i; j < len(unit); j++ {
				m.SetSym(i, j, g.At(i, j)/(unit[i]*unit[j]))
			}
		}
		all = append(all, m)
	}
	return all
}
