package inspect

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"spikec/convert"
	"spikec/internal/diag"
	"spikec/internal/golden"
	"spikec/models/ann"
	"spikec/models/onnx"
	"spikec/models/snn"
)

// networks are files of every exporter in testdata/onnx that hold a whole network.
var networks = []string{"net_*", "pre_*", "opset07", "opset28", "network_bfloat16", "paddle_07", "paddle_16", "residual_torchscript17", "residual_dynamo20", "mean_torchscript9", "mean_dynamo23", "joined_torchscript15",
	"blocks_functions", "fake_quantised_torchscript17", "keras_*13", "keras_*18", "sklearn_classifier15", "sklearn_scaled", "optimised_extended", "qdq_uint8_int8", "qdq_int8_int8_channels", "qoperator_uint8_int8"}

// steps is T of the spiking networks.
const steps = 256

// TestExportersWholeWay goes with the networks of all exporters as far as spikes: inspect and the conversion must agree on
// whether they can be converted, and where they can the spiking network must answer as the trained one does, over random
// pictures: the scores of a picture, all their means taken off, must point in the same direction. What cannot be
// converted must be refused with a reason, which the golden file holds.
func TestExportersWholeWay(t *testing.T) {
	var b strings.Builder
	for _, pattern := range networks {
		files, err := filepath.Glob("../../../../testdata/onnx/models/" + pattern + ".onnx")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no such models", pattern)
		}
		for _, file := range files {
			name := strings.TrimSuffix(filepath.Base(file), ".onnx")
			m, err := onnx.Read(file)
			if err != nil {
				t.Fatal(err)
			}
			r, err := Run(t.Context(), file, onnx.Options{}, convert.Best, nil)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "%s: ", name)
			how := "data"
			if len(m.Ranges) > 0 {
				how = "recorded"
			}
			pre := convert.Preprocess{Scale: []float64{1.0 / 255}}
			if strings.HasPrefix(name, "pre_") { // which take pixels as they are
				pre = convert.Preprocess{}
			}
			likeness, err := spiking(t, m, pre, how)
			var refused *diag.Failure
			switch {
			case errors.As(err, &refused):
				if !r.Diagnostics.HasErrors() {
					t.Errorf("%s: inspect finds nothing, the conversion %v", name, err)
				}
				fmt.Fprintln(&b, "refused")
				for _, d := range refused.List {
					if d.Severity == diag.Error {
						fmt.Fprintf(&b, "  %s\n", strings.ReplaceAll(d.String(), "\n", "\n  "))
					}
				}
			case err != nil:
				t.Errorf("%s: %v", name, err)
			case !(likeness >= 0.95):
				t.Errorf("%s: scores of the spiking network are like those of the trained one by %.3f only", name, likeness)
			default:
				t.Logf("%s: %.4f", name, likeness)
				fmt.Fprintln(&b, "converted")
			}
		}
	}
	golden.File(t, "exporters.txt", b.String())
}

// spiking converts a network under best rules, with scale factors of the given normalisation and without re-fits, and
// returns how like its scores are to the trained network's: the mean cosine over pictures that pre brings to its input.
func spiking(t *testing.T, m *onnx.Model, pre convert.Preprocess, normalisation string) (float64, error) {
	t.Helper()
	size := m.Graph.Nodes[0].Shape.Size()
	images := convert.Images{N: 20, Codes: func(i int, dst []float32) { pixels(i, dst) }, Inputs: func(i int, dst []float32) {
		pixels(i, dst)
		for k, v := range dst {
			scale, offset := pre.At(k, size)
			dst[k] = float32(float64(v)*scale + offset)
		}
	}}
	opt := convert.Options{Rules: convert.Best, Normalization: normalisation, Percentile: 100, Recorded: m.Recorded(), PerChannel: true, Encoding: "constant", Readout: snn.Readout{Kind: snn.Membrane}, Reset: snn.Subtract,
		Initial: 0.5, Steps: steps, Pooling: convert.MaxPooling, Disable: map[string]bool{"refit": true, "rate-refit": true}}
	res, err := convert.Run(t.Context(), m.Graph, pre, images, convert.Capabilities{Bias: true, PerNeuronThreshold: true, Firing: snn.Plain}, opt)
	if err != nil {
		return 0, err
	}
	sim, err := snn.NewSimulator(res.Network, steps)
	if err != nil {
		return 0, err
	}
	loop, exec := sim.NewLoop(), ann.NewExecutor(res.Teacher)
	codes, hwc, input := make([]float32, size), make([]float32, size), make([]float32, size)
	const pictures = 5
	sum := 0.0
	for i := range pictures {
		images.Codes(i, codes)
		images.Inputs(i, input)
		want, err := exec.Run(input)
		if err != nil {
			return 0, err
		}
		snn.ToHWC(hwc, codes, res.Network.Populations[0].Shape)
		out, err := loop.Run(hwc, i, nil)
		if err != nil {
			return 0, err
		}
		sum += cosine(out.Potentials[len(out.Potentials)-1], want)
	}
	return sum / pictures, nil
}

// pixels fills dst with codes 0..255, the same for the same i.
func pixels(i int, dst []float32) {
	r := rand.New(rand.NewPCG(uint64(i), 77))
	for k := range dst {
		dst[k] = float32(r.IntN(256))
	}
}

// cosine returns the cosine between two lists, their means taken off; of lists of one value, whether they have one sign.
func cosine(a, b []float32) float64 {
	var ma, mb float64
	if len(a) > 1 {
		for i := range a {
			ma, mb = ma+float64(a[i])/float64(len(a)), mb+float64(b[i])/float64(len(b))
		}
	}
	var aa, bb, ab float64
	for i := range a {
		x, y := float64(a[i])-ma, float64(b[i])-mb
		aa, bb, ab = aa+x*x, bb+y*y, ab+x*y
	}
	return ab / math.Sqrt(aa*bb)
}
