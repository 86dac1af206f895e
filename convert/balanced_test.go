package convert

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"spikec/internal/window"
	"spikec/models/ann"
	"spikec/models/snn"
)

// balanced is threshold balancing, step by step: the student's layers spike with thresholds of λ, spikes of λ and the
// weights as they are. A constant input, membranes that start at opt.Initial of a threshold.
type balanced struct {
	spikes  map[int][][]bool // by layer node and step, C,H,W order
	current map[int]float64  // by layer node: the largest of one step
}

func balance(g *ann.Graph, layers []layer, scales map[int][]float64, codes []float32, opt Options) balanced {
	b := balanced{spikes: map[int][][]bool{}, current: map[int]float64{}}
	e := ann.NewExecutor(g)
	copy(e.Value(0), codes)
	of, membranes := map[int]layer{}, map[int][]float32{}
	for _, l := range layers {
		of[l.node] = l
		membranes[l.node] = make([]float32, len(e.Value(l.node)))
		for i := range membranes[l.node] {
			membranes[l.node][i] = float32(opt.Initial * threshold(scales[l.node], len(membranes[l.node]), i))
		}
	}
	for range opt.Steps {
		for node := 1; node <= g.Output; node++ {
			l, ok := of[node]
			if !ok || node == g.Output {
				e.Continue(node, node)
			}
			if !ok {
				continue
			}
			current := e.Value(l.pre)
			b.current[node] = max(b.current[node], float64(slices.Max(current)))
			if node == g.Output {
				continue
			}
			v, out, fired := membranes[node], e.Value(node), make([]bool, len(current))
			for i := range v {
				theta := float32(threshold(scales[node], len(v), i))
				v[i] += current[i]
				out[i] = 0
				if fired[i] = v[i] >= theta; fired[i] {
					out[i] = theta
					if v[i] -= theta; opt.Reset == snn.Zero {
						v[i] = 0
					}
				}
			}
			b.spikes[node] = append(b.spikes[node], fired)
		}
	}
	return b
}

// threshold is that of neuron i of n.
func threshold(scale []float64, n, i int) float64 { return scale[i*len(scale)/n] }

// TestWeightNormalisationIsThresholdBalancing: the lowered network, with thresholds of 1, sends the same spikes as the
// network with the weights as they are and thresholds of λ. With λ powers of two, and weights and codes such that sums are
// exact, in every bit.
func TestWeightNormalisationIsThresholdBalancing(t *testing.T) {
	fired := 0
	rapid.Check(t, func(t *rapid.T) {
		opt := options(rapid.SampledFrom([]Rules{Strict, Best}).Draw(t, "rules"), 12)
		opt.Reset = rapid.SampledFrom([]snn.Reset{snn.Subtract, snn.Zero}).Draw(t, "reset")
		opt.Initial = rapid.SampledFrom([]float64{0, 0.5}).Draw(t, "initial")
		s := newSketch(t, seed(t), 2, 7, 6)
		s.add(s.conv(2, 4, 1, window.Square(3, 1), true))
		s.add(ann.Relu{})
		s.add(&ann.AveragePool{Window: window.Square(2, 2)})
		s.add(s.conv(4, 4, 2, padded([2]int{3, 3}, [4]int{1, 1, 1, 1}), true))
		skip := s.add(ann.Relu{})
		c := s.add(s.conv(4, 4, 1, oneTap(), true))
		s.add(ann.Add{}, c, skip)
		s.add(ann.Relu{})
		s.add(ann.Flatten{})
		s.add(s.linear(4*2*2, 3, true))
		for i := range s.g.Nodes {
			if w, ok := weightedOf(s.g.Nodes[i].Op); ok {
				for _, v := range [][]float32{w.weight, w.bias} {
					for k := range v {
						v[k] = float32(math.Round(float64(v[k])*8) / 8)
					}
				}
			}
		}
		st := stateOf(s.g, 2, Preprocess{}, opt)
		st.Options.Disable = map[string]bool{"refit": true, "rate-refit": true}
		through(t, st, "drop-softmax", "normalise")
		for _, l := range st.studentLayers() {
			for k := range st.Scales[l.node] {
				st.Scales[l.node][k] = math.Exp2(float64(rapid.IntRange(4, 9).Draw(t, "exponent")))
			}
		}
		if err := lower(context.Background(), st); err != nil {
			t.Fatal(err)
		}
		fired += compareSpikes(t, st, opt)
	})
	if fired == 0 {
		t.Error("not one spike")
	}
}

// compareSpikes presents the calibration images to the lowered network and to the balanced one, and returns how many spikes
// there were.
func compareSpikes(t *rapid.T, st *State, opt Options) int {
	total := 0
	n := st.Network
	sim, err := snn.NewSimulator(n, opt.Steps)
	if err != nil {
		t.Fatal(err)
	}
	loop := sim.NewLoop()
	layers := st.studentLayers()
	codes := make([]float32, n.Populations[0].Size())
	hwc := make([]float32, len(codes))
	for image := range st.Images.N {
		st.Images.Codes(image, codes)
		want := balance(st.Graph, layers, st.Scales, codes, opt)
		snn.ToHWC(hwc, codes, n.Populations[0].Shape)
		_, err := loop.Run(hwc, image, func(p, step int, fired []int32, _ []float32) {
			if n.Populations[p].Neuron != snn.IF {
				return
			}
			spikes := want.spikes[layers[p-1].node][step]
			shape := n.Populations[p].Shape
			got := make([]bool, len(spikes))
			total += len(fired)
			for _, k := range fired {
				c, position := int(k)%shape[0], int(k)/shape[0]
				got[c*shape[1]*shape[2]+position] = true
			}
			if !slices.Equal(got, spikes) {
				t.Fatalf("image %d, %s, step %d: weights that are normalised give\n%v, thresholds that are balanced\n%v", image, n.Populations[p].Name, step, got, spikes)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return total
}

// TestSpikeNormIsTheLargestCurrent: each factor is the largest current of a step that a network of thresholds shows with
// the factors themselves, on all images, and the same with any number of goroutines; with the layers fitted to rates, too.
func TestSpikeNormIsTheLargestCurrent(t *testing.T) {
	for _, c := range topologies {
		for _, reset := range []snn.Reset{snn.Subtract, snn.Zero} {
			for _, refit := range []bool{false, true} {
				name := fmt.Sprintf("%s, reset to %s, fitted to rates %v", c.name, reset, refit)
				normalised := func(jobs int) *State {
					s := newSketch(t, 6, 2, 7, 6)
					c.build(s, true)
					opt := options(Best, 20)
					opt.Normalization, opt.Reset, opt.Jobs = "spikenorm", reset, jobs
					opt.Disable = map[string]bool{"refit": true, "rate-refit": !refit}
					st := stateOf(s.g, 5, unit, opt)
					through(t, st, "drop-softmax", "lower")
					return st
				}
				st := normalised(1)
				if !maps.EqualFunc(st.Scales, normalised(3).Scales, slices.Equal) {
					t.Errorf("%s: other factors with more goroutines", name)
				}
				largestCurrents(t, name, st)
			}
		}
	}
}

func largestCurrents(t *testing.T, name string, st *State) {
	t.Helper()
	largest := map[int]float64{}
	codes := make([]float32, st.Graph.Nodes[0].Shape.Size())
	for i := range st.Images.N {
		st.Images.Codes(i, codes)
		for node, v := range balance(st.Graph, st.studentLayers(), st.Scales, codes, st.Options).current {
			largest[node] = max(largest[node], v)
		}
	}
	for _, l := range st.studentLayers() {
		got, v := st.Scales[l.node], largest[l.node]
		if want := min(v, l.limit); v <= 0 || math.Abs(got[0]-want) > 1e-4*want || got[len(got)-1] != got[0] {
			t.Errorf("%s, node %d: factors %v, largest current %v", name, l.node, got, v)
		}
	}
}
