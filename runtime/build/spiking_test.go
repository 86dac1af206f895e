package build

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spikec/internal/diag"
	"spikec/internal/hdf5"
	"spikec/models/nir"
	"spikec/models/onnx"
	"spikec/models/snn"
	"spikec/runtime/encode"
	"spikec/runtime/ladder"
)

// toSNN makes the spiking network of a request, and what codes its images.
func toSNN(t *testing.T, r Request) (*snn.Network, *encode.Encoder) {
	t.Helper()
	r.LadderAlone = true
	b, err := begin(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	b.goal = ladder.SNN
	if err := b.through(context.Background()); err != nil {
		t.Fatal(err)
	}
	return b.network, b.eval
}

// played lists, image by image, the spikes of every population, by name, and what is on the membranes of the output at the end.
func played(t *testing.T, net *snn.Network, e *encode.Encoder, images int) []string {
	t.Helper()
	sim, err := snn.NewSimulator(net, net.Steps)
	if err != nil {
		t.Fatal(err)
	}
	loop, chw, hwc := sim.NewLoop(), make([]float32, e.Size()), make([]float32, e.Size())
	var all []string
	for i := range images {
		e.Reals(i, chw)
		snn.ToHWC(hwc, chw, net.Populations[0].Shape)
		trains := make([]int, len(net.Populations)) // a number that any other train changes
		r, err := loop.Run(hwc, i, func(p, step int, fired []int32, _ []float32) {
			for _, n := range fired {
				trains[p] = trains[p]*31 + (int(n)+1)*(step+7)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		last, lines := len(r.Steps)-1, []string{}
		for p, train := range trains[1:] {
			name := net.Populations[p+1].Name
			if p == 0 { // which may be called after the input
				name = "first"
			}
			lines = append(lines, fmt.Sprintln(name, r.Spikes[p+1], train))
		}
		slices.Sort(lines) // populations side by side have no order
		all = append(all, fmt.Sprint(lines, r.Counts[last], r.Potentials[last]))
	}
	return all
}

// written writes a network as a file of NIR, and reads it as a user would have it read.
func written(t *testing.T, net *snn.Network, dialect string) Model {
	t.Helper()
	data, _, err := nir.Write(net, nir.Dialects[dialect])
	if err != nil {
		t.Fatal(err)
	}
	return readBack(t, data)
}

func readBack(t *testing.T, data []byte) Model {
	t.Helper()
	path := filepath.Join(t.TempDir(), "again.nir")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	m, err := ReadNetwork(path, onnx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestRoundTrip converts networks, writes them as NIR, and builds from that: every spike of every neuron of the stage snn is that
// of the network that was converted, and all stages behind agree with each other.
func TestRoundTrip(t *testing.T) {
	bundled := func(name, data string) func(*testing.T, *Request) {
		return func(t *testing.T, r *Request) {
			var err error
			if r.Model, err = BundledModel(name); err != nil {
				t.Fatal(err)
			}
			if r.Data, r.Calibration, err = OpenData(context.Background(), data, "", 4); err != nil {
				t.Fatal(err)
			}
			r.Options.CalibrationLimit = 20
			r.Options.Disable = []string{"rate-refit"}
		}
	}
	for name, c := range map[string]struct {
		target, encoding string
		change           func(*testing.T, *Request)
	}{
		"tiny":          {target: "generic8"},
		"biases":        {target: "generic8", change: func(_ *testing.T, r *Request) { r.Options.Rules, r.Options.Auto = "best", new(bool) }},
		"reset to zero": {target: "loihi1"},
		"regular":       {target: "generic8", encoding: "regular"},
		"drawn":         {target: "generic8", encoding: "bernoulli"},
		"silent steps":  {target: "generic8", encoding: "refractory"},
		"border":        {target: "generic8", change: func(_ *testing.T, r *Request) { bordered(r); r.Options.Auto = new(bool) }},
		"residual":      {target: "generic8", change: func(t *testing.T, r *Request) { r.Model = residualModel(t) }},
		"residual, relays": {target: "loihi1", change: func(t *testing.T, r *Request) {
			r.Model = residualModel(t)
			p := *r.Profile
			p.Execution.Latency = 1
			r.Profile = &p
		}},
		"convolutions":      {target: "generic8", change: bundled("mnist_cnn_plain", "mnist")},
		"convolution cores": {target: "speck2f", change: bundled("mnist_mlp_14x14", "downscale:2:mnist")},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(t, t.TempDir(), c.target)
			r.Options.Encoding = c.encoding
			if c.change != nil {
				c.change(t, &r)
			}
			want, images := toSNN(t, r)
			again := r
			again.Model = written(t, want, "generic")
			again.Options = Options{Encoding: c.encoding, CalibrationLimit: r.Options.CalibrationLimit}
			again.Preprocessing = encode.Options{}
			got, _ := toSNN(t, again)
			n := min(5, images.Len())
			is, was := played(t, got, images, n), played(t, want, images, n)
			if !slices.Equal(is, was) {
				t.Errorf("plays\n%s\nwant\n%s\nof\n%swant\n%s", is[0], was[0], got, want)
			}
			again.LadderAlone = true
			l, err := Run(context.Background(), again)
			if err != nil {
				t.Fatal(err)
			}
			if l.Stages[0].Stage != ladder.SNN || *l.Stages[0].Agreement != 1 || len(l.Stages) != 4 || l.Rules != "none" || l.Steps != want.Steps {
				t.Errorf("got %+v", l)
			}
			if !slices.ContainsFunc(l.Diagnostics, func(d diag.Diagnostic) bool {
				return d.ID == idNoTrained && strings.Contains(d.Message, "no stage ann")
			}) {
				t.Errorf("does not say why there is no stage ann: %v", l.Diagnostics)
			}
			if _, err := Check(context.Background(), again.Out, CheckOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestForeign plays files that the exporters of sinabs and snnTorch wrote on the images that those programs decided: the spikes
// of every layer are theirs, but for one in a thousand, as sums of real numbers are not added in the same order. Built for a
// chip, the network decides as there.
func TestForeign(t *testing.T) {
	for name, c := range map[string]struct {
		data, target string
		rules        nir.Rules
		options      Options
		about        []string // findings
	}{
		"sinabs":   {"mnist", "generic8", nir.Rules{Reset: snn.Subtract, Several: true}, Options{Reset: "subtract"}, []string{"SPK-NIR-008"}},
		"snntorch": {"downscale:2:crop:22x22:mnist", "speck2f", nir.Rules{Reset: snn.Subtract, Strict: true}, Options{Reset: "subtract", InitialPotential: "half"}, []string{"SPK-NIR-008", "SPK-NIR-008"}},
	} {
		t.Run(name, func(t *testing.T) {
			folder := "../../models/nir/testdata/foreign/" + name
			var record struct {
				Steps     int
				Decisions []int32
				Spikes    [][]float64
			}
			text, err := os.ReadFile(folder + ".json")
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(text, &record); err != nil {
				t.Fatal(err)
			}
			m, err := ReadNetwork(folder+".nir", onnx.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for i, id := range c.about {
				if m.found[i].ID != id || m.found.HasErrors() {
					t.Errorf("found %v", m.found)
				}
			}
			data, calibration, err := OpenData(context.Background(), c.data, "", len(record.Decisions))
			if err != nil {
				t.Fatal(err)
			}
			net := *m.Spiking.Network
			net.Steps = record.Steps
			for i, want := range record.Spikes {
				codes := make([]float32, data.Size())
				for k := range codes {
					codes[k] = float32(data.Pixels[i*data.Size()+k]) / 255
				}
				got, err := nir.Play(&net, c.rules, codes)
				if err != nil {
					t.Fatal(err)
				}
				for p, n := range want {
					sum := float32(0)
					for _, x := range got[p+1] {
						sum += x
					}
					if d := float64(sum) - n; d*d > 1e-6*n*n+1 {
						t.Errorf("image %d: layer %d sends %g spikes, there %g", i, p, sum, n)
					}
				}
			}
			r := request(t, t.TempDir(), c.target)
			r.Model, r.Data, r.Calibration, r.Options, r.LadderAlone = m, data, calibration, c.options, true
			r.Options.CalibrationLimit = 50
			l, err := Run(context.Background(), r)
			if err != nil {
				t.Fatal(err)
			}
			if l.Steps != 32 || l.Last().Correct < 19 || *l.Last().Agreement < 0.95 {
				t.Errorf("T = %d, %+v", l.Steps, l.Last())
			}
			if l.Resources.Cores == 0 || len(l.Layers) < 2 {
				t.Errorf("%+v", l)
			}
		})
	}
}

// TestReadoutCount gives neurons to an output of currents, for a chip whose membranes cannot be read.
func TestReadoutCount(t *testing.T) {
	r := request(t, t.TempDir(), "generic8")
	net, _ := toSNN(t, r)
	r.Model = written(t, net, "norse") // whose outputs are currents
	r.Options = Options{Readout: "count"}
	l, err := Run(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(l.Diagnostics, func(d diag.Diagnostic) bool { return d.ID == "SPK-ADOPT-006" }) || l.Options.Readout != "count" {
		t.Errorf("got %v", l.Diagnostics)
	}
	if s := l.Stages[0]; s.Accuracy < 0.6 { // the labels are the trained network's decisions
		t.Errorf("accuracy %g", s.Accuracy)
	}
	if rate := l.Layers[len(l.Layers)-1].Rate; rate <= 0 || rate > 1 {
		t.Errorf("the output fires at %g", rate)
	}
}

// TestSigned reads values of either sign, as two codes each.
func TestSigned(t *testing.T) {
	dir := t.TempDir()
	r := request(t, dir, "generic8")
	net, _ := toSNN(t, r)
	m := written(t, net, "generic")
	m.Spiking.Input = "" // as other tools write
	r.Model, r.LadderAlone = m, true
	r.Data, r.Calibration = open(t, writeSet(t, filepath.Join(dir, "signed.npz"), 60, 1, true, -0.4)), open(t, writeSet(t, filepath.Join(dir, "signed2.npz"), 80, 2, true, -0.4))
	got, images := toSNN(t, r)
	if got.Populations[0].Shape[0] != 2*shape[0] || images.Size() != 2*shape[0]*shape[1]*shape[2] {
		t.Errorf("%s", got)
	}
	// By hand, for the first image: what the first layer gets in a step.
	want := make([]float32, net.Populations[1].Size())
	first, err := snn.NewScatter(net.Geometry(0), net.Projections[0].Weight)
	if err != nil {
		t.Fatal(err)
	}
	values := r.Data.Values[:r.Data.Size()]
	hwc := make([]float32, len(values))
	snn.ToHWC(hwc, values, net.Populations[0].Shape)
	first.Add(want, all(len(hwc)), hwc, first.NewGathered(), func(acc, w []float32, k float32) {
		for i, x := range w {
			acc[i] += k * x
		}
	})
	sim, err := snn.NewSimulator(&snn.Network{Populations: append(got.Populations[:1:1], snn.Population{Shape: net.Populations[1].Shape, Neuron: snn.Integrator}),
		Projections: got.Projections[:1], Readout: snn.Readout{Kind: snn.Membrane}, Steps: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	chw := make([]float32, images.Size())
	images.Reals(0, chw)
	codes := make([]float32, len(chw))
	snn.ToHWC(codes, chw, got.Populations[0].Shape)
	result, err := sim.NewLoop().Run(codes, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for n, x := range result.Potentials[0] {
		if d := x - want[n]; d*d > 1e-2*1e-2 { // codes are rounded
			t.Errorf("neuron %d gets %g, want %g", n, x, want[n])
		}
	}
}

// all returns the numbers below n.
func all(n int) []int32 {
	list := make([]int32, n)
	for i := range list {
		list[i] = int32(i)
	}
	return list
}

// TestSpikingRefuses names everything that cannot be kept, all at once.
func TestSpikingRefuses(t *testing.T) {
	dir := t.TempDir()
	r := request(t, dir, "generic8")
	r.Options.Rules, r.Options.Auto = "best", new(bool)
	net, _ := toSNN(t, r)
	own := written(t, net, "generic")
	try := func(target string, change func(*Request), want ...string) {
		t.Helper()
		q := request(t, t.TempDir(), target)
		q.Model, q.Options = own, Options{}
		if change != nil {
			change(&q)
		}
		_, err := Run(context.Background(), q)
		wants(t, err, want...)
	}
	try("loihi1", nil, "SPK-BUILD-003 --reset network subtract zero", "SPK-BUILD-003 --initial-potential half")
	try("ranc", func(q *Request) { q.Options.Reset = "subtract" }, "SPK-BUILD-003 --readout count")
	try("tinyodin", func(q *Request) {
		q.Options.Reset, q.Options.InitialPotential, q.Options.Readout = "zero", "zero", "count"
	},
		"SPK-ADOPT-001 relu1 biases", "SPK-ADOPT-001 pool1/columns1", "SPK-ADOPT-001 relu2", "SPK-ADOPT-001 fc")
	try("generic8-staged", func(q *Request) { q.Options.Reset = "subtract" }, "SPK-ADOPT-002 staged")
	try("generic8", func(q *Request) { q.Preprocessing.PixelScale = 1 }, "SPK-BUILD-022 again 0..255")
	try("generic8", func(q *Request) { q.Preprocessing.Mean = []float64{0.5} }, "SPK-BUILD-022")
	try("generic8", func(q *Request) {
		q.Data = open(t, writeSet(t, filepath.Join(dir, "reals.npz"), 60, 1, true, 0))
		q.Calibration = open(t, writeSet(t, filepath.Join(dir, "calib-reals.npz"), 80, 2, true, 0))
	}, "SPK-BUILD-022 pixels")
	small := open(t, "mnist").Head(3)
	try("generic8", func(q *Request) { q.Data = small }, "SPK-DATA-001 1x28x28 2x6x5", "SPK-DATA-002 mnist")
	labelled := *r.Data
	labelled.Labels = slices.Repeat([]int{classes}, labelled.Len())
	try("generic8", func(q *Request) { q.Data = &labelled }, "SPK-DATA-002")
	fires := *net
	fires.Populations = slices.Clone(net.Populations)
	last := &fires.Populations[net.Output()]
	last.Neuron, last.Range, fires.Readout.Kind = snn.IF, 0, snn.Count
	own = written(t, &fires, "generic")
	try("generic8", func(q *Request) { q.Options.Readout = "membrane" }, "SPK-ADOPT-005 fc --readout count")
	own.Spiking.Input = "" // of another tool: pixels are shifted, and no code is worth 0
	try("generic8", func(q *Request) {
		q.Preprocessing.Mean = []float64{-0.5}
		n := *own.Spiking.Network
		n.Projections = slices.Clone(n.Projections)
		w := &n.Projections[0].Window
		w.PadBegin, w.PadEnd = [2]int{1, 1}, [2]int{1, 1}
		q.Model.Spiking = &nir.File{Network: &n, Nodes: own.Spiking.Nodes}
	}, "SPK-ADOPT-003 relu1 --mean")
}

// TestReadNetworkRefuses reads files that are no networks.
func TestReadNetworkRefuses(t *testing.T) {
	dir := t.TempDir()
	try := func(name string, data []byte, want ...string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if data != nil {
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		_, err := ReadNetwork(path, onnx.Options{})
		wants(t, err, want...)
	}
	empty, err := hdf5.Write(&hdf5.Group{})
	if err != nil {
		t.Fatal(err)
	}
	try("none.nir", nil, "SPK-BUILD-024 none.nir")
	try("text.nir", []byte("no"), "SPK-NIR-001 text.nir")
	try("network.h5", empty, "SPK-NIR-001 network.h5") // known by its first bytes
	whole, err := os.ReadFile("../../models/nir/testdata/foreign/snntorch.nir")
	if err != nil {
		t.Fatal(err)
	}
	try("half.nir", whole[:len(whole)/2], "SPK-NIR-001 half.nir")
	path := filepath.Join(dir, "whole.h5")
	if err := os.WriteFile(path, whole, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = ReadOutput(path, onnx.Options{})
	wants(t, err, "SPK-BUILD-023 whole.h5 spikec build")
}
