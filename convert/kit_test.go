package convert

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"pgregory.net/rapid"

	"spikec/internal/window"
	"spikec/models/ann"
	"spikec/models/snn"
)

// tb is what the helpers need of *testing.T and *rapid.T.
type tb interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// sketch builds a trained network. Without inputs an operation reads the node before.
type sketch struct {
	tb
	g *ann.Graph
	r *rand.Rand
}

func newSketch(t tb, seed uint64, shape ...int) *sketch {
	return &sketch{tb: t, g: ann.NewGraph("sketch", "x", shape), r: rand.New(rand.NewPCG(seed, 1))}
}

// add appends a node whose name is its operation and its index.
func (s *sketch) add(op ann.Op, inputs ...int) int {
	s.Helper()
	if len(inputs) == 0 {
		inputs = []int{s.g.Output}
	}
	i, err := s.g.Add(fmt.Sprintf("%s%d", op.Kind(), len(s.g.Nodes)), op, inputs...)
	if err != nil {
		s.Fatal(err)
	}
	return i
}

// shape returns the shape of a node as C,H,W.
func (s *sketch) shape(node int) [3]int { return channels(s.g.Nodes[node].Shape) }

// numbers returns n normal numbers of the given spread.
func (s *sketch) numbers(n int, spread float64) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(s.r.NormFloat64() * spread)
	}
	return v
}

// conv returns a random convolution; weights are scaled so that activations keep their size.
func (s *sketch) conv(in, out, groups int, w window.Window2d, bias bool) *ann.Conv {
	fan := in / groups * w.Kernel[0] * w.Kernel[1]
	c := &ann.Conv{Weight: s.numbers(out*fan, math.Sqrt(2/float64(fan))), In: in, Out: out, Groups: groups, Window: w}
	if bias {
		c.Bias = s.numbers(out, 0.3)
	}
	return c
}

// linear returns a random fully connected layer.
func (s *sketch) linear(in, out int, bias bool) *ann.Linear {
	l := &ann.Linear{Weight: s.numbers(in*out, math.Sqrt(2/float64(in))), In: in, Out: out}
	if bias {
		l.Bias = s.numbers(out, 0.3)
	}
	return l
}

// firstLayers are the ways in which weights may read a map of 7×5.
var firstLayers = []string{"conv", "groups", "pool", "linear", "pool linear"}

// firstLayer adds what reads a map of c channels in one of those ways.
func (s *sketch) firstLayer(t *rapid.T, c int, kind string) {
	s.Helper()
	switch kind {
	case "conv":
		s.add(s.conv(c, 3, 1, window.Square(2, 2), rapid.Bool().Draw(t, "bias")))
	case "groups":
		s.add(s.conv(c, 2*c, c, window.Square(2, 2), rapid.Bool().Draw(t, "bias")))
	case "pool":
		s.add(&ann.AveragePool{Window: window.Square(2, 2)})
		s.add(s.conv(c, 3, 1, window.Square(2, 1), true))
	case "linear":
		s.add(ann.Flatten{})
		s.add(s.linear(c*35, 4, rapid.Bool().Draw(t, "bias")))
	case "pool linear":
		s.add(&ann.AveragePool{Window: window.Square(2, 2)})
		s.add(ann.Flatten{})
		s.add(s.linear(c*6, 4, true))
	}
}

// batchNorm returns a random batch normalisation; its gammas are positive unless signed.
func (s *sketch) batchNorm(n int, signed bool) *ann.BatchNorm {
	b := &ann.BatchNorm{Gamma: s.numbers(n, 1), Beta: s.numbers(n, 0.5), Mean: s.numbers(n, 0.5), Var: s.numbers(n, 1), Epsilon: 1e-3}
	for i := range n {
		b.Var[i] = 0.2 + b.Var[i]*b.Var[i]
		if !signed {
			b.Gamma[i] = 0.2 + float32(math.Abs(float64(b.Gamma[i])))
		}
	}
	return b
}

// padded returns a kernel with the pads top, left, bottom, right.
func padded(k [2]int, pads [4]int) window.Window2d {
	return window.Window2d{Kernel: k, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, PadBegin: [2]int{pads[0], pads[1]}, PadEnd: [2]int{pads[2], pads[3]}}
}

// pixels returns an image of codes 0..255, the same for the same i.
func pixels(i, size int) []float32 {
	r := rand.New(rand.NewPCG(uint64(i), 77))
	v := make([]float32, size)
	for k := range v {
		v[k] = float32(r.IntN(256))
	}
	return v
}

// pictures returns n calibration images of random pixels, which the network takes after pre.
func pictures(g *ann.Graph, n int, pre Preprocess) Images {
	size := g.Nodes[0].Shape.Size()
	return Images{N: n,
		Codes: func(i int, dst []float32) { copy(dst, pixels(i, size)) },
		Inputs: func(i int, dst []float32) {
			for k, x := range pixels(i, size) {
				scale, offset := pre.At(k, size)
				dst[k] = float32(float64(x)*scale + offset)
			}
		}}
}

// unit brings pixels to 0..1.
var unit = Preprocess{Scale: []float64{1.0 / 255}}

// evaluate runs g on x.
func evaluate(t tb, g *ann.Graph, x []float32) []float32 {
	t.Helper()
	y, err := ann.NewExecutor(g).Run(x)
	if err != nil {
		t.Fatal(err)
	}
	return y
}

// close fails unless got and want differ by at most tol of the largest |want| (at least 1).
func closeTo(t tb, what string, got, want []float32, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	size := 1.0
	for _, v := range want {
		size = max(size, math.Abs(float64(v)))
	}
	for i := range want {
		if d := math.Abs(float64(got[i]) - float64(want[i])); !(d <= tol*size) {
			t.Fatalf("%s: value %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

// stateOf returns a state before the first pass.
func stateOf(g *ann.Graph, images int, pre Preprocess, opt Options) *State {
	return &State{Options: opt, Capabilities: Capabilities{Bias: opt.Rules == Best, PerNeuronThreshold: true}, Preprocess: pre,
		Images: pictures(g, images, pre), Teacher: g, Scales: map[int][]float64{}}
}

// through runs the passes of the table from first to last.
func through(t tb, s *State, first, last string) {
	t.Helper()
	on := false
	for _, p := range Passes {
		on = on || p.Name == first
		if !on || s.Options.Disable[p.Name] {
			continue
		}
		if err := p.run(context.Background(), s); err != nil {
			t.Fatal(err)
		}
		if err := check(s); err != nil {
			t.Fatalf("after %s: %v", p.Name, err)
		}
		if p.Name == last {
			return
		}
	}
}

// options returns options for T steps that keep activations exactly where T allows: maximum as scale, half a threshold
// at the start.
func options(rules Rules, steps int) Options {
	return Options{Rules: rules, Normalization: "data", Percentile: 100, PerChannel: true, Encoding: "constant", Readout: snn.Readout{Kind: snn.Membrane},
		Reset: snn.Subtract, Initial: 0.5, Steps: steps, Jobs: 2, Disable: map[string]bool{}}
}

// seed draws a seed for a sketch.
func seed(t *rapid.T) uint64 { return rapid.Uint64Range(0, 1<<32).Draw(t, "seed") }
