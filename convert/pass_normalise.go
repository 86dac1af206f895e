package convert

import (
	"context"
	"fmt"
	"math"

	"spikec/internal/parallel"
	"spikec/models/ann"
)

// normalise finds the scale factor λ of every layer, the activation that one spike a step stands for, from the activations
// of the student on the calibration images (scaleFactors), or takes those that are known.
func normalise(ctx context.Context, s *State) error {
	if s.Images.N > 0 {
		few(s)
	}
	if s.Options.Known != nil {
		s.known()
		return nil
	}
	if s.Images.N == 0 {
		s.noImages("or scale factors that are known")
		return nil
	}
	layers := s.studentLayers()
	a := newDistributions(s, layers)
	if err := a.measure(ctx, s); err != nil {
		return err
	}
	for k, l := range layers {
		if a.silent(k) {
			s.Diagnostics.Warnf("SPK-CONV-009", s.Graph.Nodes[l.node].Name, "silent: not one positive activation on %d calibration images", s.Images.N)
		}
		s.Scales[l.node] = scaleFactors(s, l, a.channels[k])
	}
	s.LargestOutput = a.output
	return nil
}

// distributions are the distributions of the positive activations of layers, a channel.
type distributions struct {
	layers   []layer
	planes   []int         // neurons a channel, by layer
	channels [][]histogram // by layer
	output   float64       // the largest |output|
}

func newDistributions(s *State, layers []layer) *distributions {
	a := &distributions{layers: layers}
	for _, l := range layers {
		shape := channels(s.Graph.Nodes[l.node].Shape)
		a.planes = append(a.planes, shape[1]*shape[2])
		a.channels = append(a.channels, make([]histogram, shape[0]))
	}
	return a
}

// measure runs the student over the images twice: for the largest activations, then for the distributions below them.
func (a *distributions) measure(ctx context.Context, s *State) error {
	parts := make([]*distributions, parallel.Jobs(s.Options.Jobs))
	execs := make([]*ann.Executor, len(parts))
	codes := make([][]float32, len(parts))
	for k := range parts {
		parts[k], execs[k] = newDistributions(s, a.layers), ann.NewExecutor(s.Graph)
		codes[k] = make([]float32, s.Graph.Nodes[0].Shape.Size())
	}
	each := func(see func(p *distributions, n int, v []float32) error) error {
		return parallel.For(ctx, s.Images.N, len(parts), func(k, i int) error {
			s.Images.Codes(i, codes[k])
			if _, err := execs[k].Run(codes[k]); err != nil {
				return err
			}
			for n, l := range a.layers {
				if err := see(parts[k], n, execs[k].Value(l.node)); err != nil {
					return fmt.Errorf("convert: pass normalise: layer %q: %w", s.Graph.Nodes[l.node].Name, err)
				}
			}
			return nil
		})
	}
	if err := each((*distributions).extremes); err != nil {
		return err
	}
	a.largest(parts)
	if err := each((*distributions).add); err != nil {
		return err
	}
	a.merge(parts)
	return nil
}

// extremes notes the largest activations of layer n.
func (a *distributions) extremes(n int, v []float32) error {
	for i, x := range v {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return fmt.Errorf("activation %d is not finite on the calibration images", i)
		}
		h := &a.channels[n][i/a.planes[n]]
		h.largest = max(h.largest, float64(x))
		if n == len(a.layers)-1 {
			a.output = max(a.output, math.Abs(float64(x)))
		}
	}
	return nil
}

// largest gives the parts, and a, histograms up to the largest activations of all parts.
func (a *distributions) largest(parts []*distributions) {
	for _, p := range parts {
		a.output = max(a.output, p.output)
	}
	for n := range a.channels {
		for c := range a.channels[n] {
			most := 0.0
			for _, p := range parts {
				most = max(most, p.channels[n][c].largest)
			}
			a.channels[n][c] = newHistogram(most)
			for _, p := range parts {
				p.channels[n][c] = newHistogram(most)
			}
		}
	}
}

// add counts the activations of layer n.
func (a *distributions) add(n int, v []float32) error {
	for i, x := range v {
		a.channels[n][i/a.planes[n]].add(float64(x))
	}
	return nil
}

// merge adds up what the parts counted.
func (a *distributions) merge(parts []*distributions) {
	for n := range a.channels {
		for c := range a.channels[n] {
			for _, p := range parts {
				for b, k := range p.channels[n][c].count {
					a.channels[n][c].count[b] += k
				}
			}
		}
	}
}

// silent reports whether layer n is never active.
func (a *distributions) silent(n int) bool {
	for _, h := range a.channels[n] {
		if h.largest > 0 {
			return false
		}
	}
	return true
}
