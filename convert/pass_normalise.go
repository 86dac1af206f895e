package convert

import (
	"context"
	"fmt"
	"math"
	"slices"

	"spikec/internal/parallel"
	"spikec/models/ann"
)

// normalise finds the scale factor λ of every layer, the activation that one spike a step stands for, from the activations
// of the student on the calibration images (scaleFactors), or takes those that are known or recorded. A layer that pass
// rate-refit is going to find factors for gets its largest activations, which stand where that finds nothing to fit to.
func normalise(ctx context.Context, s *State) error {
	if s.Images.N > 0 {
		few(s)
	}
	if s.Options.Known != nil {
		s.known()
		return nil
	}
	if normalisationOf(s.Options).recorded {
		return s.recorded(ctx)
	}
	if s.Images.N == 0 {
		s.noImages()
		return nil
	}
	layers := s.studentLayers()
	a := newDistributions(s, layers)
	for k, l := range layers {
		a.passing[k] = !s.Options.Disable["rate-refit"] && s.refits(l)
	}
	if err := a.measure(ctx, s, "normalise", s.studentValues); err != nil {
		return err
	}
	simulates := normalisationOf(s.Options).simulates
	var c currents
	if simulates {
		c = newCurrents(s)
	}
	for k, l := range layers {
		if a.silent(k) {
			s.Diagnostics.Warnf("SPK-CONV-009", s.Graph.Nodes[l.node].Name, "silent: not one positive activation on %d calibration images", s.Images.N)
		}
		by := normalisationOf(s.Options)
		if a.passing[k] {
			by = largestActivation
		}
		factors, err := scaleFactors(ctx, s, l, by, evidence{channels: a.channels[k], currents: c})
		if err != nil {
			return err
		}
		s.Scales[l.node] = factors
		if simulates {
			if err := c.b.layer(l); err != nil {
				return err
			}
		}
	}
	s.LargestOutput = a.output
	return nil
}

// sumImages is of how many images sums are kept at a time.
const sumImages = 64

// distributions are the distributions of the positive activations of layers, a channel.
type distributions struct {
	layers   []layer
	passing  []bool        // by layer: the largest activations are all that is wanted
	planes   []int         // neurons a channel, by layer
	channels [][]histogram // by layer
	output   float64       // the largest |output|
	sums     [][]moments   // of pre-activations: by layer, one of sumImages images and in it a channel; nil where nobody asks
}

func newDistributions(s *State, layers []layer) *distributions {
	a := &distributions{layers: layers, passing: make([]bool, len(layers))}
	for _, l := range layers {
		shape := channels(s.Graph.Nodes[l.node].Shape)
		a.planes = append(a.planes, shape[1]*shape[2])
		a.channels = append(a.channels, make([]histogram, shape[0]))
	}
	return a
}

// values returns what has the values of the student for image i, as long as it is not called again.
type values func(i int) (*ann.Executor, error)

// studentValues returns what runs the student, as it computes without time.
func (s *State) studentValues(int) values {
	e, codes := ann.NewExecutor(s.Graph), make([]float32, s.Graph.Nodes[0].Shape.Size())
	return func(i int) (*ann.Executor, error) {
		s.Images.Codes(i, codes)
		_, err := e.Run(codes)
		return e, err
	}
}

// measure runs the student over the images twice, for a pass: for the largest activations, then for the distributions below
// them, if any are wanted. of returns what computes the student on goroutine k.
func (a *distributions) measure(ctx context.Context, s *State, pass string, of func(k int) values) error {
	parts, workers := make([]*distributions, parallel.Jobs(s.Options.Jobs)), make([]values, parallel.Jobs(s.Options.Jobs))
	for k := range parts {
		parts[k], workers[k] = newDistributions(s, a.layers), of(k)
	}
	each := func(first, count int, see func(e *ann.Executor, k, i, n int) error) error {
		return parallel.For(ctx, count, len(parts), func(k, i int) error {
			e, err := workers[k](first + i)
			if err != nil {
				return err
			}
			for n, l := range a.layers {
				if err := see(e, k, i, n); err != nil {
					return fmt.Errorf("convert: pass %s: layer %q: %w", pass, s.Graph.Nodes[l.node].Name, err)
				}
			}
			return nil
		})
	}
	if err := each(0, s.Images.N, func(e *ann.Executor, k, _, n int) error { return parts[k].extremes(n, e.Value(a.layers[n].node)) }); err != nil {
		return err
	}
	a.largest(parts)
	if !slices.Contains(a.passing, false) {
		return nil
	}
	some := s.Images.N
	if normalisationOf(s.Options).sums {
		some = min(some, sumImages)
		for _, hs := range a.channels {
			a.sums = append(a.sums, make([]moments, some*len(hs)))
		}
	}
	for first := 0; first < s.Images.N; first += some {
		if err := each(first, min(some, s.Images.N-first), func(e *ann.Executor, k, i, n int) error {
			if a.passing[n] {
				return nil
			}
			parts[k].add(n, e.Value(a.layers[n].node))
			if a.sums != nil {
				a.addUp(n, i, e.Value(a.layers[n].pre))
			}
			return nil
		}); err != nil {
			return err
		}
		a.mergeSums()
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
			if a.passing[n] {
				a.channels[n][c].largest = most
				continue
			}
			a.channels[n][c] = newHistogram(most)
			for _, p := range parts {
				p.channels[n][c] = newHistogram(most)
			}
		}
	}
}

// add counts the activations of layer n.
func (a *distributions) add(n int, v []float32) {
	for i, x := range v {
		a.channels[n][i/a.planes[n]].add(float64(x))
	}
}

// addUp adds up the pre-activations of layer n on one of sumImages images.
func (a *distributions) addUp(n, image int, v []float32) {
	for i, x := range v {
		a.sums[n][image*len(a.channels[n])+i/a.planes[n]].add(float64(x))
	}
}

// mergeSums adds up the sums of the images in their order, and clears them: their rounding does not depend on which goroutine
// took which image.
func (a *distributions) mergeSums() {
	for n := range a.sums {
		for k, m := range a.sums[n] {
			a.channels[n][k%len(a.channels[n])].sums.merge(m)
		}
		clear(a.sums[n])
	}
}

// merge adds up what the parts counted.
func (a *distributions) merge(parts []*distributions) {
	for n := range a.channels {
		for c := range a.channels[n] {
			for _, p := range parts {
				for b, k := range p.channels[n][c].count { // none where the layer is passing
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
