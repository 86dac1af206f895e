package build

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spikec/internal/diag"
	"spikec/runtime/evaluate"
	"spikec/runtime/ladder"
	"spikec/target/chip"
)

var allStages = []string{ladder.ANN, ladder.Tailored, ladder.SNN, ladder.Fixed, ladder.Image, ladder.Files}

func TestRun(t *testing.T) {
	for _, target := range []string{"generic8", "generic4", "loihi1", "generic8-signed", "generic8-staged"} {
		for _, engine := range []string{"reference", "fast"} {
			t.Run(target+" "+engine, func(t *testing.T) {
				dir := t.TempDir()
				r := request(t, dir, target)
				r.Options.Engine = engine
				l, err := Run(context.Background(), r)
				if err != nil {
					t.Fatal(err)
				}
				checkLadder(t, l, engine)
				want := []string{knownFile, imageFile, ladderFile, manifestFile, profileFile, samplesFile, scalesFile}
				if form, _ := wordsOf(r.Profile); form != "" {
					want = slices.DeleteFunc(append(want, hostFile, form+"/"+netxFile), func(f string) bool { return f == imageFile })
				}
				if r.Profile.Capabilities().Firing == chip.FiringPlain { // NIR has words for it
					want = append(want, nirFile)
				}
				slices.Sort(want)
				if got := slices.Sorted(maps.Keys(contents(t, r.Out))); !slices.Equal(got, want) {
					t.Errorf("files %v, want %v", got, want)
				}
				checked, err := Check(context.Background(), r.Out, CheckOptions{Jobs: 1})
				if err != nil {
					t.Fatal(err)
				}
				if checked.Diagnosis != nil {
					t.Error("a check has no conversion to look into")
				}
				if !checked.Check.CountsCompared || checked.CountsSHA256 != l.CountsSHA256 || checked.Last().Correct != l.Last().Correct {
					t.Errorf("the check gives %+v, %d correct", checked.Check, checked.Last().Correct)
				}
			})
		}
	}
}

// checkLadder wants every field that a build fills in.
func checkLadder(t *testing.T, l *ladder.Ladder, engine string) {
	t.Helper()
	var stages []string
	for _, s := range l.Stages {
		stages = append(stages, s.Stage)
		if s.N != 60 || s.Agreement == nil || s.Accuracy != float64(s.Correct)/60 || s.CI95[0] > s.Accuracy || s.CI95[1] < s.Accuracy {
			t.Errorf("stage %+v", s)
		}
	}
	if !slices.Equal(stages, allStages) {
		t.Errorf("stages %v, want %v", stages, allStages)
	}
	if first := l.Stages[0]; first.Correct != 60 || *first.Agreement != 1 {
		t.Errorf("the network that made the labels gets %d right", first.Correct)
	}
	// Not a figure of merit: a random network on noise at T = 8. Chance is a quarter.
	if last := l.Last(); last.Correct < 30 || last.SharedWith != ladder.Image {
		t.Errorf("last stage %+v", last)
	}
	if d := l.Diagnosis; d == nil || d.N != 80 || len(d.Layers) != 3 || d.Layers[0].Correlation == nil || *d.Layers[0].Correlation < 0.5 || d.Layers[2].Agreement < 0.5 {
		t.Errorf("diagnosis %+v", d)
	}
	if l.Naive == nil || l.Naive.N != 60 {
		t.Errorf("naive %+v", l.Naive)
	}
	checkpoints, duration := 3, 8
	if l.Target == "generic8-staged" {
		checkpoints, duration = 1, 8*(1+len(l.Layers)) // every layer integrates behind the one before, the last one also fires
	}
	if l.Target != "loihi1" && l.Duration != duration {
		t.Errorf("an image takes %d steps, want %d", l.Duration, duration)
	}
	if n := len(l.AccuracyBySteps); n != checkpoints || l.AccuracyBySteps[n-1] != (ladder.AtSteps{Steps: 8, Accuracy: l.Last().Accuracy}) {
		t.Errorf("accuracy by steps %v", l.AccuracyBySteps)
	}
	addsUp(t, l)
	c := l.PerImage
	if c.SynapticOperations <= 0 || c.Spikes <= 0 || c.NeuronUpdates <= 0 || c.MemoryBytes <= 0 || c.MACs <= 0 || c.HostMACs <= 0 {
		t.Errorf("an image costs %+v", c)
	}
	if (l.Energy.SNNNanojoule != nil) != (l.Target == "loihi1") {
		t.Errorf("energy %+v", l.Energy)
	}
	if l.Engine != engine || l.Steps != 8 || l.Duration < 8 || len(l.CountsSHA256) != 64 || len(l.Timing) < len(stages) {
		t.Errorf("engine %s, T %d in %d steps, counts %q, %d times", l.Engine, l.Steps, l.Duration, l.CountsSHA256, len(l.Timing))
	}
	neurons := 0
	for _, p := range l.Layers {
		neurons += p.Neurons
		if len(p.Cores) == 0 || len(p.Engine) == 0 || p.Quantisation == nil || p.Neurons != size(p.Shape) {
			t.Errorf("layer %+v", p)
		}
	}
	if r := l.Resources; r.Neurons != neurons || r.Cores < len(l.Layers) || r.Synapses <= 0 || r.WeightBytes <= 0 || r.HostWeights <= 0 {
		t.Errorf("resources %+v of layers with %d neurons", r, neurons)
	}
}

func TestFilesAreAFunctionOfTheRequest(t *testing.T) {
	r := request(t, t.TempDir(), "generic8")
	built(t, r)
	first := contents(t, r.Out)
	r.Options.Jobs = 1
	built(t, r) // replaces the first
	if diff := cmp.Diff(first, contents(t, r.Out)); diff != "" {
		t.Errorf("the files depend on more than the request:\n%s", diff)
	}
	var l ladder.Ladder
	if err := json.Unmarshal([]byte(first[ladderFile]), &l); err != nil {
		t.Fatal(err)
	}
	if l.Timing != nil || l.Schema != ladder.Schema {
		t.Errorf("ladder.json has times, or schema %q", l.Schema)
	}
}

func TestRunKeepsNothingWithoutOut(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp)
	r := request(t, t.TempDir(), "generic8")
	r.Out = ""
	l, err := Run(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	if l.Last().Stage != ladder.Files {
		t.Errorf("last stage %s", l.Last().Stage)
	}
	if files := contents(t, temp); len(files) > 0 {
		t.Errorf("left behind: %v", slices.Collect(maps.Keys(files)))
	}
}

func TestValuesAsInput(t *testing.T) {
	dir := t.TempDir()
	r := request(t, dir, "generic8")
	r.Data = open(t, writeSet(t, filepath.Join(dir, "reals.npz"), 60, 1, true, -0.2))
	r.Calibration = open(t, writeSet(t, filepath.Join(dir, "calib-reals.npz"), 80, 2, true, -0.2))
	l, err := Run(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, d := range l.Diagnostics {
		if d.ID == "SPK-DATA-009" {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d warnings about negative values, want one for each set", n)
	}
	loaded, err := load(r.Out)
	if err != nil {
		t.Fatal(err)
	}
	if step := loaded.manifest.Coding.Step; loaded.img.Input.Step != step || step > 1.01/255 || step < 0.9/255 {
		t.Errorf("step %g in the image, %g in the manifest", loaded.img.Input.Step, step)
	}
	if _, err := Check(context.Background(), r.Out, CheckOptions{}); err != nil {
		t.Error(err)
	}
}

func TestRunRefusesEverythingAtOnce(t *testing.T) {
	dir := t.TempDir()
	r := request(t, dir, "loihi1")
	r.Options.Reset, r.Options.InitialPotential = "subtract", "half"
	r.Preprocessing.PixelScale = 1
	_, err := Run(context.Background(), r)
	wants(t, err, "SPK-BUILD-003 --reset loihi1", "SPK-BUILD-003 --initial-potential loihi1", "SPK-DATA-006 eval.npz", "SPK-DATA-006 calib.npz")
	if _, err := os.Stat(r.Out); !errors.Is(err, os.ErrNotExist) {
		t.Error("a folder was made for a request that is wrong")
	}
}

func TestInterruptedRunLeavesNothing(t *testing.T) {
	reason := errors.New("interrupted")
	for _, stage := range []string{"ann", "convert", "naive", "snn", "quantize", "fixed", "place", "image"} {
		t.Run(stage, func(t *testing.T) {
			dir := t.TempDir()
			r := request(t, dir, "generic8")
			r.Out = filepath.Join(dir, "new", "out")
			before := contents(t, dir)
			ctx, cancel := context.WithCancelCause(context.Background())
			r.Progress = stopper{stage, func() { cancel(reason) }}
			if _, err := Run(ctx, r); !errors.Is(err, reason) {
				t.Errorf("got error %v", err)
			}
			if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
				t.Errorf("left behind:\n%s", diff)
			}
			if _, err := os.Stat(filepath.Join(dir, "new")); err == nil {
				t.Error("the folder above is left behind")
			}
		})
	}
}

func TestInterruptedRunKeepsTheOldBuild(t *testing.T) {
	r := request(t, t.TempDir(), "generic8")
	built(t, r)
	before := contents(t, filepath.Dir(r.Out))
	ctx, cancel := context.WithCancel(context.Background())
	r.Progress = stopper{"image", cancel}
	r.Options.Steps = 4
	if _, err := Run(ctx, r); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
	if diff := cmp.Diff(before, contents(t, filepath.Dir(r.Out))); diff != "" {
		t.Errorf("the old build changed:\n%s", diff)
	}
}

func TestRunReplacesBuildsOnly(t *testing.T) {
	for _, c := range []struct {
		name  string
		setup func(t *testing.T, r Request)
		want  string
	}{
		{"an empty folder", func(t *testing.T, r Request) { os.Mkdir(r.Out, 0o777) }, ""},
		{"a build", built0, ""},
		{"a folder of something else", func(t *testing.T, r Request) { put(t, filepath.Join(r.Out, "thesis.tex"), "x") }, "SPK-OUT-002 no build"},
		{"a manifest of something else", func(t *testing.T, r Request) { put(t, filepath.Join(r.Out, manifestFile), `{"schema":"x"}`) }, `SPK-OUT-002 "x"`},
		{"a build with a file of the user's", func(t *testing.T, r Request) {
			built(t, r)
			put(t, filepath.Join(r.Out, "notes.txt"), "x")
		}, "SPK-OUT-002 notes.txt"},
		{"a file", func(t *testing.T, r Request) { put(t, r.Out, "x") }, "SPK-OUT-002 no folder"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := request(t, t.TempDir(), "generic8")
			c.setup(t, r)
			before := contents(t, filepath.Dir(r.Out))
			_, err := Run(context.Background(), r)
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wants(t, err, c.want)
			if diff := cmp.Diff(before, contents(t, filepath.Dir(r.Out))); diff != "" {
				t.Errorf("the refusal changed files:\n%s", diff)
			}
		})
	}
}

func built0(t *testing.T, r Request) { built(t, r) }

// put writes a file.
func put(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666)); err != nil {
		t.Fatal(err)
	}
}

func TestRunKeepsDiagnosticsOfTheModel(t *testing.T) {
	r := request(t, t.TempDir(), "generic8")
	r.Model.Diagnostics = diag.List{{ID: "SPK-TEST-001", Severity: diag.Info, Message: "from the model"}}
	l, err := Run(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, d := range l.Diagnostics {
		ids[d.ID] = true
	}
	if !ids["SPK-TEST-001"] || !ids["SPK-CONV-002"] || !ids["SPK-CONV-004"] {
		t.Errorf("diagnostics %v: want those of the model, of max pooling and of biases", l.Diagnostics)
	}
}

// TestSignedInput: on data whose signs matter the best rules keep the network's accuracy, with codes of their own for
// negative values, and the strict ones lose it. The files hold all that is needed: check and emulate agree.
func TestSignedInput(t *testing.T) {
	dir := t.TempDir()
	r := request(t, dir, "generic8")
	r.Data = open(t, writeSet(t, filepath.Join(dir, "signed.npz"), 60, 1, true, -1))
	r.Calibration = open(t, writeSet(t, filepath.Join(dir, "calib-signed.npz"), 80, 2, true, -1))
	r.Options.Steps = 64
	agreement := map[string]float64{}
	for _, o := range []struct{ rules, encoding string }{{"strict", ""}, {"best", ""}, {"best", "regular"}, {"best", "regular-phase"}} {
		r.Options.Rules, r.Options.Encoding, r.Out = o.rules, o.encoding, filepath.Join(dir, "out"+o.rules+o.encoding)
		l, err := Run(context.Background(), r)
		if err != nil {
			t.Fatal(err)
		}
		agreement[o.rules+o.encoding] = *l.Last().Agreement
		loaded, err := load(r.Out)
		if err != nil {
			t.Fatal(err)
		}
		channels, severity := 2, diag.Warning
		if o.rules == "best" {
			channels, severity = 4, diag.Info
		}
		if got := loaded.img.Input.Shape; got != [3]int{channels, 6, 5} || loaded.manifest.Coding.Split != (channels == 4) {
			t.Errorf("%s: the picture is %v, coding %+v", o.rules, got, loaded.manifest.Coding)
		}
		i := slices.IndexFunc(l.Diagnostics, func(d diag.Diagnostic) bool { return d.ID == "SPK-DATA-009" })
		if i < 0 || l.Diagnostics[i].Severity != severity {
			t.Errorf("%s: diagnostics %v", o.rules, l.Diagnostics)
		}
		c, err := Check(context.Background(), r.Out, CheckOptions{})
		if err != nil || !c.Check.CountsCompared {
			t.Errorf("check: %v", err)
		}
		y := filepath.Join(dir, "y"+o.rules+o.encoding+".npz")
		if err := Emulate(context.Background(), EmulateRequest{Dir: r.Out, Input: filepath.Join(dir, "signed.npz"), Output: y}); err != nil {
			t.Fatal(err)
		}
		a := arraysOf(t, y, "counts", "potentials")
		p := &evaluate.Partial{Classes: classes, Decisions: make([]int32, 60), Counts: int32s(t, a[0]), Potentials: int32s(t, a[1])}
		if p.CountsSHA256() != l.CountsSHA256 {
			t.Errorf("%s: emulate gives other counts than the build", o.rules)
		}
	}
	if agreement["best"] < 0.8 || agreement["bestregular"] < 0.8 || agreement["bestregular-phase"] < 0.8 || agreement["strict"] > 0.6 {
		t.Errorf("agreement with the trained network: %v", agreement)
	}
}
