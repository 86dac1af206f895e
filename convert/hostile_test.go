package convert

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"spikec/internal/diag"
	"spikec/internal/window"
	"spikec/models/ann"
	"spikec/models/snn"
)

// hostile is a network with everything that is fitted, compared and pooled: convolutions, max pooling, a connection past a
// layer, batch normalisation.
func hostile(t *testing.T) *sketch {
	s := newSketch(t, 11, 1, 8, 6)
	s.add(s.conv(1, 4, 1, padded([2]int{3, 3}, [4]int{1, 1, 1, 1}), true))
	s.add(s.batchNorm(4, true))
	s.add(ann.Relu{})
	skip := s.add(&ann.MaxPool{Window: window.Square(2, 2)})
	s.add(ann.Relu{})
	s.add(s.conv(4, 4, 2, padded([2]int{3, 3}, [4]int{1, 1, 1, 1}), true))
	s.add(ann.Add{}, s.g.Output, skip)
	s.add(ann.Relu{})
	s.add(ann.Flatten{})
	s.add(s.linear(48, 10, true))
	s.add(ann.Relu{})
	s.add(s.linear(10, 3, true))
	return s
}

// of makes images of codes that each fills in; the network takes code/255.
func imagesOf(n int, each func(i, k int) float32) Images {
	fill := func(i int, dst []float32, scale float32) {
		for k := range dst {
			dst[k] = each(i, k) * scale
		}
	}
	return Images{N: n, Codes: func(i int, dst []float32) { fill(i, dst, 1) }, Inputs: func(i int, dst []float32) { fill(i, dst, 1.0/255) }}
}

// TestHostileCalibration: whatever the calibration images and the trained weights are, there is either a network of finite
// numbers or a refusal that names something, under both rules, with both kinds of pooling, at T of 2 and 8, and with the
// re-fits or without.
func TestHostileCalibration(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	noise := func(i, k int) float32 { return pixels(i, 48)[k] }
	same := func(_, k int) float32 { return pixels(0, 48)[k] }
	silence := func(op *ann.Conv, bias float32) {
		for i := range op.Weight {
			op.Weight[i] = 0
		}
		for o := range op.Bias {
			op.Bias[o] = bias
		}
	}
	for _, c := range []struct {
		name   string
		images Images
		change func(g *ann.Graph)
		// refused holds words of the refusal; "" where all must succeed, "|" where either is right.
		refused string
	}{
		{"all black", imagesOf(6, func(int, int) float32 { return 0 }), nil, "|"},
		{"all of one value", imagesOf(6, func(int, int) float32 { return 200 }), nil, ""},
		{"the same picture", imagesOf(6, same), nil, ""},
		{"one picture", imagesOf(1, noise), nil, ""},
		{"two pictures", imagesOf(2, noise), nil, ""},
		{"one pixel alone", imagesOf(9, func(i, k int) float32 {
			if k == 3 {
				return float32(20 * i)
			}
			return 0
		}), nil, ""},
		{"NaN", imagesOf(6, func(i, k int) float32 {
			if i == 4 && k == 5 {
				return nan
			}
			return noise(i, k)
		}), nil, "finite"},
		{"infinite", imagesOf(6, func(i, k int) float32 {
			if i == 4 && k == 5 {
				return inf
			}
			return noise(i, k)
		}), nil, "finite"},
		{"a first layer that is dead", imagesOf(6, noise), func(g *ann.Graph) { silence(g.Nodes[1].Op.(*ann.Conv), 0) }, "|"},
		{"a layer that is dead", imagesOf(6, noise), func(g *ann.Graph) { silence(g.Nodes[6].Op.(*ann.Conv), -1e6) }, "|"},
		{"equal channels: a singular Gram matrix", imagesOf(6, noise), func(g *ann.Graph) {
			op, bn := g.Nodes[1].Op.(*ann.Conv), g.Nodes[2].Op.(*ann.BatchNorm)
			for o := 1; o < 4; o++ {
				copy(op.Weight[o*9:], op.Weight[:9])
				op.Bias[o], bn.Gamma[o], bn.Beta[o], bn.Mean[o], bn.Var[o] = op.Bias[0], bn.Gamma[0], bn.Beta[0], bn.Mean[0], bn.Var[0]
			}
		}, ""},
		{"weights at the end of float32", imagesOf(6, noise), func(g *ann.Graph) {
			for i := range g.Nodes[6].Op.(*ann.Conv).Weight {
				g.Nodes[6].Op.(*ann.Conv).Weight[i] *= 1e38
			}
		}, "|"},
		{"weights that are nearly nothing", imagesOf(6, noise), func(g *ann.Graph) {
			for i := range g.Nodes[6].Op.(*ann.Conv).Weight {
				g.Nodes[6].Op.(*ann.Conv).Weight[i] *= 1e-38
			}
		}, "|"},
	} {
		for _, rules := range []Rules{Strict, Best} {
			for _, pooling := range []string{AveragePooling, MaxPooling} {
				for _, steps := range []int{2, 8} {
					for _, disable := range [][]string{nil, {"refit"}, {"rate-refit"}, {"refit", "rate-refit"}} {
						if steps != 2 && disable != nil || rules == Strict && pooling == MaxPooling {
							continue
						}
						o := options(rules, steps)
						o.Pooling = pooling
						for _, d := range disable {
							o.Disable[d] = true
						}
						s := hostile(t)
						if c.change != nil {
							c.change(s.g)
						}
						name := fmt.Sprintf("%s, %s, %s pooling, T = %d, without %v", c.name, rules, o.Pooling, steps, disable)
						r, err := Run(context.Background(), s.g, unit, c.images, Capabilities{Bias: rules == Best, PerNeuronThreshold: true}, o)
						switch {
						case err == nil && c.refused != "" && c.refused != "|":
							t.Errorf("%s: not refused", name)
						case err == nil:
							finiteNetwork(t, name, r)
						case c.refused == "":
							t.Errorf("%s: %v", name, err)
						case c.refused != "|" && !strings.Contains(err.Error(), c.refused):
							t.Errorf("%s: %v", name, err)
						case !named(err, s.g):
							t.Errorf("%s: names nothing: %v", name, err)
						}
					}
				}
			}
		}
	}
}

// named reports whether an error names a node of g.
func named(err error, g *ann.Graph) bool {
	for _, n := range g.Nodes {
		if strings.Contains(err.Error(), n.Name) {
			return true
		}
	}
	return false
}

// finiteNetwork fails unless all numbers of the network are finite, and its simulation too.
func finiteNetwork(t *testing.T, name string, r *Result) {
	t.Helper()
	if !finite(r.Tailored) || !finite(r.Student) {
		t.Errorf("%s: weights of the student are not finite", name)
	}
	for _, p := range r.Network.Projections {
		if !allFinite(p.Weight) {
			t.Errorf("%s: weights are not finite", name)
		}
	}
	for _, p := range r.Network.Populations {
		for _, v := range append(append([]float64{p.Range}, p.Bias...), p.Scale...) {
			if v-v != 0 {
				t.Errorf("%s: %s holds %v", name, p.Name, v)
			}
		}
		for _, m := range p.Moments {
			for i := range m.SymmetricDim() {
				if v := m.At(i, i); v-v != 0 {
					t.Errorf("%s: moments of %s hold %v", name, p.Name, v)
				}
			}
		}
	}
	sim, err := snn.NewSimulator(r.Network, r.Network.Steps)
	if err != nil {
		t.Fatal(err)
	}
	run, err := sim.NewLoop().Run(pixels(3, r.Network.Populations[0].Size()), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !allFinite(run.Potentials[len(run.Potentials)-1]) {
		t.Errorf("%s: potentials %v", name, run.Potentials)
	}
}

// TestRefitRefusesATeacherThatIsNotFinite: the student's own input is finite, the trained network's is not.
func TestRefitRefusesATeacherThatIsNotFinite(t *testing.T) {
	for _, disable := range []string{"rate-refit", ""} {
		s := hostile(t)
		images := imagesOf(6, func(i, k int) float32 { return pixels(i, 48)[k] })
		images.Inputs = func(_ int, dst []float32) {
			for k := range dst {
				dst[k] = float32(math.NaN())
			}
		}
		o := options(Strict, 4)
		o.Disable[disable] = true
		_, err := Run(context.Background(), s.g, unit, images, Capabilities{}, o)
		if err == nil || !strings.Contains(err.Error(), "SPK-CONV-012") || !strings.Contains(err.Error(), "Relu3") || !strings.Contains(err.Error(), "not finite") {
			t.Errorf("got %v", err)
		}
	}
}

// TestFewImages: the warning says how many are wanted, and where.
func TestFewImages(t *testing.T) {
	for _, c := range []struct {
		n    int
		want []string // nil: no warning
	}{
		{240, nil},
		{239, []string{"(239, want at least 240)", "Relu11 (240)", "give 240 images"}},
		{99, []string{"(99, want at least 240)"}},
		// 48 inputs and a row an image: 5·48 images; 9 inputs and 48 rows an image: one image is enough.
		{8, []string{"(8, want at least 240)", "Relu11 (240)", "give 240 images"}},
	} {
		s := hostile(t)
		o := options(Strict, 2)
		o.Disable["rate-refit"] = true
		r, err := Run(context.Background(), s.g, unit, pictures(s.g, c.n, unit), Capabilities{}, o)
		if err != nil {
			t.Fatal(err)
		}
		var said string
		for _, d := range r.Diagnostics {
			if d.ID == "SPK-CONV-020" {
				said = d.String()
				if d.Severity != diag.Warning {
					t.Errorf("%d images: %s", c.n, d.Severity)
				}
			}
		}
		if (said == "") != (c.want == nil) || strings.Contains(said, "Relu3 (") {
			t.Errorf("%d images: said %q", c.n, said)
		}
		for _, w := range c.want {
			if !strings.Contains(said, w) {
				t.Errorf("%d images: said %q, want %q", c.n, said, w)
			}
		}
	}
}

// TestFewImagesForScaleFactors: without a fit, no layer is held near its weights, and scale factors still want images.
func TestFewImagesForScaleFactors(t *testing.T) {
	s := hostile(t)
	o := options(Strict, 2)
	o.Disable["refit"], o.Disable["rate-refit"] = true, true
	r, err := Run(context.Background(), s.g, unit, pictures(s.g, 8, unit), Capabilities{}, o)
	if err != nil {
		t.Fatal(err)
	}
	said := 0
	for _, d := range r.Diagnostics {
		if d.ID == "SPK-CONV-020" {
			if said++; strings.Contains(d.Message, "Relu11") || d.Message != "few images for scale factors" {
				t.Errorf("said %s", d)
			}
		}
	}
	if said != 1 {
		t.Errorf("said %d times", said)
	}
}

// TestFewImagesForWhat: the warning names what is measured on the images; where nothing is, there is none.
func TestFewImagesForWhat(t *testing.T) {
	s := hostile(t)
	for _, c := range []struct {
		known   *Known
		disable []string
		want    string
	}{
		{nil, nil, "few images for scale factors and the re-fit; these layers"},
		{nil, []string{"refit"}, "few images for scale factors and the re-fit; these layers"},
		{nil, []string{"refit", "rate-refit"}, "few images for scale factors"},
		{knownFactors(), nil, "few images for the re-fit; these layers"},
		{knownFactors(), []string{"rate-refit"}, "few images for the re-fit; these layers"},
		{knownFactors(), []string{"refit", "rate-refit"}, ""},
	} {
		o := options(Strict, 2)
		o.Known = c.known
		for _, d := range c.disable {
			o.Disable[d] = true
		}
		r, err := Run(context.Background(), s.g, unit, pictures(s.g, 8, unit), Capabilities{}, o)
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, d := range r.Diagnostics {
			if d.ID == "SPK-CONV-020" {
				said += d.Message
			}
		}
		if !strings.HasPrefix(said, c.want) || (c.want == "") != (said == "") {
			t.Errorf("known %v, without %v: said %q, want %q", c.known != nil, c.disable, said, c.want)
		}
	}
}

// TestKnownLargestOutput: what the range of the output follows from is a positive number.
func TestKnownLargestOutput(t *testing.T) {
	s := hostile(t)
	for _, largest := range []float64{0, -1, math.NaN(), math.Inf(1), math.Inf(-1)} {
		o := options(Strict, 2)
		o.Disable["refit"], o.Disable["rate-refit"], o.Known = true, true, knownFactors()
		o.Known.LargestOutput = largest
		_, err := Run(context.Background(), s.g, unit, Images{}, Capabilities{}, o)
		if err == nil || !strings.Contains(err.Error(), "SPK-CONV-022 Linear12: the known largest output") {
			t.Errorf("%v: got %v", largest, err)
		}
	}
}

// knownFactors are scale factors for the hostile network.
func knownFactors() *Known {
	known := &Known{Scales: map[string][]float64{"Relu3": {1, 2, 3, 4}, "Relu5": {1, 1, 1, 1}, "Relu8": {5, 6, 7, 8}, "Relu11": make([]float64, 10), "Linear12": {1, 1, 1}}, LargestOutput: 7}
	for i := range known.Scales["Relu11"] {
		known.Scales["Relu11"][i] = 0.5
	}
	return known
}

// TestWithoutImages: nothing is measured on nothing, whatever is left out; known scale factors are enough where nothing is
// fitted.
func TestWithoutImages(t *testing.T) {
	run := func(known *Known, disable ...string) (*Result, error) {
		s, o := hostile(t), options(Strict, 2)
		o.Known = known
		for _, d := range disable {
			o.Disable[d] = true
		}
		return Run(context.Background(), s.g, unit, Images{}, Capabilities{}, o)
	}
	for _, k := range []*Known{nil, knownFactors()} {
		for _, disable := range [][]string{nil, {"refit"}, {"rate-refit"}, {"refit", "rate-refit"}} {
			r, err := run(k, disable...)
			if k != nil && len(disable) == 2 {
				if err != nil {
					t.Fatal(err)
				}
				finiteNetwork(t, "known", r)
				if s := r.Network.Populations[r.Layers[0].Population].Scale; s[3] != 4 || r.LargestOutput != 7 {
					t.Errorf("scale factors %v, largest output %v", s, r.LargestOutput)
				}
				continue
			}
			if err == nil || !strings.Contains(err.Error(), "SPK-CONV-011 calibration: no calibration images") {
				t.Errorf("known %v, without %v: got %v", k != nil, disable, err)
			}
		}
	}
}

// TestLowerRefusesWhatIsNotFinite: weights that overflow in units of the scale factors.
func TestLowerRefusesWhatIsNotFinite(t *testing.T) {
	s := hostile(t)
	st := stateOf(s.g, 8, unit, options(Best, 2))
	through(t, st, "drop-softmax", "normalise")
	l := st.studentLayers()[0]
	for c := range st.Scales[l.node] {
		st.Scales[l.node][c] = 1e-300
	}
	if err := lower(context.Background(), st); err != nil {
		t.Fatal(err)
	}
	var f *diag.Failure
	if err := st.Diagnostics.Err(); !errors.As(err, &f) || !strings.Contains(err.Error(), "SPK-CONV-021") || !strings.Contains(err.Error(), "Relu3") {
		t.Errorf("got %v", err)
	}
}
