package convert

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gonum.org/v1/gonum/mat"

	"spikec/emulator/encoder"
	"spikec/internal/golden"
	"spikec/internal/window"
	"spikec/models/ann"
	"spikec/models/snn"
)

// lowered returns the network of a graph with given scale factors.
func lowered(t tb, g *ann.Graph, opt Options, scale map[int][]float64) *snn.Network {
	t.Helper()
	st := stateOf(g, 1, unit, opt)
	st.Graph, st.Scales, st.LargestOutput = g, scale, 12
	if err := lower(context.Background(), st); err != nil {
		t.Fatal(err)
	}
	if st.Network == nil {
		t.Fatal(st.Diagnostics)
	}
	return st.Network
}

// twoLayers: a convolution to two channels, a pool of 2×2, and a fully connected output with biases.
func twoLayers(t tb) *ann.Graph {
	s := newSketch(t, 1, 1, 4, 2)
	s.add(&ann.Conv{Weight: []float32{1, 2, 3, 4}, Bias: []float32{6, -3}, In: 1, Out: 2, Groups: 1, Window: window.Window2d{Kernel: [2]int{1, 2}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, PadEnd: [2]int{0, 1}}})
	s.add(ann.Relu{})
	s.add(&ann.AveragePool{Window: window.Square(2, 2), CountPad: true})
	s.add(ann.Flatten{})
	s.add(&ann.Linear{Weight: []float32{1, 2, 3, 4, 5, 6, 7, 8}, Bias: []float32{8, 0}, In: 4, Out: 2})
	return s.g
}

// TestLowerByHand: weight = W·λ_j/λ_i/4, bias = b/λ_i, with λ = 3 and 6 for the channels of layer 1 and 4 for the output.
func TestLowerByHand(t *testing.T) {
	n := lowered(t, twoLayers(t), options(Best, 10), map[int][]float64{2: {3, 6}, 5: {4, 4}})
	n.Name = "hand"
	pool := window.Square(2, 2)
	want := &snn.Network{Name: "hand", Steps: 10, Reset: snn.Subtract, Initial: 0.5, Readout: snn.Readout{Kind: snn.Membrane},
		Populations: []snn.Population{
			{Name: "x", Shape: [3]int{1, 4, 2}, Neuron: snn.Input},
			{Name: "Relu2", Shape: [3]int{2, 4, 2}, Neuron: snn.IF, Bias: []float64{2, -0.5}, Scale: []float64{3, 6}},
			// 1.5 times the largest output of 12 in units of λ, over ten steps.
			{Name: "Linear5", Shape: [3]int{2, 1, 1}, Neuron: snn.Integrator, Bias: []float64{2, 0}, Scale: []float64{4, 4}, Range: 45},
		},
		Projections: []snn.Projection{
			{Source: 0, Target: 1, Groups: 1, Window: window.Window2d{Kernel: [2]int{1, 2}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, PadEnd: [2]int{0, 1}},
				Weight: []float32{1. / 3, 2. / 3, 3. / 6, 4. / 6}},
			// The kernel covers the pooled map of 2×1: inputs 0, 1 are channel 0 and 2, 3 channel 1.
			{Source: 1, Target: 2, Groups: 1, Pool: &pool, Window: window.Window2d{Kernel: [2]int{2, 1}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}},
				Weight: []float32{1 * 3. / 16, 2 * 3. / 16, 3 * 6. / 16, 4 * 6. / 16, 5 * 3. / 16, 6 * 3. / 16, 7 * 6. / 16, 8 * 6. / 16}},
		}}
	if d := cmp.Diff(want, n, cmpopts.EquateApprox(1e-6, 0)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestLowerRegular: a population of one neuron a pixel stands between, with a code of 255 as one spike a step.
func TestLowerRegular(t *testing.T) {
	opt := options(Best, 10)
	opt.Encoding, opt.Readout.Kind = "regular", snn.Count
	n := lowered(t, twoLayers(t), opt, map[int][]float64{2: {3, 6}, 5: {4, 4}})
	if len(n.Populations) != 4 {
		t.Fatalf("%s", n)
	}
	in, p := n.Populations[1], n.Projections[0]
	if in.Neuron != snn.IF || in.Shape != [3]int{1, 4, 2} || in.Scale[0] != 255 || !p.Identity || p.Source != 0 || p.Target != 1 || p.Weight[0] != 1.0/255 {
		t.Errorf("%+v\n%+v", in, p)
	}
	if w := n.Projections[1]; w.Source != 1 || w.Target != 2 || math.Abs(float64(w.Weight[0])-255./3) > 1e-4 {
		t.Errorf("%+v, want weights of 255/3 …", w)
	}
	if out := n.Populations[3]; out.Neuron != snn.IF || out.Range != 0 {
		t.Errorf("%+v, want firing neurons for read-out count", out)
	}
}

// TestLowerSource: a population that plays the codes stands between; a spike of neurons that rest for d steps is worth
// d + 1 of those of others.
func TestLowerSource(t *testing.T) {
	for _, c := range []struct {
		coding encoder.Coding
		scale  float64
	}{{encoder.Coding{Name: "bernoulli", Seed: 7}, 255}, {encoder.Coding{Name: "refractory", Parameter: 2}, 765}} {
		opt := options(Best, 10)
		opt.Encoding, opt.Coding = c.coding.Name, &c.coding
		n := lowered(t, twoLayers(t), opt, map[int][]float64{2: {3, 6}, 5: {4, 4}})
		in, w := n.Populations[1], n.Projections[0]
		if len(n.Populations) != 4 || in.Neuron != snn.Source || *in.Coding != c.coding || in.Shape != [3]int{1, 4, 2} || math.Abs(in.Scale[0]-c.scale) > 1e-9 {
			t.Errorf("%s\n%+v", n, in)
		}
		if w.Source != 1 || w.Target != 2 || math.Abs(float64(w.Weight[0])-c.scale/3) > 1e-4 {
			t.Errorf("%+v, want weights of %g/3 …", w, c.scale)
		}
		if text := n.String(); !strings.Contains(text, "Source "+c.coding.Name) {
			t.Errorf("printed as\n%s", text)
		}
	}
}

// TestLowerSkip: both branches of a sum are in units of their own source (the classic failure is one common scale).
// Layer λ: relu1 2 and 10, relu2 5, sum 4. The identity weighs λ_source/λ_target a channel.
func TestLowerSkip(t *testing.T) {
	s := newSketch(t, 1, 2, 1, 1)
	s.add(&ann.Conv{Weight: []float32{1, 1, 1, 1}, In: 2, Out: 2, Groups: 1, Window: oneTap()})
	r1 := s.add(ann.Relu{})
	s.add(&ann.Conv{Weight: []float32{1, 1, 1, 1}, In: 2, Out: 2, Groups: 1, Window: oneTap()})
	r2 := s.add(ann.Relu{})
	c := s.add(&ann.Conv{Weight: []float32{1, -1, 2, 1}, Bias: []float32{4, 8}, In: 2, Out: 2, Groups: 1, Window: oneTap()}, r2)
	s.add(ann.Add{}, c, r1)
	r3 := s.add(ann.Relu{})
	s.add(ann.Flatten{})
	out := s.add(&ann.Linear{Weight: []float32{1, 1}, In: 2, Out: 1})
	n := lowered(t, s.g, options(Best, 10), map[int][]float64{r1: {2, 10}, r2: {5, 6}, r3: {4, 8}, out: {1}})
	var got string
	for _, i := range n.Incoming(3) {
		p := n.Projections[i]
		got += fmt.Sprintln(p.Source, p.Groups, p.Identity, p.Weight)
	}
	// 1·5/4, −1·6/4; 2·5/8, 1·6/8; skip 2/4 and 10/8.
	if want := "2 1 false [1.25 -1.5 1.25 0.75]\n1 2 true [0.5 1.25]\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if d := cmp.Diff([]float64{1, 1}, n.Populations[3].Bias); d != "" {
		t.Error(d)
	}
}

// TestLowerMoments: moments are brought into units of spikes, so that E[(w·r)²] is the same in both units.
func TestLowerMoments(t *testing.T) {
	for _, c := range topologies {
		s := newSketch(t, 6, 2, 7, 6)
		c.build(s, false)
		st := stateOf(s.g, 20, unit, options(Strict, 4))
		through(t, st, "drop-softmax", "lower")
		if st.Network == nil {
			t.Fatal(st.Diagnostics)
		}
		layers, _ := layersOf(st.Graph)
		for k, l := range layers {
			p := &st.Network.Populations[k+1]
			if len(p.Moments) != len(st.Gram[l.node]) || len(p.Moments) == 0 {
				t.Fatalf("%s, %s: %d moments, %d Gram matrices", c.name, p.Name, len(p.Moments), len(st.Gram[l.node]))
			}
			for o := range p.Shape[0] {
				var real, spikes []float64
				for _, i := range l.terms {
					if w, ok := weightedOf(st.Graph.Nodes[max(i.weighted, 0)].Op); ok {
						for _, v := range w.weight[o*w.fanIn() : (o+1)*w.fanIn()] {
							real = append(real, float64(v))
						}
					}
				}
				for _, i := range st.Network.Incoming(k + 1) {
					q := &st.Network.Projections[i]
					if fan := len(q.Weight) / p.Shape[0]; !q.Identity {
						for _, v := range q.Weight[o*fan : (o+1)*fan] {
							spikes = append(spikes, float64(v)*p.Scale[o])
						}
					}
				}
				block := o * len(p.Moments) / p.Shape[0]
				a, b := quadratic(st.Gram[l.node][block], real), quadratic(p.Moments[block], spikes)
				if math.Abs(a-b) > 1e-4*a {
					t.Errorf("%s, %s, channel %d: E[(w·r)²] is %v in activations, %v in spikes", c.name, p.Name, o, a, b)
				}
			}
		}
	}
}

func quadratic(m mat.Symmetric, v []float64) float64 {
	x := mat.NewVecDense(len(v), v)
	return mat.Inner(x, m, x)
}

// TestRatesApproachActivations: for large T the rate of every neuron times its scale factor is the activation of the
// tailored network: φ(T) = a within the unevenness that a finite T leaves.
func TestRatesApproachActivations(t *testing.T) {
	const steps = 1500
	for _, c := range topologies {
		for _, encoding := range []string{"constant", "regular", "regular-phase"} {
			for _, rules := range []Rules{Strict, Best} {
				t.Run(fmt.Sprint(c.name, " ", encoding, " ", rules), func(t *testing.T) {
					s := newSketch(t, 6, 2, 7, 6)
					c.build(s, true)
					opt := options(rules, steps)
					opt.Disable["rate-refit"] = true // the student is to be the tailored network
					if opt.Encoding = encoding; encoding == "regular-phase" {
						opt.Coding = &encoder.Coding{Name: encoding, Seed: 5}
					}
					res, err := Run(context.Background(), s.g, unit, pictures(s.g, 20, unit), Capabilities{Bias: true}, opt)
					if err != nil {
						t.Fatal(err)
					}
					sim, err := snn.NewSimulator(res.Network, steps)
					if err != nil {
						t.Fatal(err)
					}
					l := sim.NewLoop()
					for i := range 2 {
						compareRates(t, res, l, pixels(i, 84), steps)
					}
				})
			}
		}
	}
}

// compareRates presents one picture to both networks.
func compareRates(t *testing.T, res *Result, l *snn.Loop[float32], codes []float32, steps int) {
	t.Helper()
	e := ann.NewExecutor(res.Tailored)
	if _, err := e.Run(codes); err != nil {
		t.Fatal(err)
	}
	n := res.Network
	counts := make([][]float64, len(n.Populations))
	for p := range counts {
		counts[p] = make([]float64, n.Populations[p].Size())
	}
	hwc := make([]float32, len(codes))
	snn.ToHWC(hwc, codes, n.Populations[0].Shape)
	out, err := l.Run(hwc, 0, func(p, _ int, fired []int32, _ []float32) {
		for _, k := range fired {
			counts[p][k]++
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	last := n.Output()
	for k, v := range out.Potentials[len(out.Potentials)-1] {
		counts[last][k] = float64(v)
	}
	for node := range res.Tailored.Nodes {
		for p := range n.Populations {
			if p == 0 || n.Populations[p].Name != res.Tailored.Nodes[node].Name {
				continue
			}
			pop := &n.Populations[p]
			want := make([]float32, pop.Size())
			snn.ToHWC(want, e.Value(node), pop.Shape)
			for k, a := range want {
				scale := pop.Scale[k%pop.Shape[0]]
				if got := counts[p][k] / float64(steps) * scale; math.Abs(got-float64(a)) > 0.02*scale {
					t.Fatalf("%s, neuron %d: rate·λ = %.4f, activation %.4f, λ = %.4f", pop.Name, k, got, a, scale)
				}
			}
		}
	}
}

// TestNetworkText: the whole way of one network, as text.
func TestNetworkText(t *testing.T) {
	var text string
	for _, rules := range []Rules{Strict, Best} {
		s := small(t, 1)
		opt := options(rules, 16)
		if rules == Best {
			opt.Encoding = "regular"
		}
		res, err := Run(context.Background(), s.g, unit, pictures(s.g, 20, unit), Capabilities{Bias: true}, opt)
		if err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintf("== %s\n%s%s", rules, res.Tailored, res.Network)
		for _, d := range res.Diagnostics {
			text += fmt.Sprintln(d)
		}
	}
	golden.File(t, "small.txt", text)
}
