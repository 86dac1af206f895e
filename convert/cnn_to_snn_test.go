package convert

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"spikec/internal/window"
	"spikec/models/ann"
	"spikec/models/snn"
)

// cnnToSNN is a recorded conversion: a network with 3×3 convolution, 2×2 pooling and a fully connected layer, what it
// computes under the strict rules, its factors by three rules, and spikes. Maps are C,H,W order.
type cnnToSNN struct {
	Parameters struct {
		C, Size, O, K, T int
		Theta            float64
		Calibration      [][]float64 `json:"calibration_images"`
		Images           [][]float64
		ConvW            []float32 `json:"conv_w"`
		ConvB            []float32 `json:"conv_b"`
		FcW              []float32 `json:"fc_w"`
		FcB              []float32 `json:"fc_b"`
	}
	Outputs struct {
		ANN []struct {
			Logits []float64 `json:"tailored_logits"`
			Class  int       `json:"tailored_class"`
			Conv   []float64 `json:"tailored_conv"`
			Pool   []float64 `json:"tailored_pool"`
		}
		Normalisation struct {
			Model      []float64 `json:"model_based_factors"`
			Data       []float64 `json:"data_based_factors"`
			DataScales []float64 `json:"data_based_scales"`
			Activation []float64 `json:"largest_activation"`
		}
		SNN []struct {
			Weights, Input, Reset string
			Images                []struct {
				Image    int
				Conv     []int32 `json:"conv_counts"`
				Pool     []int32 `json:"pool_counts"`
				Output   []int32 `json:"output_counts"`
				Decision int
			}
		}
	}
}

// TestRecordedConversions holds tailoring, factors, spike counts and decisions against recorded ones. The recording is
// different from what spikec does in this:
//   - its network begins with tanh, which spikec refuses: the rules make it the ReLU that it is here from the start;
//   - images are signed, and their absolute values go in: here they are codes already, 255·|x| as float32, so that numbers
//     agree within 10⁻⁵;
//   - model-based factors are those of one layer, λ_l/λ_{l−1}, with an input of 1;
//   - pools are neurons of their own, with weights of a quarter, and membranes start at 0: the network that is simulated here
//     is built like that, by the factors that spikec finds;
//   - thresholds are 0.999 or what is recorded, since factors let the largest input meet 1 exactly: weights are divided by it;
//   - a decision is the most spikes and among equals the first, whatever the membranes.
//
// Poisson input is left out: its spikes are those of another generator; so are over-activations, which spikec does not count.
func TestRecordedConversions(t *testing.T) {
	for _, name := range []string{"d004_cnn_to_snn", "d004_cnn_to_snn_dim"} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile("testdata/" + name + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var c cnnToSNN
			if err := json.Unmarshal(data, &c); err != nil {
				t.Fatal(err)
			}
			c.tailored(t)
			factors := c.factors(t)
			c.spikes(t, factors)
		})
	}
}

// state returns the recorded network under the strict rules, normalised by a name.
func (c *cnnToSNN) state(t *testing.T, normalisation string) *State {
	t.Helper()
	p := &c.Parameters
	s := newSketch(t, 1, p.C, p.Size, p.Size)
	s.add(&ann.Conv{Weight: p.ConvW, Bias: p.ConvB, In: p.C, Out: p.O, Groups: 1, Window: window.Square(3, 1)})
	s.add(ann.Relu{})
	s.add(&ann.MaxPool{Window: window.Square(2, 2)})
	s.add(ann.Flatten{})
	s.add(&ann.Linear{Weight: p.FcW, Bias: p.FcB, In: len(p.FcW) / p.K, Out: p.K})
	opt := options(Strict, p.T)
	opt.Normalization, opt.PerChannel = normalisation, false
	opt.Disable["refit"], opt.Disable["rate-refit"] = true, true
	st := stateOf(s.g, 0, unit, opt)
	image := func(i int, dst []float32) { codesOf(dst, p.Calibration[i]) }
	st.Images = Images{N: len(p.Calibration), Codes: image, Inputs: image}
	through(t, st, "drop-softmax", "lower")
	if st.Network == nil {
		t.Fatal(st.Diagnostics)
	}
	return st
}

func codesOf(dst []float32, image []float64) {
	for i, x := range image {
		dst[i] = float32(255 * math.Abs(x))
	}
}

// tailored holds what the network computes under the rules against the record.
func (c *cnnToSNN) tailored(t *testing.T) {
	t.Helper()
	st := c.state(t, "model")
	e := ann.NewExecutor(st.Graph)
	codes := make([]float32, len(c.Parameters.Images[0]))
	for i, want := range c.Outputs.ANN {
		codesOf(codes, c.Parameters.Images[i])
		logits, err := e.Run(codes)
		if err != nil {
			t.Fatal(err)
		}
		closeTo(t, fmt.Sprintf("image %d, convolution", i), e.Value(2), float32s(want.Conv), 1e-5)
		closeTo(t, fmt.Sprintf("image %d, pool", i), e.Value(3), float32s(want.Pool), 1e-5)
		closeTo(t, fmt.Sprintf("image %d, logits", i), logits, float32s(want.Logits), 1e-5)
		if got := slices.Index(logits, slices.Max(logits)); got != want.Class {
			t.Errorf("image %d: class %d, want %d", i, got, want.Class)
		}
	}
}

func float32s(v []float64) []float32 {
	var out []float32
	for _, x := range v {
		out = append(out, float32(x))
	}
	return out
}

// factors holds the factors of both layers against the record, and returns them by the record's names.
func (c *cnnToSNN) factors(t *testing.T) map[string][2]float64 {
	t.Helper()
	want := &c.Outputs.Normalisation
	found := map[string][2]float64{"none": {1, 1}}
	for _, x := range []struct {
		normalisation, recorded string
		want                    []float64 // λ of both layers
	}{
		{"model", "model_based", []float64{want.Model[0], want.Model[0] * want.Model[1]}},
		{"diehl", "data_based", want.Data},
		{"data", "data_based_activation_only", want.Activation},
	} {
		st := c.state(t, x.normalisation)
		got := [2]float64{st.Scales[2][0], st.Scales[5][0]}
		for l := range got {
			if math.Abs(got[l]-x.want[l]) > 1e-5*x.want[l] {
				t.Errorf("%s, layer %d: factor %v, want %v", x.normalisation, l+1, got[l], x.want[l])
			}
		}
		if ratio := got[1] / got[0]; x.normalisation == "diehl" && math.Abs(ratio-want.DataScales[1]) > 1e-5*ratio {
			t.Errorf("diehl: weights of layer 2 are divided by %v, want %v", ratio, want.DataScales[1])
		}
		found[x.recorded] = got
	}
	return found
}

// network returns the recorded network with pools of their own, by the factors of its layers.
func (c *cnnToSNN) network(factors [2]float64, reset string) *snn.Network {
	p := &c.Parameters
	side := p.Size - 2
	scaled := func(w []float32, by float64) []float32 {
		out := make([]float32, len(w))
		for i, v := range w {
			out[i] = float32(float64(v) / by / p.Theta)
		}
		return out
	}
	quarters := slices.Repeat([]float32{0.25}, 4*p.O)
	all := window.Window2d{Kernel: [2]int{side / 2, side / 2}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}
	return &snn.Network{Name: "recorded", Steps: p.T, Reset: snn.Reset(reset), Readout: snn.Readout{Kind: snn.Count},
		Populations: []snn.Population{
			{Name: "x", Shape: [3]int{p.C, p.Size, p.Size}, Neuron: snn.Input},
			{Name: "conv", Shape: [3]int{p.O, side, side}, Neuron: snn.IF},
			{Name: "pool", Shape: [3]int{p.O, side / 2, side / 2}, Neuron: snn.IF},
			{Name: "fc", Shape: [3]int{p.K, 1, 1}, Neuron: snn.IF},
		},
		Projections: []snn.Projection{
			{Source: 0, Target: 1, Groups: 1, Window: window.Square(3, 1), Weight: scaled(p.ConvW, 255*factors[0])},
			{Source: 1, Target: 2, Groups: p.O, Window: window.Square(2, 2), Weight: scaled(quarters, 1)},
			{Source: 2, Target: 3, Groups: 1, Window: all, Weight: scaled(p.FcW, factors[1]/factors[0])},
		}}
}

// spikes holds spike counts and decisions for a constant input against the record.
func (c *cnnToSNN) spikes(t *testing.T, factors map[string][2]float64) {
	t.Helper()
	compared := 0
	for _, r := range c.Outputs.SNN {
		if r.Input != "current" {
			continue
		}
		n := c.network(factors[r.Weights], r.Reset)
		sim, err := snn.NewSimulator(n, n.Steps)
		if err != nil {
			t.Fatal(err)
		}
		loop := sim.NewLoop()
		for _, want := range r.Images {
			codes := make([]float32, len(c.Parameters.Images[want.Image]))
			codesOf(codes, c.Parameters.Images[want.Image])
			hwc := make([]float32, len(codes))
			snn.ToHWC(hwc, codes, n.Populations[0].Shape)
			if _, err := loop.Run(hwc, want.Image, nil); err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprintf("%s weights, reset by %s, image %d", r.Weights, r.Reset, want.Image)
			for i, counts := range [][]int32{want.Conv, want.Pool, want.Output} {
				if got := chwCounts(loop, n, i+1); !slices.Equal(got, counts) {
					t.Errorf("%s, %s: counts\n%v, want\n%v", name, n.Populations[i+1].Name, got, counts)
				}
			}
			out := chwCounts(loop, n, n.Output())
			if got := slices.Index(out, slices.Max(out)); got != want.Decision {
				t.Errorf("%s: decision %d, want %d", name, got, want.Decision)
			}
			compared++
		}
	}
	if compared < 8 {
		t.Errorf("%d runs compared", compared)
	}
}

// chwCounts returns the spikes of population p, C,H,W order.
func chwCounts(loop *snn.Loop[float32], n *snn.Network, p int) []int32 {
	pop := &n.Populations[p]
	hwc, chw := make([]int32, pop.Size()), make([]int32, pop.Size())
	loop.Counts(p, hwc)
	plane := pop.Shape[1] * pop.Shape[2]
	for i := range chw {
		chw[i] = hwc[i%plane*pop.Shape[0]+i/plane]
	}
	return chw
}
