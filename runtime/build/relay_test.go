package build

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"spikec/internal/diag"
	"spikec/internal/window"
	"spikec/models/ann"
	"spikec/models/onnx"
)

// residualModel is a random network with a connection past one layer and another one past two.
func residualModel(t testing.TB) Model {
	t.Helper()
	r := rand.New(rand.NewPCG(5, 6))
	g := ann.NewGraph("residual", "x", shape[:])
	add := func(name string, op ann.Op, inputs ...int) int {
		i, err := g.Add(name, op, inputs...)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	same := window.Square(3, 1)
	same.PadBegin, same.PadEnd = [2]int{1, 1}, [2]int{1, 1}
	conv := func(in int) *ann.Conv {
		return &ann.Conv{Weight: random(r, 5*in*9, 0.25), Bias: random(r, 5, 0.05), In: in, Out: 5, Groups: 1, Window: same}
	}
	r1 := add("relu1", ann.Relu{}, add("conv1", conv(2), 0))
	r2 := add("relu2", ann.Relu{}, add("conv2", conv(5), r1))
	r3 := add("relu3", ann.Relu{}, add("sum1", ann.Add{}, add("conv3", conv(5), r2), r1))
	r4 := add("relu4", ann.Relu{}, add("sum2", ann.Add{}, add("sum3", ann.Add{}, add("conv4", conv(5), r3), r1), r2))
	pool := add("pool", &ann.AveragePool{Window: window.Square(3, 3)}, r4)
	fc := &ann.Linear{Weight: random(r, classes*features, 0.5), In: features, Out: classes}
	add("fc", fc, add("flat", ann.Flatten{}, pool))
	center(t, g, fc)
	return Model{Model: &onnx.Model{Graph: g, InputName: "x", OutputName: "y"}, Name: "residual", SHA256: digest([]byte("residual"))}
}

// TestRelays builds a residual network where the windows of layers follow each other: Run fails where the stages fixed, image
// and files differ in any output. Relays are layers of their own, and send as many spikes as what they stand behind.
func TestRelays(t *testing.T) {
	for name, c := range map[string]struct {
		target   string
		latency  int
		encoding string
		relays   bool
	}{
		"staged":             {target: "generic8-staged", relays: true},
		"staged, travelling": {target: "generic8-staged", latency: 3, relays: true},
		"staged, played":     {target: "generic8-staged", encoding: "bernoulli", relays: true},
		"latency":            {target: "loihi1", latency: 1, relays: true},
		"signed, latency":    {target: "generic8-signed", latency: 2, relays: true},
		"neither":            {target: "generic8"},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(t, t.TempDir(), c.target)
			p := *r.Profile
			p.Execution.Latency = c.latency
			r.Model, r.Profile, r.Options.Encoding = residualModel(t), &p, c.encoding
			doc, err := Run(context.Background(), r)
			if err != nil {
				t.Fatal(err)
			}
			addsUp(t, doc)
			rate := map[string]float64{}
			var names []string
			for _, l := range doc.Layers {
				rate[l.Name], names = l.Rate, append(names, l.Name)
			}
			want := []string{"relu1", "relu2", "relu3", "relu4", "fc"}
			if c.relays {
				want = []string{"relu1", "relu1/relay1", "relu1/relay2", "relu2", "relu2/relay", "relu3", "relu4", "fc"}
			}
			if c.encoding != "" {
				want = append([]string{"x/spikes"}, want...)
			}
			if !slices.Equal(names, want) {
				t.Errorf("layers %v, want %v", names, want)
			}
			if c.relays && (rate["relu1"] == 0 || rate["relu1/relay1"] != rate["relu1"] || rate["relu1/relay2"] != rate["relu1"] || rate["relu2/relay"] != rate["relu2"]) {
				t.Errorf("rates %v", rate)
			}
			said := slices.ContainsFunc(doc.Diagnostics, func(d diag.Diagnostic) bool { return d.ID == "SPK-CONV-015" })
			if said != c.relays {
				t.Errorf("diagnostics %v", doc.Diagnostics)
			}
			stages, first := p.Execution.StageCount(), 0
			if c.encoding != "" {
				first = c.latency
			}
			each := c.latency + (stages-1)*8
			if want := first + 4*each + stages*8; doc.Duration != want {
				t.Errorf("a picture takes %d steps, want %d", doc.Duration, want)
			}
		})
	}
}
