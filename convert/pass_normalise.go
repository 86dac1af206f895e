package convert

import (
	"context"
	"fmt"
	"math"

	"spikec/internal/parallel"
	"spikec/models/ann"
	"spikec/models/snn"
)

// normalise finds the scale factor λ of every layer: the activation that one spike a step stands for.
//
//   - data (Diehl et al. 2015; Rueckauer et al. 2017): a percentile of the layer's non-zero activations on the
//     calibration images, a layer or a channel; 100 is the maximum. A channel that is never active gets the layer's
//     largest factor, any other at least a share of it (floorOwn, floorShared).
//   - model (Diehl et al. 2015): the largest possible activation, λ_l = max_i Σ_j max(0, W_ij)·λ_{l−1} + max(0, b_i)
//     with codes of 255 at the input. Rates never saturate, and are small.
//
// An upper bound of the rectifier itself (ReLU6) bounds λ too: the neuron's saturation is then the clip. A reset to
// zero gets headroom on top.
func normalise(ctx context.Context, s *State) error {
	layers := s.studentLayers()
	h := newHistograms(s, layers)
	if err := h.measure(ctx, s); err != nil {
		return err
	}
	last := len(layers) - 1
	for k, l := range layers {
		var scale []float64
		if s.Options.Normalization == "model" {
			scale = modelScale(s, l)
		} else {
			scale = h.scale(k, s.Options.Percentile, s.Options.PerChannel && k != last, floor(s.Capabilities))
		}
		for c := range scale {
			scale[c] = min(scale[c], l.limit) * headroom(s.Options)
		}
		if h.silent(k) {
			s.Diagnostics.Warnf("SPK-CONV-009", s.Graph.Nodes[l.node].Name, "silent: not one positive activation on %d calibration images", s.Images.N)
		}
		s.Scales[l.node] = scale
	}
	s.LargestOutput = h.largestOutput()
	return nil
}

// headroom is by how much scale factors grow on account of a reset to zero. It throws away what a membrane holds above
// the threshold, so that a constant input of z thresholds a step fires every ⌈1/z⌉ steps: rates above one half cannot
// be told apart, low ones can. Lower rates need more steps, so the factor follows T.
func headroom(o Options) float64 {
	if o.Reset != snn.Zero {
		return 1
	}
	return min(max(float64(o.Steps)/32, 1), 2)
}

// modelScale returns the largest possible activation of layer l, for every channel.
func modelScale(s *State, l layer) []float64 {
	out := channels(s.Graph.Nodes[l.node].Shape)[0]
	bound := make([]float64, out)
	for _, t := range l.terms {
		source := 255.0
		if t.source != 0 {
			source = s.Scales[t.source][0]
		}
		if t.weighted < 0 {
			for o := range bound {
				bound[o] += source
			}
			continue
		}
		w, _ := weightedOf(s.Graph.Nodes[t.weighted].Op)
		for o := range bound {
			for _, v := range w.weight[o*w.fanIn() : (o+1)*w.fanIn()] {
				bound[o] += max(0, float64(v)) * source
			}
			if w.bias != nil {
				bound[o] += max(0, float64(w.bias[o]))
			}
		}
	}
	largest := 0.0
	for _, b := range bound {
		largest = max(largest, b)
	}
	if largest == 0 {
		largest = 1
	}
	for o := range bound {
		bound[o] = largest
	}
	return bound
}

// bins is the resolution of an activation histogram: λ is exact within 1/bins of the channel's largest activation.
const bins = 4096

// histograms holds the distribution of positive activations, a layer and channel.
type histograms struct {
	layers  []layer
	shapes  [][3]int
	largest [][]float64 // of the activations
	count   [][]uint32  // channel × bins
	output  float64
}

func newHistograms(s *State, layers []layer) *histograms {
	h := &histograms{layers: layers}
	for _, l := range layers {
		shape := channels(s.Graph.Nodes[l.node].Shape)
		h.shapes = append(h.shapes, shape)
		h.largest = append(h.largest, make([]float64, shape[0]))
		h.count = append(h.count, make([]uint32, shape[0]*bins))
	}
	return h
}

// measure runs the student over the images twice: for the largest activations, then for the histograms below them.
func (h *histograms) measure(ctx context.Context, s *State) error {
	jobs := parallel.Jobs(s.Options.Jobs)
	parts := make([]*histograms, jobs)
	execs := make([]*ann.Executor, jobs)
	codes := make([][]float32, jobs)
	for k := range jobs {
		parts[k], execs[k] = newHistograms(s, h.layers), ann.NewExecutor(s.Graph)
		codes[k] = make([]float32, s.Graph.Nodes[0].Shape.Size())
	}
	for phase := range 2 {
		err := parallel.For(ctx, s.Images.N, jobs, func(k, i int) error {
			s.Images.Codes(i, codes[k])
			if _, err := execs[k].Run(codes[k]); err != nil {
				return err
			}
			for n, l := range h.layers {
				v := execs[k].Value(l.node)
				if phase == 0 {
					if err := parts[k].extremes(n, v); err != nil {
						return fmt.Errorf("convert: pass normalise: layer %q: %w", s.Graph.Nodes[l.node].Name, err)
					}
				} else {
					parts[k].add(n, v, h.largest[n])
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		h.merge(parts, phase)
	}
	return nil
}

// extremes notes the largest activations of layer n.
func (h *histograms) extremes(n int, v []float32) error {
	plane := h.shapes[n][1] * h.shapes[n][2]
	for i, x := range v {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return fmt.Errorf("activation %d is not finite on the calibration images", i)
		}
		h.largest[n][i/plane] = max(h.largest[n][i/plane], float64(x))
		if n == len(h.layers)-1 {
			h.output = max(h.output, math.Abs(float64(x)))
		}
	}
	return nil
}

// add counts the positive activations of layer n below the largest ones.
func (h *histograms) add(n int, v []float32, largest []float64) {
	plane := h.shapes[n][1] * h.shapes[n][2]
	for i, x := range v {
		if x > 0 {
			c := i / plane
			h.count[n][c*bins+min(bins-1, int(float64(x)/largest[c]*bins))]++
		}
	}
}

func (h *histograms) merge(parts []*histograms, phase int) {
	for _, p := range parts {
		h.output = max(h.output, p.output)
		for n := range h.layers {
			if phase == 0 {
				for c, x := range p.largest[n] {
					h.largest[n][c] = max(h.largest[n][c], x)
				}
				continue
			}
			for i, x := range p.count[n] {
				h.count[n][i] += x
			}
		}
	}
}

func (h *histograms) silent(n int) bool {
	for _, x := range h.largest[n] {
		if x > 0 {
			return false
		}
	}
	return true
}

func (h *histograms) largestOutput() float64 { return h.output }

// A channel's factor is at least this share of its layer's largest one: a small factor means large weights, and where
// all channels share one threshold they would cost the others their resolution.
const (
	floorOwn    = 1e-3 // neurons have thresholds of their own
	floorShared = 0.1  // a layer has one threshold
)

func floor(c Capabilities) float64 {
	if c.PerNeuronThreshold {
		return floorOwn
	}
	return floorShared
}

// scale returns the percentile of the positive activations of layer n, a channel or the same for all.
func (h *histograms) scale(n int, percentile float64, perChannel bool, floor float64) []float64 {
	scale := make([]float64, h.shapes[n][0])
	top := 0.0
	for c := range scale {
		scale[c] = quantile(h.count[n][c*bins:(c+1)*bins], h.largest[n][c], percentile)
		top = max(top, scale[c])
	}
	if top == 0 {
		top = 1
	}
	if !perChannel {
		top = h.layerQuantile(n, percentile)
	}
	for c := range scale {
		if perChannel && scale[c] > 0 {
			scale[c] = max(scale[c], top*floor)
		} else {
			scale[c] = top
		}
	}
	return scale
}

// layerQuantile is the percentile over all channels of layer n: the histograms are merged on one scale.
func (h *histograms) layerQuantile(n int, percentile float64) float64 {
	largest := 0.0
	for _, x := range h.largest[n] {
		largest = max(largest, x)
	}
	if largest == 0 {
		return 1
	}
	all := make([]uint32, bins)
	for c, x := range h.largest[n] {
		for b, k := range h.count[n][c*bins : (c+1)*bins] {
			all[min(bins-1, int((float64(b)+0.5)*x/largest))] += k
		}
	}
	return quantile(all, largest, percentile)
}

// quantile returns the upper edge of the bin that holds the percentile; 0 for an empty histogram.
func quantile(count []uint32, largest, percentile float64) float64 {
	var total, seen uint64
	for _, k := range count {
		total += uint64(k)
	}
	if total == 0 {
		return 0
	}
	for b, k := range count {
		seen += uint64(k)
		if 100*float64(seen) >= percentile*float64(total) {
			return largest * float64(b+1) / float64(len(count))
		}
	}
	return largest
}
