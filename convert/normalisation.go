package convert

import (
	"context"
	"fmt"
	"math"
	"slices"

	"spikec/models/snn"
)

// Normalisation is a published way to find scale factors, from the distribution of activations, from the weights, or from a
// simulation. Scaling the weights by the factors of both ends, with thresholds of one, is the same network as the weights as
// they are with the factors as thresholds ("threshold balancing").
type Normalisation struct {
	Name  string
	About string // one line
	// activations returns the factor for activations of such a distribution, which has positive values; nil where layer
	// decides.
	activations func(h *histogram, o Options) float64
	// layer returns the one factor of a layer that is published for it, 0 where the layer is never active; nil where
	// activations decide.
	layer func(ctx context.Context, s *State, l layer, e evidence) (float64, error)
	// sums says that the distribution of pre-activations counts, negative ones too (moments).
	sums bool
	// simulates says that the layers before are simulated, with the factors that they got.
	simulates bool
	// sampled says that in pass rate-refit it takes the activations on the rows that the layer is fitted to, not those at all
	// positions on all images.
	sampled bool
	// recorded says that factors are what the model records: no image is looked at.
	recorded bool
}

// Normalisations are the ways to find scale factors; the first is the default.
var Normalisations = []Normalisation{
	{Name: "error", About: fmt.Sprintf("least square error of the rates that T steps can have, on the sample of activations that a layer is fitted to (%d for every input of a neuron and 1000 more)", refitRows), activations: leastError, sampled: true},
	{Name: "data", About: "a percentile of the positive activations, all of them on all calibration images", activations: percentile},
	{Name: "diehl", About: "the largest activation or the largest weight, if that is larger", layer: diehlScale},
	{Name: "model", About: "the largest possible activation, from the weights alone", layer: modelScale},
	{Name: "gaussian", About: "least square error where sums are normally distributed, from their mean and deviation", activations: gaussian, sums: true},
	{Name: "local", About: "local threshold balancing, raised as long as sums are above", activations: localThreshold, sums: true},
	{Name: "spikenorm", About: "the largest current of a single step, in a simulation layer by layer", layer: spikeNorm, simulates: true},
	{Name: "recorded", About: "the largest activation that a quantised model records", layer: recordedScale, recorded: true},
}

// largestActivation gives factors that nothing seen exceeds.
var largestActivation = Normalisation{activations: func(h *histogram, _ Options) float64 { return h.largest }}

// LayersOnly reports whether a layer has one factor, whether factors a channel are wanted or not.
func (n Normalisation) LayersOnly() bool { return n.layer != nil }

// evidence is what is known of a layer whose factors are to be found.
type evidence struct {
	channels []histogram // the distributions of its activations, a channel
	currents currents    // of the layers before, where the normalisation simulates
}

// normalisationOf returns the one that the options name.
func normalisationOf(o Options) Normalisation {
	for _, n := range Normalisations {
		if n.Name == o.Normalization {
			return n
		}
	}
	panic("convert: no normalisation " + o.Normalization)
}

// scaleFactors returns the factors of layer l by normalisation n: a factor a channel, or the same for all. A channel that is never active gets
// the layer's largest factor, any other at least a share of it (floor). A layer that is never active gets 1, and one that passes on what another
// one sends that one's factors. An upper bound of the rectifier itself (ReLU6) bounds them all (bounded).
func scaleFactors(ctx context.Context, s *State, l layer, n Normalisation, e evidence) ([]float64, error) {
	if scale := passedOn(s, l); scale != nil {
		return scale, nil
	}
	var scale []float64
	if n.layer != nil {
		factor, err := n.layer(ctx, s, l, e)
		if err != nil {
			return nil, err
		}
		if factor <= 0 {
			factor = 1
		}
		scale = slices.Repeat([]float64{factor}, len(e.channels))
	} else {
		scale = activationFactors(s, e.channels, s.Options.PerChannel && l.node != s.Graph.Output, n)
	}
	return l.bounded(scale), nil
}

// activationFactors returns the factors that distributions of activations lead to.
func activationFactors(s *State, hs []histogram, perChannel bool, n Normalisation) []float64 {
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
