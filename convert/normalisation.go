package convert

import (
	"math"
	"slices"

	"spikec/models/snn"
)

// normalisation is a published way to find scale factors, from the distribution of activations or from the weights.
// Scaling the weights by the factors of both ends, with thresholds of one, is the same network as the weights as they are
// with the factors as thresholds ("threshold balancing").
type normalisation struct {
	Name  string
	About string // one line
	// activations returns the factor for activations of such a distribution, which has positive values; nil where the
	// weights decide.
	activations func(h *histogram, o Options) float64
	// weights returns the factors of layer l, a channel; nil where activations decide.
	weights func(s *State, l layer) []float64
}

// Normalisations are the ways to find scale factors; the first is the default.
var Normalisations = []normalisation{
	{Name: "error", About: "least square error of the rates that T steps can have", activations: leastError},
	{Name: "data", About: "a percentile of the positive activations", activations: percentile},
	{Name: "model", About: "the largest possible activation, from the weights alone", weights: modelScale},
}

// normalisationOf returns the one that the options name.
func normalisationOf(o Options) normalisation {
	for _, n := range Normalisations {
		if n.Name == o.Normalization {
			return n
		}
	}
	panic("convert: no normalisation " + o.Normalization)
}

// scaleFactors returns the factors of layer l, hs being the distributions of its activations, a channel: a factor a channel,
// or the same for all. A channel that is never active gets the layer's largest factor, any other at least a share of it
// (floor). An upper bound of the rectifier itself (ReLU6) bounds them too: the neuron's saturation is then the clip. A layer
// that is never active gets 1, and one that passes on what another one sends that one's factors.
func scaleFactors(s *State, l layer, hs []histogram) []float64 {
	if scale := passedOn(s, l); scale != nil {
		return slices.Clone(scale)
	}
	n := normalisationOf(s.Options)
	var scale []float64
	if n.weights != nil {
		scale = n.weights(s, l)
	} else {
		scale = activationFactors(s, hs, s.Options.PerChannel && l.node != s.Graph.Output, n)
	}
	for c := range scale {
		scale[c] = min(scale[c], l.limit)
	}
	return scale
}

// activationFactors returns the factors that distributions of activations lead to.
func activationFactors(s *State, hs []histogram, perChannel bool, n normalisation) []float64 {
	scale := make([]float64, len(hs))
	top := 0.0
	if perChannel {
		for c := range hs {
			if hs[c].largest > 0 {
				scale[c] = n.activations(&hs[c], s.Options)
			}
			top = max(top, scale[c])
		}
	} else if all := together(hs); all.largest > 0 {
		top = n.activations(&all, s.Options)
	}
	if top == 0 {
		top = 1
	}
	for c := range scale {
		if scale[c] > 0 {
			scale[c] = max(scale[c], top*floor(s.Capabilities))
		} else {
			scale[c] = top
		}
	}
	return scale
}

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

// headroom is by how much factors that know nothing of the neuron grow on account of a reset to zero. It throws away what
// a membrane holds above the threshold, so that a constant input of z thresholds a step fires every ⌈1/z⌉ steps: rates
// above one half cannot be told apart, low ones can. Lower rates need more steps, so the factor follows T.
func headroom(o Options) float64 {
	if o.Reset != snn.Zero {
		return 1
	}
	return min(max(float64(o.Steps)/32, 1), 2)
}

// spikes returns how often a neuron fires in T steps at a constant drive of z thresholds a step, 0 or above:
//
//	reset by subtraction:  min(T, ⌊T·z + v⌋)    v: the membrane at the start, in thresholds
//	reset to zero:         the first spike after ⌈(1−v)/z⌉ steps, every further one ⌈1/z⌉ steps later
func spikes(z float64, o Options) float64 {
	t := float64(o.Steps)
	if o.Reset != snn.Zero {
		return min(t, math.Floor(t*z+o.Initial))
	}
	first := max(1, math.Ceil((1-o.Initial)/z))
	if z == 0 || first > t {
		return 0
	}
	return 1 + math.Floor((t-first)/max(1, math.Ceil(1/z)))
}
