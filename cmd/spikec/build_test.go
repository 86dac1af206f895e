package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spikec/models/zoo"
	"spikec/runtime/dataset/npz"
	"spikec/runtime/ladder"
)

// document decodes the result document on standard output.
func document[T any](t *testing.T, r result) *T {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(r.out))
	d.DisallowUnknownFields()
	v := new(T)
	if err := d.Decode(v); err != nil {
		t.Fatalf("%s: %v\n%s", r.line, err, r.out)
	}
	if d.More() {
		t.Errorf("%s: more than one document on standard output", r.line)
	}
	return v
}

// TestBuildAndCheck goes the whole way with a small network: build, check from another folder, alter a byte, emulate.
func TestBuildAndCheck(t *testing.T) {
	p, args := built(t, "tiny.onnx", "--json")
	l := document[ladder.Ladder](t, p.spikec(args...).exits(0))
	var stages []string
	for _, s := range l.Stages {
		stages = append(stages, s.Stage)
		if s.N != 20 {
			t.Errorf("stage %s: %d images, want 20", s.Stage, s.N)
		}
	}
	want := []string{ladder.ANN, ladder.Tailored, ladder.SNN, ladder.Fixed, ladder.Image, ladder.Files}
	if !slices.Equal(stages, want) || l.Schema != ladder.Schema || l.Model != "tiny" || l.Target != "generic8" || l.Steps != 4 {
		t.Errorf("got stages %v of %s on %s, T = %d", stages, l.Model, l.Target, l.Steps)
	}
	other := &place{t: t, dir: t.TempDir()}
	check := func(more ...string) *ladder.Ladder {
		t.Helper()
		return document[ladder.Ladder](t, other.spikec(slices.Concat([]string{"check", p.path("out"), "--json", "--quiet"}, more)...).exits(0))
	}
	for _, engine := range []string{"auto", "reference"} {
		if c := check("--engine", engine); c.CountsSHA256 != l.CountsSHA256 || c.Check == nil || !c.Check.CountsCompared {
			t.Errorf("engine %s: counts %s, recorded %s; compared: %+v", engine, c.CountsSHA256, l.CountsSHA256, c.Check)
		}
	}
	if c := check("--limit", "7"); c.Last().N != 7 || c.Check.CountsCompared {
		t.Errorf("with --limit 7: %+v, %+v", c.Last(), c.Check)
	}
	if left := other.names("."); len(left) > 0 {
		t.Errorf("check left %v behind", left)
	}
	p.spikec("check", "out").exits(0).prints("generic8", "20")
	emulate(t, p)
	alterEachFile(t, p)
}

// emulate runs two images through the build and compares what comes out with the build's own answers.
func emulate(t *testing.T, p *place) {
	t.Helper()
	pixels := make([]uint8, 2*28*28)
	for i := range pixels {
		pixels[i] = uint8(i % 256)
	}
	p.npz("x.npz", npz.Uint8s("x", pixels, 2, 1, 28, 28))
	p.spikec("emulate", "out", "--input", "x.npz", "--output", "y.npz", "--trace", "trace.npz", "--quiet").exits(0).complains()
	p.spikec("emulate", "out", "--input", "x.npz", "--output", "slow.npz", "--engine", "reference", "--quiet").exits(0).complains()
	a := document[answers](t, p.spikec("emulate", "out", "--input", "x.npz", "--output", "again.npz", "--json").exits(0))
	if a.Schema != "spikec/emulate/v1" || a.N != 2 || a.Accuracy != nil || !slices.Equal(a.Arrays["counts"], []int{2, 10}) {
		t.Errorf("got %+v", a)
	}
	p.spikec("emulate", "out", "--input", "x.npz", "--output", "again.npz").exits(0).prints("wrote again.npz: counts (2, 10)\n")
	fast, err := os.ReadFile(p.path("y.npz"))
	slow, err2 := os.ReadFile(p.path("slow.npz"))
	if err != nil || err2 != nil || !bytes.Equal(fast, slow) {
		t.Errorf("the engines' answers differ, or there are none: %v, %v", err, err2)
	}
	arrays, err := npz.Read(t.Context(), p.path("y.npz"), "counts", "potentials", "decision")
	if err != nil || !slices.Equal(arrays[0].Shape, []int{2, 10}) || !slices.Equal(arrays[2].Shape, []int{2}) {
		t.Errorf("got %v, %v", arrays, err)
	}
	p.spikec("emulate", "out", "--input", "nowhere.npz", "--output", "z.npz").exits(1).complains("nowhere.npz")
	p.npz("wrong.npz", npz.Uint8s("x", pixels, 8, 1, 14, 14))
	p.spikec("emulate", "out", "--input", "wrong.npz", "--output", "z.npz").exits(1).complains("(8, 1, 14, 14)", "(N, 1, 28, 28)")
	if slices.Contains(p.names("."), "z.npz") {
		t.Error("a failed emulation left its output behind")
	}
}

// alterEachFile changes one byte in the middle of every file of the build, one after the other.
func alterEachFile(t *testing.T, p *place) {
	t.Helper()
	for _, name := range p.names("out") {
		path := filepath.Join(p.path("out"), name)
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		after := bytes.Clone(before)
		after[len(after)/2] ^= 1
		if err := os.WriteFile(path, after, 0o644); err != nil {
			t.Fatal(err)
		}
		p.spikec("check", "out", "--quiet").exits(1).complains(name)
		if err := os.WriteFile(path, before, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p.spikec("check", "out", "--quiet").exits(0)
}

// TestReadout checks that every flag of the read-out is heeded, and what does not go together refused.
func TestReadout(t *testing.T) {
	p, args := built(t, "tiny.onnx", "--json")
	read := func(more ...string) *ladder.Ladder {
		t.Helper()
		return document[ladder.Ladder](t, p.spikec(slices.Concat(args, more)...).exits(0))
	}
	if l := read("--readout", "first-spike"); l.Latency == nil || l.Latency.Of != "first-spike" || l.Latency.Exit != nil || l.Ties == nil {
		t.Errorf("first-spike: latency %+v, ties %v", l.Latency, l.Ties)
	}
	if l := read("--readout-delay", "auto"); l.Options.ReadoutDelay != 1 || l.Latency != nil || l.Ties != nil || l.AccuracyBySteps[0].Steps != 2 {
		t.Errorf("delay: %+v, by steps %+v", l.Options, l.AccuracyBySteps)
	}
	if l := read("--early-exit"); l.Latency == nil || l.Latency.Of != "exact" || l.Latency.Exit.Changed != 0 || *l.Options.EarlyExit != 0 {
		t.Errorf("exact exit: latency %+v of %+v", l.Latency, l.Options)
	}
	drawn := read("--encoding", "bernoulli", "--seed", "3", "--readout", "first-spike", "--readout-delay", "2")
	if o := drawn.Options; drawn.Latency.Histogram[0].Steps < 3 || o.Encoding != "bernoulli" || o.EncodingSeed == nil || *o.EncodingSeed != 3 || o.ReadoutDelay != 2 {
		t.Errorf("first spike behind step 2 of drawn spikes: latency %+v of %+v", drawn.Latency, o)
	}
	if c := document[ladder.Ladder](t, p.spikec("check", "out", "--json", "--quiet").exits(0)); !c.Check.CountsCompared || c.CountsSHA256 != drawn.CountsSHA256 {
		t.Errorf("check: %+v", c.Check)
	}
	p.write("spikec.yaml", "early-exit: 0.5\nreadout: count\nreadout-delay: 2\n")
	if l := read(); l.Latency == nil || l.Latency.Of != "margin" || l.Latency.Exit.Margin != 1 || l.Options.ReadoutDelay != 2 || l.Latency.Histogram[0].Steps < 3 {
		t.Errorf("exit by a margin: latency %+v of %+v", l.Latency, l.Options)
	}
	p.spikec(slices.Concat(args, []string{"--readout", "first-spike", "--readout-delay", "4"})...).exits(1).
		complains("SPK-BUILD-010 --early-exit: the first spike decides already", "SPK-BUILD-002 --readout-delay: got 4, want 0..3")
}

// TestAuto checks that choices are tried under best rules unless the user says otherwise, and that a flag settles one.
func TestAuto(t *testing.T) {
	p, args := built(t, "tiny.onnx", "--json")
	tried := func(more ...string) (names []string) {
		t.Helper()
		l := document[ladder.Ladder](t, p.spikec(slices.Concat(args, more)...).exits(0))
		if l.Auto == nil {
			return nil
		}
		for _, c := range l.Auto.Candidates {
			names = append(names, c.Name)
		}
		return names
	}
	if got := tried(); got != nil {
		t.Errorf("strict rules: tried %q", got)
	}
	if got, want := tried("--rules", "best", "--pooling", "max"), []string{"default", "zero biases", "percentile", "counted spikes", "later read-out"}; !slices.Equal(got, want) {
		t.Errorf("tried %q, want %q", got, want)
	}
	if got := tried("--rules", "best", "--pooling", "max", "--normalization", "error", "--biases", "zero", "--readout", "membrane", "--readout-delay", "0"); got != nil {
		t.Errorf("all is given: tried %q", got)
	}
	if got := tried("--rules", "best", "--auto=false"); got != nil {
		t.Errorf("not wanted: tried %q", got)
	}
	p.spikec(append(args, "--auto", "--biases", "kept")...).exits(1).complains("SPK-BUILD-012 --auto: candidates", "SPK-BUILD-012 --biases kept: strict rules")
}

// TestSameRequestSameFiles checks that a build is a function of its request.
func TestSameRequestSameFiles(t *testing.T) {
	p, args := built(t, "tiny.onnx")
	p.spikec(args...).exits(0)
	p.spikec(append(args, "--out", "again", "--jobs", "1")...).exits(0)
	for _, name := range p.names("out") {
		one, err := os.ReadFile(filepath.Join(p.path("out"), name))
		two, err2 := os.ReadFile(filepath.Join(p.path("again"), name))
		if err != nil || err2 != nil || !bytes.Equal(one, two) {
			t.Errorf("%s differs between two builds of the same request: %v, %v", name, err, err2)
		}
	}
}

// TestGates checks that a gate that is missed is exit code 3, with the result printed and the files kept.
func TestGates(t *testing.T) {
	p, args := built(t, "tiny.onnx", "--min-accuracy", "1", "--max-drop", "100")
	r := p.spikec(args...).exits(3).prints("files")
	if !strings.Contains(r.err, "accuracy gate missed") || !slices.Contains(p.names("out"), "manifest.json") {
		t.Errorf("got %q, and files %v", r.err, p.names("out"))
	}
	p.spikec("check", "out", "--min-accuracy", "1", "--quiet").exits(3)
	p.spikec("check", "out", "--min-accuracy", "0.1", "--quiet").exits(0)
}

// TestLooks checks the flags that show what happens inside.
func TestLooks(t *testing.T) {
	p, args := built(t, "tiny.onnx", "--dump-after", "zero-bias,lower", "--timing")
	r := p.spikec(args...).exits(0)
	for _, part := range []string{"after pass zero-bias:\n%0 = Input", "after pass lower:\nnetwork tiny: T=4", "convert/refit", "files"} {
		if !strings.Contains(r.err, part) {
			t.Errorf("standard error lacks %q:\n%s", part, r.err)
		}
	}
}

// TestStop checks that a conversion ends where it is told to, with nothing written and nothing wrong.
func TestStop(t *testing.T) {
	p, args := built(t, "tiny.onnx", "--stop-after", "snapshot")
	r := p.spikec(args...).exits(0)
	if !strings.HasPrefix(r.err, "after pass snapshot:\n%0 = Input") || r.out != "" || slices.Contains(p.names("."), "out") {
		t.Errorf("got %q and %q, and %v", r.out, r.err, p.names("."))
	}
	r = p.spikec(append(args, "--json")...).exits(0)
	if got := document[dumped](t, r); got.Schema != passSchema || got.Pass != "snapshot" || !strings.HasPrefix(got.Network, "%0 = Input") || r.err != "" {
		t.Errorf("got %+v and %q", got, r.err)
	}
	r = p.spikec(append(args, "--dump-after", "refit,rate-refit", "--disable", "rate-refit")...).exits(1).
		complains("SPK-CLI-008", "--dump-after refit", "--stop-after ends", "--dump-after rate-refit", "--disable rate-refit")
	if n := strings.Count(r.err, "error SPK-CLI-008"); n != 2 { // one of them about both passes
		t.Errorf("%d findings: %s", n, r.err)
	}
	p.spikec(append(args[:len(args)-2:len(args)-2], "--stop-after", "refit", "--disable", "refit")...).exits(1).complains("SPK-CLI-008 --stop-after refit")
}

// TestConvert checks the first part of a build on its own.
func TestConvert(t *testing.T) {
	p := newPlace(t)
	p.copy("tiny.onnx")
	args := strings.Fields("convert tiny.onnx --data mnist --limit 20 --steps 4 --quiet --json --out out")
	l := document[ladder.Ladder](t, p.spikec(args...).exits(0))
	if l.Last().Stage != ladder.SNN || l.Last().N != 20 || l.Target != "" || len(p.names("out")) == 0 {
		t.Errorf("got stage %+v for target %q, and %v", l.Last(), l.Target, p.names("out"))
	}
	l = document[ladder.Ladder](t, p.spikec(append(args, "--target", "loihi1")...).exits(0))
	if l.Target != "loihi1" || l.Options.Reset != "zero" {
		t.Errorf("got target %q with reset %q", l.Target, l.Options.Reset)
	}
	p.spikec(append(args, "--target", "generic9")...).exits(1).complains("SPK-CHIP-001")
}

// TestCalibrationFile takes choices and scale factors from an earlier conversion: without re-fits no other file is needed,
// and flags win over what was chosen.
func TestCalibrationFile(t *testing.T) {
	p := newPlace(t)
	p.copy("tiny.onnx")
	first := document[ladder.Ladder](t, p.spikec(strings.Fields("convert tiny.onnx --data mnist --limit 20 --steps 4 --rules best --pooling average --pool-neurons --biases zero --disable refit,rate-refit --encoding regular --quiet --json --out first")...).exits(0))
	args := strings.Fields("tiny.onnx --data mnist --limit 20 --quiet --json --calibration-file first/calibration.json --out")
	second := document[ladder.Ladder](t, p.spikec(slices.Concat([]string{"convert"}, args, []string{"second"})...).exits(0))
	if second.Steps != 4 || second.Rules != "best" || second.Options.Encoding != "regular" || second.Options.Biases != "zero" || !second.Options.PoolNeurons || len(second.Options.Disabled) != 2 || second.Calibration != nil ||
		second.Last().Correct != first.Last().Correct {
		t.Errorf("got %+v", second)
	}
	for _, name := range []string{"network.npz", "scales.json"} {
		a, err := os.ReadFile(p.path("first/" + name))
		b, err2 := os.ReadFile(p.path("second/" + name))
		if err != nil || err2 != nil || !bytes.Equal(a, b) {
			t.Errorf("%s is another: %v, %v", name, err, err2)
		}
	}
	built := document[ladder.Ladder](t, p.spikec(slices.Concat([]string{"build"}, args, strings.Fields("built --target generic8 --steps 6 --encoding constant"))...).exits(0))
	if built.Steps != 6 || built.Options.Encoding != "constant" || built.Rules != "best" {
		t.Errorf("flags do not win: %+v", built.Options)
	}
	p.spikec(slices.Concat([]string{"build"}, args, strings.Fields("no --target loihi1 --reset zero"))...).exits(1).complains("SPK-BUILD-003 --initial-potential (brought by first/calibration.json)")
	p.spikec(slices.Concat([]string{"convert"}, args, strings.Fields("no --percentile 90"))...).exits(1).complains("SPK-BUILD-016 --percentile", "first/calibration.json", "--normalization error")
	p.spikec("convert", "tiny.onnx", "--data", "mnist", "--out", "no", "--calibration-file", "first/scales.json").exits(1).complains("SPK-BUILD-013 first/scales.json")
	text, err := os.ReadFile(p.path("first/calibration.json"))
	if err != nil {
		t.Fatal(err)
	}
	p.write("wrong.json", strings.Replace(string(text), `"rules": "best"`, `"rules": "worst"`, 1))
	p.spikec("convert", "tiny.onnx", "--data", "mnist", "--out", "no", "--calibration-file", "wrong.json").exits(1).complains("SPK-CLI-007 wrong.json", "worst")
}

// TestDemo runs the demo on a few images.
func TestDemo(t *testing.T) {
	p := newPlace(t)
	args := []string{"demo", "--limit", "20", "--steps", "4", "--quiet", "--out", "made/here"}
	if testing.Short() {
		args = append(args, "--disable", "refit") // what takes longest
	}
	r := p.spikec(args...).exits(0).prints("next", "check made/here/mnist_cnn_", "build made/here/mnist_cnn_")
	for _, m := range zoo.Whole() {
		name := m.Name
		r.prints(name, filepath.Join("made/here", name+"-generic8"))
		p.spikec("check", filepath.Join("made/here", name+"-generic8"), "--quiet").exits(0)
		if !slices.Contains(p.names("made/here"), m.Info.File) {
			t.Errorf("the demo did not write %s", m.Info.File)
		}
	}
	p.spikec("demo", "--target", "generic9", "--target", "generic7").exits(1).complains("generic9", "generic7")
	if testing.Short() {
		return // the rest builds both networks once more
	}
	d := document[demoResult](t, p.spikec(append(args, "--json", "--disable", "refit")...).exits(0))
	if d.Schema != demoSchema || len(d.Results) != len(zoo.Whole()) {
		t.Errorf("got schema %q with %d results", d.Schema, len(d.Results))
	}
}

// TestRun compares the float network with recorded answers of onnxruntime.
func TestRun(t *testing.T) {
	p := newPlace(t)
	m, err := zoo.Get("mnist_cnn_bnmax")
	if err != nil {
		t.Fatal(err)
	}
	p.write("model.onnx", string(m.ONNX))
	recorded, err := os.ReadFile(filepath.Join("../../models/zoo", m.Info.IO.File))
	if err != nil {
		t.Fatal(err)
	}
	p.write("io.npz", string(recorded))
	p.spikec("run", "model.onnx", "--input", "io.npz", "--output", "y.npz", "--quiet").exits(0).complains()
	want, err := npz.Read(t.Context(), p.path("io.npz"), "y")
	got, err2 := npz.Read(t.Context(), p.path("y.npz"), "y")
	if err != nil || err2 != nil || !slices.Equal(got[0].Shape, want[0].Shape) {
		t.Fatalf("got %v, want %v; %v, %v", got, want, err, err2)
	}
	compare(t, got[0], want[0])
	p.spikec("run", "model.onnx", "--input", "io.npz", "--output", "y.npz").exits(0).prints("wrote y.npz: y (8, 10)\n")
	x, err := npz.Read(t.Context(), p.path("io.npz"), "x")
	if err != nil {
		t.Fatal(err)
	}
	classes := largest(want)
	classes[3]++ // one that the network does not say
	p.npz("labelled.npz", x[0], npz.Int64s("y", classes, len(classes)))
	p.spikec("run", "model.onnx", "--input", "labelled.npz", "--output", "y.npz").exits(0).prints("7 of 8 right by y of labelled.npz, accuracy 0.8750")
	a := document[answers](t, p.spikec("run", "model.onnx", "--input", "labelled.npz", "--output", "y.npz", "--json", "--quiet").exits(0))
	if a.Schema != "spikec/run/v1" || a.N != 8 || *a.Correct != 7 || !slices.Equal(a.Arrays["y"], []int{8, 10}) {
		t.Errorf("got %+v", a)
	}
	p.spikec("run", "model.onnx", "--input", "nowhere.npz", "--output", "z.npz").exits(1).complains("nowhere.npz")
}

// tolerance is by how much a logit may differ from onnxruntime's.
const tolerance = 1e-4

// compare checks an array of float32 against another one.
func compare(t *testing.T, got, want *npz.Array) {
	t.Helper()
	g, w := got.Float32(), want.Float32()
	for i := range w {
		if d := g[i] - w[i]; !(d <= tolerance && d >= -tolerance) {
			t.Errorf("element %d: got %v, want %v", i, g[i], w[i])
		}
	}
}

// TestDemoInTheWay checks that the demo names everything that is in its way before it begins, and replaces none of it.
func TestDemoInTheWay(t *testing.T) {
	p := newPlace(t)
	for _, dir := range []string{"out", "out/mnist_cnn_bnmax-generic8"} {
		if err := os.Mkdir(p.path(dir), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	p.write("out/mnist_cnn_plain.onnx", "mine")
	p.write("out/mnist_cnn_bnmax-generic8/mine", "mine")
	p.spikec("demo", "--out", "out", "--target", "generic8", "--target", "generic8").exits(1).
		complains("SPK-CLI-005 out/mnist_cnn_plain.onnx", "SPK-OUT-002", "mnist_cnn_bnmax-generic8")
	profile := "schema: chip-profile/v1\nid: my\nname: My chip\nrevision: \"1\"\ninherits: generic8\nproof:\n  class: D\n" +
		"  reference: {kind: none, repository: null, commit: null, licence: null}\n  golden: null\n"
	p.write("my.yaml", profile)
	p.write("your.yaml", strings.Replace(profile, "My chip", "Your chip", 1))
	p.spikec("demo", "--target", "my.yaml", "--target", "your.yaml").exits(1).complains("SPK-CLI-006 your.yaml")
	if got := p.names("."); !slices.Equal(got, []string{"my.yaml", "out", "your.yaml"}) {
		t.Errorf("left behind: %v", got)
	}
}

// TestSameTargetTwice checks that a target that is named twice is one target.
func TestSameTargetTwice(t *testing.T) {
	profiles, err := loadTargets([]string{"generic8", "loihi1", "generic8"})
	if err != nil || len(profiles) != 2 {
		t.Errorf("got %d targets, %v", len(profiles), err)
	}
}
