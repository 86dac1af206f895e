package build

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"spikec/emulator"
	"spikec/emulator/encoder"
	"spikec/internal/diag"
	"spikec/internal/window"
	"spikec/models/snn"
	"spikec/quantize"
	"spikec/target/chip"
	"spikec/target/config/ranc"
	"spikec/target/image"
	"spikec/target/place"
)

// rancNetwork draws a small network of integers for RANC, with weights and thresholds for which potentials wrap and fall below their
// lower bounds, and perhaps a leak.
func rancNetwork(t *rapid.T, leak int32) *quantize.Network {
	coding, err := encoder.Default("bernoulli", rapid.Uint64Range(0, 99).Draw(t, "seed"))
	if err != nil {
		t.Fatal(err)
	}
	n := &quantize.Network{Name: "random", Chip: "ranc", Steps: rapid.IntRange(8, 40).Draw(t, "steps"), Reset: snn.Subtract,
		Readout: snn.Readout{Kind: snn.Count, SpikesOnly: true},
		Format:  quantize.Format{WeightMax: 7, WeightStep: 1, Bits: 4, ThresholdMin: 1, ThresholdMax: 255, InitialV: true, VMin: -256, VMax: 255, Wraps: true, LowerReset: true}}
	n.Populations = []quantize.Population{{Name: "x", Shape: [3]int{2, 4, 4}, Neuron: snn.Input}, {Name: "spikes", Shape: [3]int{2, 4, 4}, Neuron: snn.Source, Coding: &coding},
		{Name: "first", Shape: [3]int{6, 2, 2}, Neuron: snn.IF}, {Name: "second", Shape: [3]int{4, 1, 1}, Neuron: snn.IF}, {Name: "output", Shape: [3]int{3, 1, 1}, Neuron: snn.IF}}
	all := func(size int) window.Window2d {
		return window.Window2d{Kernel: [2]int{size, size}, Stride: [2]int{2, 2}, Dilation: [2]int{1, 1}}
	}
	n.Projections = []quantize.Projection{{Source: 1, Target: 2, Window: all(2), Groups: 2}, {Source: 2, Target: 3, Window: all(2), Groups: 1}, {Source: 3, Target: 4, Window: all(1), Groups: 1}}
	for i := range n.Projections {
		p := &n.Projections[i]
		to := &n.Populations[p.Target]
		count := to.Shape[0] * n.Populations[p.Source].Shape[0] / p.Groups * p.Window.Kernel[0] * p.Window.Kernel[1]
		p.Weight = rapid.SliceOfN(rapid.Int32Range(-7, 7), count, count).Draw(t, "weights")
		for range to.Shape[0] {
			threshold := rapid.Int32Range(1, 30).Draw(t, "threshold")
			to.Threshold, to.Initial = append(to.Threshold, threshold), append(to.Initial, threshold/2)
			to.Bias, to.Lower = append(to.Bias, rapid.Int32Range(-leak, leak).Draw(t, "leak")), append(to.Lower, rapid.SampledFrom([]int32{-256, -256, -100, -8}).Draw(t, "lower"))
		}
	}
	return n
}

// rancProfile returns RANC with cores of few neurons and axons, as its profile says otherwise.
func rancProfile(t testing.TB, neurons, axons int) *chip.Profile {
	p, err := chip.Load("ranc")
	if err != nil {
		t.Fatal(err)
	}
	own := *p
	if neurons > 0 {
		own.Capacity.Neurons, own.Capacity.AxonsIn = &neurons, &axons
	}
	return &own
}

// failing is what throughWords needs of *testing.T and *rapid.T.
type failing interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// throughWords writes an image in a form and reads it back, with what of it is the host's.
func throughWords(t failing, form string, img *image.Image, p *chip.Profile) (map[string][]byte, *image.Image) {
	t.Helper()
	files, _, err := wordForms[form].write(img, p)
	if err != nil {
		t.Fatal(err)
	}
	back, err := wordForms[form].read(files, img.Host(), p)
	if err != nil {
		t.Fatal(err)
	}
	if d := img.Difference(back); d != "" {
		t.Fatalf("%s: what was read back is another image: %s", form, d)
	}
	return files, back
}

// TestRANCIsOneNetwork: the network of integers, its image in both engines, and the grid that runs from the chip's own files send the same
// spikes in every step, with wrapping, lower resets and leaks.
func TestRANCIsOneNetwork(t *testing.T) {
	p, wraps, lowered := rancProfile(t, 20, 96), int64(0), int64(0)
	for i := range 12 {
		leak := int32(2 * (i % 2))
		net := rapid.Custom(func(t *rapid.T) *quantize.Network { return rancNetwork(t, leak) }).Example(i)
		codes := rapid.SliceOfN(rapid.Uint8(), 32, 32).Example(i)
		img, _, err := place.Run(t.Context(), net, p)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ranc.FromImage(img); err != nil && strings.Contains(err.Error(), "before its window opens") {
			continue // a leak that would fire too early
		}
		files, back := throughWords(t, "ranc-mem", img, p)
		m, err := newRANCMachine(files, img.Host(), p)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"reference", "fast"} {
			e, err := emulator.New(name, back, p)
			if err != nil {
				t.Fatal(err)
			}
			if d, err := compareMachine(back, e.NewSession(), m, codes, 3); err != nil || d != nil {
				t.Fatalf("network %d, %s: %v, %v", i, name, d, err)
			}
			r, err := e.NewSession().Run(codes, 3)
			if err != nil {
				t.Fatal(err)
			}
			lowered += r.Counters.LowerResets
			for _, s := range r.Counters.Saturations {
				wraps += s
			}
			if d, err := locate(net, back, 1, e, codes, 3); err != nil || d.Layer != "" {
				t.Fatalf("network %d, %s: %v, %v", i, name, d, err)
			}
		}
	}
	if wraps == 0 || lowered == 0 {
		t.Errorf("%d wraps and %d lower resets: want some of both", wraps, lowered)
	}
}

// TestRANCWordsSayAll: each altered digit of the memories changes the image or is refused, and files that are missing or strange are refused.
func TestRANCWordsSayAll(t *testing.T) {
	p := rancProfile(t, 0, 0)
	img := rancImage(t, p)
	files, _ := throughWords(t, "ranc-mem", img, p)
	throughWords(t, "ranc-json", img, p)
	host := img.Host()
	read := func(files map[string][]byte) string {
		back, err := wordForms["ranc-mem"].read(files, host, p)
		if err != nil {
			var f *diag.Failure
			if !errors.As(err, &f) {
				t.Fatalf("no diagnostic: %v", err)
			}
			return "refused"
		}
		return img.Difference(back)
	}
	altered := func(name string, at int) map[string][]byte {
		other := map[string][]byte{}
		for k, data := range files {
			other[k] = data
		}
		other[name] = slices.Clone(files[name])
		other[name][at] ^= 1
		return other
	}
	line := bytes.IndexByte(files["csram_000.mem"], '\n')
	for at := 0; at < line; at += 5 {
		if read(altered("csram_000.mem", at)) == "" {
			t.Errorf("digit %d of a neuron says nothing", at)
		}
	}
	for _, at := range []int{255 * (line + 1), 255*(line+1) + 300, 200 * (line + 1)} { // of neurons that are not used
		if read(altered("csram_000.mem", at)) == "" {
			t.Errorf("digit %d of an idle neuron says nothing", at)
		}
	}
	for _, at := range []int{0, 1, 255 * 3} {
		if read(altered("tc_000.mem", at)) == "" {
			t.Errorf("digit %d of the types says nothing", at)
		}
	}
	missing := altered("tc_000.mem", 0)
	delete(missing, "tc_000.mem")
	strange := altered("tc_000.mem", 0)
	strange["tc_000.mem"], strange["more.mem"] = files["tc_000.mem"], nil
	packets := altered("tc_000.mem", 0)
	packets["tc_000.mem"], packets["tb_num_inputs.txt"] = files["tc_000.mem"], []byte("0\n")
	for name, f := range map[string]map[string][]byte{"missing": missing, "strange": strange, "packets": packets, "none": {}} {
		if got := read(f); got != "refused" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// rancImage returns a fixed small network on RANC.
func rancImage(t testing.TB, p *chip.Profile) *image.Image {
	net := rapid.Custom(func(t *rapid.T) *quantize.Network { return rancNetwork(t, 0) }).Example(1)
	img, _, err := place.Run(t.Context(), net, p)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// TestRANCWaitsForItsWindow: a leak that would fire before the window opens is refused, with the neuron and the tick.
func TestRANCWaitsForItsWindow(t *testing.T) {
	p := rancProfile(t, 0, 0)
	img := rancImage(t, p)
	last := &img.Cores[len(img.Cores)-1]
	last.Registers["leak"] = slices.Repeat([]int32{-100}, last.Neurons)
	_, _, err := wordForms["ranc-mem"].write(img, p)
	if err == nil || !strings.Contains(err.Error(), "SPK-RANC-011") || !strings.Contains(err.Error(), "a leak of -100") {
		t.Error(err)
	}
}

// FuzzRANCWords reads hostile memories: whatever they are, they are read or refused by a diagnostic.
func FuzzRANCWords(f *testing.F) {
	p := rancProfile(f, 0, 0)
	img := rancImage(f, p)
	files, _, err := wordForms["ranc-mem"].write(img, p)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("csram_000.mem", files["csram_000.mem"])
	f.Add("tc_000.mem", files["tc_000.mem"])
	f.Add("tc_000.mem", []byte("11\n"))
	f.Add("tb_num_inputs.txt", []byte("-1\n"))
	f.Add("csram_999.mem", []byte{})
	host := img.Host()
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		other := map[string][]byte{}
		for k, d := range files {
			other[k] = d
		}
		other[name] = data
		back, err := wordForms["ranc-mem"].read(other, host, p)
		var failure *diag.Failure
		if err != nil && !errors.As(err, &failure) {
			t.Fatalf("no diagnostic: %v", err)
		}
		if err == nil {
			if err := back.Validate(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestBuildRANC builds the bundled network that was made for RANC, checks it from the chip's own files, and exports the simulator's.
func TestBuildRANC(t *testing.T) {
	m, err := BundledModel("mnist_cnn_patches")
	if err != nil {
		t.Fatal(err)
	}
	eval, calib, err := OpenData(context.Background(), "mnist", "", 4)
	if err != nil {
		t.Fatal(err)
	}
	r := Request{Model: m, Profile: rancProfile(t, 0, 0), Data: eval, Calibration: calib, Out: t.TempDir() + "/build", LadderAlone: true,
		Options: Options{Steps: 8, CalibrationLimit: 60}}
	l, err := Run(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	if last := l.Last(); last.Stage != "files" || last.Correct < 3 {
		t.Errorf("%d of %d at stage %s", last.Correct, last.N, last.Stage)
	}
	if l.Resources.Cores != 89 || l.Layers[1].Use == nil || l.Layers[1].Use.Copies < 9*64*2 || l.Layers[1].Use.Bound != "axons" {
		t.Errorf("%+v, %+v", l.Resources, l.Layers[1])
	}
	if m := l.Resources.Traffic; m == nil || m.Packets < 1000 || m.Hops < m.Packets || m.Hops > 10*m.Packets || m.HostPackets < 1000 {
		t.Errorf("traffic %+v", m)
	}
	if _, err := Check(context.Background(), r.Out, CheckOptions{Limit: 2}); err != nil {
		t.Error(err)
	}
	if files, _, err := ExportFolder(r.Out, "ranc-json", ""); err != nil || len(files) != 2 {
		t.Errorf("%d files, %v", len(files), err)
	}
}

// TestBuildRANCRules builds a small network with biases for RANC under both rules and with few bits: what the chip holds is written and
// read back.
func TestBuildRANCRules(t *testing.T) {
	no := false
	for _, o := range []Options{{Steps: 8}, {Steps: 8, Bits: 2}, {Steps: 8, Rules: "best", Auto: &no}} {
		r := request(t, t.TempDir(), "ranc")
		r.Options, r.Data, r.LadderAlone = o, r.Data.Head(8), true
		l, err := Run(context.Background(), r)
		if err != nil {
			t.Errorf("%+v: %v", o, err)
			continue
		}
		if l.Options.Encoding != "sigma-delta" || l.Options.Readout != "count" || !l.Options.SpikesOnly {
			t.Errorf("%+v: %+v", o, l.Options)
		}
		if _, err := Check(context.Background(), r.Out, CheckOptions{}); err != nil {
			t.Errorf("%+v: %v", o, err)
		}
		if kept := l.Options.Biases == "kept"; kept != (o.Rules == "best") {
			t.Errorf("%+v: biases %s", o, l.Options.Biases)
		}
	}
}
