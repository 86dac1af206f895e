// Package convert turns a trained network (models/ann) into a rate-coded spiking network (models/snn) by a table of
// passes (passes.go): the published rules, the closed-form re-fit that makes good what the rules destroy, weight
// normalisation, and lowering. It comes after models/onnx and before quantize; what a target allows comes in as plain
// Capabilities. It needs images, but no labels.
package convert

import (
	"context"
	"math"
	"time"

	"gonum.org/v1/gonum/mat"

	"spikec/emulator/encoder"
	"spikec/internal/diag"
	"spikec/models/ann"
	"spikec/models/snn"
)

// Rules is the set of rules that the converted network obeys.
type Rules string

const (
	// Strict: ReLU, every bias zero, average pooling, non-negative input (Cao et al. 2015; Diehl et al. 2015).
	Strict Rules = "strict"
	// Best: what rate coding can do beyond Strict: biases stay, as constant currents (Rueckauer et al. 2017), signed input is
	// split (splitInput), and max pooling may stay (Options.Pooling).
	Best Rules = "best"
	// None: nothing is converted, the network spikes already (Adopt).
	None Rules = "none"
)

// What becomes of max pooling.
const (
	AveragePooling = "average" // linear subsampling (pass average-pooling)
	MaxPooling     = "max"     // it stays, as comparisons by rectifiers (pass compare-pools)
)

// Options are the user's choices.
type Options struct {
	Rules         Rules
	Normalization string  // the name of one of Normalisations
	Percentile    float64 // of normalisation data: of the positive activations, in 0..100; 100 is the maximum
	PerChannel    bool    // scale factors a channel, where the normalisation has them, else a layer
	// Encoding is constant or regular, or with a Coding its name.
	Encoding string
	Coding   *encoder.Coding // how codes become spikes; nil for constant and regular
	Readout  snn.Readout
	Reset    snn.Reset
	Initial  float64 // membranes at the start, in thresholds
	Steps    int     // T, at least 1
	Jobs     int     // goroutines; 0 = one a processor
	Disable  map[string]bool
	// Known are scale factors to take instead of measuring them; nil: none.
	Known *Known
	// Recorded are the least and the largest value that the model's file records, by the name of the node that has it; for
	// normalisation recorded.
	Recorded map[string][2]float64
	// Pooling says what becomes of max pooling: AveragePooling or MaxPooling.
	Pooling string
	// PoolNeurons gives average pools neurons of their own; else the next layer sums over their windows.
	PoolNeurons bool
	// Round replaces the weights and biases of a hidden population of a network, which need not be complete behind it, by
	// what the target will make of them. It may be nil.
	Round func(net *snn.Network, population int) error
	// Raise raises the scale factors of a population of firing neurons, output saying that it is the output, where those that are
	// found without the target's neurons are not the best for them; the network need not be complete behind it. It changes
	// the population as well, and returns the factors by which the scale factors rose, a channel. It may be nil.
	Raise func(net *snn.Network, population int, output bool) ([]float64, error)
	// Counters returns what makes counters of the spikes that the target's neurons send in a network that is not complete, where
	// a simulation in real numbers does not tell; a counter, for one goroutine, presents a picture (codes in H,W,C order, and its
	// index) and returns them by population. nil, here or returned: the simulation tells.
	Counters func(net *snn.Network) (func() func(hwc []int32, picture int) ([][]int32, error), error)
	// ZeroBias takes the biases away although the rules and the target would keep them.
	ZeroBias bool
	// Rows is how many rows a column of a regression of the re-fit gets, if there are as many; 0 means refitRows.
	Rows int
	// DumpAfter is called with the name of every pass and what it left behind. It may be nil.
	DumpAfter func(pass string, took time.Duration, s *State)
	// StopAfter ends the conversion after the pass of that name.
	StopAfter string
}

// Capabilities is what a target allows a conversion to use.
type Capabilities struct {
	Bias               bool // neurons can add a constant at every step
	PerNeuronThreshold bool // thresholds may differ within a layer
	Firing             snn.Firing
	Staggered          bool // the windows of layers follow each other: spikes arrive later than in the step that sends them
}

// Preprocess says how a code becomes the network's own input, a channel of the data (one value serves all):
// input = code·Scale[c] + Offset[c].
type Preprocess struct {
	Scale, Offset []float64
	// Pairs is the number of channels of signed data, 0 where codes are not split: then each channel of C,H,W is coded as
	// two that follow each other, and code stands for the first minus the second.
	Pairs int
	// Border is put around a picture of codes; nil: none.
	Border *snn.Border
}

// At returns scale and offset of flat index i of an image of size values, C,H,W order.
func (p Preprocess) At(i, size int) (scale, offset float64) {
	pick := func(v []float64, none float64) float64 {
		switch len(v) {
		case 0:
			return none
		case 1:
			return v[0]
		default:
			return v[i/(size/len(v))]
		}
	}
	return pick(p.Scale, 1), pick(p.Offset, 0)
}

// Images are the calibration images. Codes and Inputs fill dst, in C,H,W order, with what the chip sees of image i
// (0..255) and with what the trained network takes; both are safe for concurrent use.
type Images struct {
	N      int
	Codes  func(i int, dst []float32)
	Inputs func(i int, dst []float32)
}

// State is what the passes work on.
type State struct {
	Options      Options
	Capabilities Capabilities
	Preprocess   Preprocess
	Images       Images

	// Teacher computes what the trained network computes, from the network's own input. Passes that keep the function
	// rewrite it; the pass "snapshot" copies it to Graph, and from then on both have the same nodes.
	Teacher *ann.Graph
	// Graph is the student: it takes codes, and obeys the rules.
	Graph *ann.Graph
	// KeptPools is how many max pools became comparisons.
	KeptPools int
	// layers are the student's (see studentLayers).
	layers []layer
	// Tailored is the student as it is without time, where a later pass fits it to rates; else nil.
	Tailored *ann.Graph
	// Naive is the student as the rules left it, before the re-fit.
	Naive *ann.Graph
	// Scales are the activations that one spike a step stands for: by layer node, a channel.
	Scales map[int][]float64
	// Gram holds, by layer node and block of output channels, Uᵀ·U/n of the re-fit.
	Gram map[int][]*mat.SymDense
	// LargestOutput is the largest |output| of the student on the calibration images.
	LargestOutput float64
	Network       *snn.Network
	population    map[int]int // of Network, by layer node and the input
	Diagnostics   diag.List
}

// studentLayers returns the layers of the student. They are found once: from pass input-scale on, which reports what is
// wrong with them, its nodes stay where they are.
func (s *State) studentLayers() []layer {
	if s.layers == nil {
		s.layers, _ = layersOf(s.Graph)
	}
	return s.layers
}

// Result is a finished conversion.
type Result struct {
	Tailored    *ann.Graph // the student, still without time; takes codes
	Naive       *ann.Graph // the same before the re-fit
	Network     *snn.Network
	Diagnostics diag.List
	Timing      []PassTime

	// What the network was made from, to look into it: the trained network as the student was fitted to it, and the student
	// as it was lowered. Both have the same nodes; the teacher takes the network's own input, the student codes.
	Teacher, Student *ann.Graph
	Layers           []Layer
	Input            int // the population that the layers read the input from
	Options          Options
	// LargestOutput is the largest |output| of the student on the calibration images.
	LargestOutput float64
	KeptPools     int // max pools that became comparisons
}

// PassTime is how long a pass took.
type PassTime struct {
	Pass     string        `json:"pass"`
	Duration time.Duration `json:"nanoseconds"`
}

// Run converts g. The error is a *diag.Failure where the network cannot be converted; it names everything that
// stands in the way that the failing pass could see.
func Run(ctx context.Context, g *ann.Graph, pre Preprocess, images Images, capabilities Capabilities, opt Options) (*Result, error) {
	if opt.Rules == Strict || opt.ZeroBias {
		capabilities.Bias = false
	}
	s := &State{Options: opt, Capabilities: capabilities, Preprocess: pre, Images: images, Teacher: g, Scales: map[int][]float64{}}
	timing, err := runPasses(ctx, s)
	if err != nil {
		return nil, err
	}
	tailored := s.Tailored
	if tailored == nil {
		tailored = s.Graph
	}
	return &Result{Tailored: tailored, Naive: s.Naive, Network: s.Network, Diagnostics: s.Diagnostics, Timing: timing,
		Teacher: s.Teacher, Student: s.Graph, Layers: s.layerList(), Input: s.population[0], Options: opt, LargestOutput: s.LargestOutput, KeptPools: s.KeptPools}, nil
}

// activation reports whether op is a rectifier: min(max(x, 0), limit).
func activation(op ann.Op) (limit float64, ok bool) {
	switch a := op.(type) {
	case ann.Relu:
		return math.Inf(1), true
	case ann.Clip:
		if a.Min == 0 {
			return float64(a.Max), true
		}
	}
	return 0, false
}
