package page

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"spikec/internal/diag"
	"spikec/internal/golden"
	"spikec/runtime/build"
	"spikec/runtime/ladder"
	"spikec/runtime/sample"
	"spikec/runtime/sweep"
	"spikec/target/chip"
)

// request is a small build of a bundled network.
func request(t *testing.T, target string) build.Request {
	t.Helper()
	m, err := build.BundledModel("mnist_mlp_11x11")
	if err != nil {
		t.Fatal(err)
	}
	p, err := chip.Load(target)
	if err != nil {
		t.Fatal(err)
	}
	data, calibration, err := build.OpenData(context.Background(), "downscale:2:crop:22x22:mnist", "", 40)
	if err != nil {
		t.Fatal(err)
	}
	r := build.Request{Model: m, Profile: p, Data: data, Calibration: calibration, Tool: "spikec test", Command: []string{"spikec", "build", "a b.onnx", "--steps=8"}}
	r.Options.Steps, r.Options.CalibrationLimit = 8, 40
	return r
}

// written makes the page of what is at a path.
func written(t *testing.T, path string) string {
	t.Helper()
	p, err := Of(path, "spikec test")
	if err != nil {
		t.Fatal(err)
	}
	var one, two bytes.Buffer
	if err := p.Write(&one); err != nil {
		t.Fatal(err)
	}
	if err := p.Write(&two); err != nil || one.String() != two.String() {
		t.Errorf("written twice it differs, or %v", err)
	}
	return one.String()
}

// built is the page of a small build, and the folder that it was made of.
func built(t *testing.T, target string) (dir, text string) {
	t.Helper()
	r := request(t, target)
	r.Out = filepath.Join(t.TempDir(), "build")
	if _, err := build.Run(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	return r.Out, written(t, r.Out)
}

// swept is the page of a small sweep: one target, one that the network does not fit, two T.
func swept(t *testing.T) string {
	t.Helper()
	r := request(t, "generic8")
	small := *r.Profile
	most := 1
	small.ID, small.Capacity.Cores = "small", &most
	dir := filepath.Join(t.TempDir(), "sweep")
	q := sweep.Request{Build: r, Out: dir, Grid: sweep.Grid{Targets: []*chip.Profile{r.Profile, &small}, Rules: []string{"strict"}, Steps: []int{4, 8}, Bits: []sweep.Width{{Bits: 8}, {Bits: 4}}}}
	if _, err := sweep.Run(context.Background(), q); err != nil {
		t.Fatal(err)
	}
	return written(t, dir)
}

var (
	heading   = regexp.MustCompile(`(?s)<(h[1-4]|dt|figcaption|th scope="col"|p class="caption")[^>]*>(.*?)</`)
	anyTag    = regexp.MustCompile(`<[^>]*>`)
	anyNumber = regexp.MustCompile(`[0-9]+([.,][0-9]+)*`)
	attribute = regexp.MustCompile(`\s(href|src|action|data|poster|srcset|xlink:href|style)="([^"]*)"`)
	element   = regexp.MustCompile(`<(/?[a-zA-Z][a-zA-Z0-9]*)`)
	opening   = regexp.MustCompile(`<([a-z0-9]+)(\s[^>]*)?>`)
)

// outline is what a page has, without its numbers: these depend on how a processor rounds.
func outline(text string) string {
	_, body, _ := strings.Cut(text, "<body>")
	var b strings.Builder
	for _, m := range heading.FindAllStringSubmatch(body, -1) {
		words := strings.TrimSpace(html.UnescapeString(anyTag.ReplaceAllString(m[2], "")))
		name, _, _ := strings.Cut(m[1], " ")
		b.WriteString(name + " " + anyNumber.ReplaceAllString(words, "#") + "\n")
	}
	return b.String()
}

// sound checks what every page must be: small, alone, and open to those who use a keyboard or have it read to them.
func sound(t *testing.T, text string) {
	t.Helper()
	if len(text) > 3<<20 {
		t.Errorf("%d bytes", len(text))
	}
	for _, m := range attribute.FindAllStringSubmatch(text, -1) {
		if v := html.UnescapeString(m[2]); strings.HasPrefix(v, "--h:") && m[1] == "style" || strings.HasPrefix(v, "data:") || strings.HasPrefix(v, "#") {
			continue
		} else if m[1] != "style" || strings.Contains(v, "url(") || strings.Contains(v, "#FF0D") {
			t.Errorf("the page needs %s=%q", m[1], v)
		}
	}
	if strings.Contains(text, "@import") || strings.Contains(text, "url(") || strings.Contains(text, "<link rel=\"stylesheet") {
		t.Error("the style needs another file")
	}
	if n := strings.Count(text, "<script"); n != 1 {
		t.Errorf("%d scripts", n)
	}
	if !strings.Contains(text, "Content-Security-Policy\" content=\"default-src 'none'") || !strings.Contains(text, "prefers-color-scheme:dark") || !strings.Contains(text, "@media print") {
		t.Error("no policy, no dark colours, or no style for paper")
	}
	ids := map[string]bool{}
	for _, m := range opening.FindAllStringSubmatch(text, -1) {
		name, attributes := m[1], m[2]
		has := func(what string) {
			if !strings.Contains(attributes, what) {
				t.Errorf("<%s%s> lacks %s", name, attributes, what)
			}
		}
		switch {
		case name == "svg" && !strings.Contains(attributes, `aria-hidden="true"`):
			has(`role="img"`)
			has("aria-label=")
		case name == "th" && strings.Contains(attributes, `scope="col"`):
			has(`aria-sort="none"`)
		case name == "img":
			if !strings.Contains(attributes, `class="plot"`) {
				has("alt=\"Image")
			} else {
				has("alt=\"Plot: ")
			}
		case name == "div" && strings.Contains(attributes, `class="scroll"`):
			has(`tabindex="0"`)
			has("aria-label=")
		}
		if _, rest, ok := strings.Cut(attributes, ` id="`); ok {
			id, _, _ := strings.Cut(rest, `"`)
			if ids[id] {
				t.Errorf("two elements have the ID %s", id)
			}
			ids[id] = true
		}
	}
	for _, m := range attribute.FindAllStringSubmatch(text, -1) {
		if m[1] == "href" && strings.HasPrefix(m[2], "#") && !ids[m[2][1:]] {
			t.Errorf("a link leads to %s, which is nowhere", m[2])
		}
	}
	if plots, titles, words := strings.Count(text, `role="img"`), strings.Count(text, "<title>")-1, strings.Count(text, "<desc>"); plots != titles || plots != words || strings.Contains(text, "<desc></desc>") || strings.Contains(text, ">NaN") || strings.Contains(text, "NaN,") {
		t.Errorf("%d plots, %d titles, %d descriptions, or some are empty", plots, titles, words)
	}
	saved(t, text)
}

// saved reads the files within a page.
func saved(t *testing.T, text string) {
	t.Helper()
	names := map[string]bool{}
	for _, m := range regexp.MustCompile(`download="([^"]*)" href="data:text/csv;charset=utf-8;base64,([^"]*)"`).FindAllStringSubmatch(text, -1) {
		if names[m[1]] {
			t.Errorf("two files are named %s", m[1])
		}
		names[m[1]] = true
		data, err := base64.StdEncoding.DecodeString(html.UnescapeString(m[2]))
		if err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
		if err != nil || len(lines) < 2 && !strings.HasPrefix(m[1], "image-") {
			t.Errorf("%s has %d lines, %v", m[1], len(lines), err)
		}
	}
	if len(names) < 5 {
		t.Errorf("%d files", len(names))
	}
}

func TestBuildPage(t *testing.T) {
	dir, text := built(t, "generic8")
	sound(t, text)
	golden.File(t, "build.txt", outline(text))
	for _, want := range []string{"spikec build &#39;a b.onnx&#39; --steps=8 --out DIR", "spikec check ", "SPK-", "data:image/png;base64,"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	l, err := build.LookAt(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(l.Manifest.Files, build.FileRecord{Name: "manifest.json", SHA256: l.SHA256}) {
		if !strings.Contains(text, f.SHA256) {
			t.Errorf("the page lacks the SHA-256 of %s", f.Name)
		}
	}
	if p, err := Of(dir, ""); err != nil || p.Beside != filepath.Join(dir, build.ReportFile) {
		t.Errorf("%v, %v", p, err)
	}
}

// TestOlderBuild makes the page of a build whose folder holds no samples.
func TestOlderBuild(t *testing.T) {
	r := request(t, "generic8")
	r.Out, r.LadderAlone = filepath.Join(t.TempDir(), "build"), true
	if _, err := build.Run(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	text := written(t, r.Out)
	sound(t, text)
	if !strings.Contains(text, "The folder has no report.json") || strings.Contains(text, "Confusion") {
		t.Error("the page does not say what is missing, or has it")
	}
}

func TestSweepPage(t *testing.T) {
	text := swept(t)
	sound(t, text)
	golden.File(t, "sweep.txt", outline(text))
	for _, want := range []string{"4 of 8", "cannot be built", "SPK-IMG-003", "small, strict, T = 4, 8 bits"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

// hostile is a name that would do harm where it is not escaped, wherever it stands.
const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(2)>\u2028javascript:alert(3)</style></title>{{.}}`

// result is a result whose names are all the same.
func result(name string) *ladder.Ladder {
	share, source := 0.5, name
	return &ladder.Ladder{Schema: ladder.Schema, Model: name, Target: name, Proof: name, ProofClaimed: true, ProofSource: name, Rules: name, Steps: 4, Duration: 5,
		Options: ladder.Options{Pooling: name, Biases: name, Normalization: name, Encoding: name, Readout: name, Reset: name, Initial: name, Disabled: []string{name}},
		Data:    ladder.Data{Name: name, N: 4}, Calibration: &ladder.Data{Name: name}, ScaleFactors: &ladder.ScaleFactors{File: name},
		Stages:          []ladder.Stage{{Stage: ladder.ANN, N: 4}, {Stage: name, Accuracy: share, N: 4, Agreement: &share, SharedWith: name}},
		Readouts:        map[string]float64{name: share, "other": share},
		AccuracyBySteps: []ladder.AtSteps{{Steps: 2, Accuracy: share}, {Steps: 4, Accuracy: share}},
		Energy:          ladder.Energy{SNNNanojoule: &share, Source: &source, Terms: []ladder.Term{{Name: name, Source: name, Status: name}}},
		Layers:          []ladder.Layer{{Name: name, Cores: []int{0}, Neurons: 1}},
		Diagnosis:       &ladder.Diagnosis{N: 1, First: name, Worst: name, Cause: ladder.CauseClipping, Next: name, Layers: []ladder.LayerDiagnosis{{Name: name, Fires: true}}},
		Auto:            &ladder.Auto{Candidates: []ladder.Candidate{{Name: name, About: name, Flags: name, Why: name}}},
		Engine:          name, Check: &ladder.Check{Folder: name},
		Diagnostics: diag.List{{ID: name, Subject: name, Message: name, Value: name, Limit: name, Remedy: name, Severity: diag.Warning}}}
}

// samples are samples whose names are all the same.
func samples(name string) *sample.Document {
	bins := sample.Histogram{Low: 0, Width: 1, Before: []int64{1, 2}, After: []int64{2, 1}}
	return &sample.Document{Schema: sample.Schema, Command: []string{name, name}, Classes: 2, ClassNames: []string{name, name},
		Confusion: []sample.Confusion{{Label: 0, Decision: 1, Images: 3}, {Label: 1, Decision: 1, Images: 1}}, N: 1,
		Layers: []sample.Layer{{Name: name, Weights: []sample.Weights{{From: name, Host: true, Histogram: bins}}, Membranes: &bins,
			Rates: &sample.Rates{Fires: true, Activations: []float32{1, 2}, Rates: []float32{1, 3}}}},
		Traffic: []sample.Traffic{{From: name, To: name}},
		Images: []sample.Image{{Label: 0, Decision: 1, Picture: &sample.Picture{Width: 2, Height: 1, Channels: 1, Pixels: []byte{0, 255}},
			Scores:  sample.Scores{Unit: sample.Spikes, Steps: []int{1, 2}, Classes: []int{1, 0}, Values: [][]int32{{1, 2}, {0, 1}}, Decisions: []int{1, 1}},
			Rasters: []sample.Raster{{Layer: name, Fired: 1, Neurons: []int{0}, Steps: 2, Spikes: [][]int{{1, -2}}}}}}}
}

// TestEscaping wants the same elements whatever things are named, and the harmful name never as it is.
func TestEscaping(t *testing.T) {
	page := func(name string) string {
		l, d := result(name), samples(name)
		p := newResultPage(l)
		p.Made = name
		p.Sections = []section{found(l.Diagnostics), rungs(l), bySteps(l), layers(l, d), decisions(d), images(d), cost(l), choices(l)}
		var b bytes.Buffer
		if err := (&Page{page: p}).Write(&b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	tame, wild := page("name"), page(hostile)
	elements := func(text string) (list []string) {
		for _, m := range element.FindAllStringSubmatch(text, -1) {
			list = append(list, m[1])
		}
		return list
	}
	a, b := elements(tame), elements(wild)
	if !slices.Equal(a, b) {
		t.Errorf("%d elements with a tame name, %d with a wild one", len(a), len(b))
	}
	if len(a) < 200 || strings.Contains(wild, "<script>alert") || strings.Contains(wild, "<img src=x") {
		t.Errorf("%d elements, or the name as it is", len(a))
	}
	sound(t, tame)
}

// TestLargePage makes the page of a network of 120 layers with as many samples as there can be of it.
func TestLargePage(t *testing.T) {
	l, d := result("name"), samples("name")
	bins := sample.Histogram{Low: -3.14159, Width: 1.2345}
	for k := range int64(64) {
		bins.Before, bins.After = append(bins.Before, k*123457%991), append(bins.After, k*7654321%991)
	}
	const layerCount = 120
	d.Layers, d.Images[0].Rasters, l.Layers = nil, nil, slices.Repeat(l.Layers, layerCount)
	for i := range layerCount {
		x := sample.Layer{Name: fmt.Sprintf("/features/block.%d/conv/Relu", i), Membranes: &bins, Weights: []sample.Weights{{From: "before", Histogram: bins}}, Rates: &sample.Rates{Fires: true}}
		for k := range sample.MostPoints / layerCount {
			x.Rates.Activations, x.Rates.Rates = append(x.Rates.Activations, float32(k)*1.2345), append(x.Rates.Rates, float32(k)*0.98765)
		}
		d.Layers = append(d.Layers, x)
	}
	r := sample.Raster{Layer: "/features/block.0/conv/Relu", Fired: 20, Steps: sample.MaxSteps}
	for n := range sample.MaxNeurons {
		var train []int
		for step := 1; len(train) < sample.MaxSpikes/sample.MaxNeurons; step += 5 {
			train = append(train, step)
		}
		r.Neurons, r.Spikes = append(r.Neurons, 100*n), append(r.Spikes, train)
	}
	d.Images[0].Rasters = slices.Repeat([]sample.Raster{r}, sample.MaxRasters)
	d.Images = slices.Repeat(d.Images, 2*sample.MaxShown)
	p := newResultPage(l)
	p.Sections = []section{layers(l, d), images(d)}
	var b bytes.Buffer
	if err := (&Page{page: p}).Write(&b); err != nil {
		t.Fatal(err)
	}
	if text := b.String(); len(text) > 3<<20 || !strings.Contains(text, "There are 120 layers") {
		t.Errorf("%d bytes", len(text))
	}
}

// TestResultPage reads a result from a file.
func TestResultPage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "check.json")
	data, err := json.Marshal(result("name"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	sound(t, written(t, path))
	if p, err := Of(path, ""); err != nil || p.Beside != path+".html" {
		t.Errorf("%v, %v", p, err)
	}
}

// TestRefusals wants a diagnostic for what no page can be made of.
func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	put := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct{ path, id, want string }{
		{filepath.Join(dir, "nowhere"), "SPK-PAGE-001", "there is no such folder or file"},
		{filepath.Dir(put("other/x", "")), "SPK-PAGE-001", "is none of these: a folder of a build, a folder of a conversion, a folder of a simulation, a folder of a sweep, a result of a build or check as JSON"},
		{put("text.json", "text"), "SPK-PAGE-002", "is no result as JSON"},
		{put("else.json", `{"schema":"else/v1"}`), "SPK-PAGE-002", "schema \"else/v1\", want spikec/ladder/v1"},
		{put("other.json", `{"schema":"spikec/build/v1","model":{}}`), "SPK-PAGE-002", "schema \"spikec/build/v1\", want spikec/ladder/v1"},
		{filepath.Dir(put("build/manifest.json", "{}")), "SPK-FILE-001", "schema"},
		{put("build/ladder.json", "{}"), "SPK-PAGE-002", "spikec report " + filepath.Join(dir, "build")},
		{filepath.Dir(put("half/cells/x.json", "")), "SPK-PAGE-001", "is none"},
		{filepath.Dir(filepath.Dir(put("unfinished/cells/x.json", ""))), "SPK-SWEEP-002", "the sweep was not done"},
		{filepath.Dir(put("sweep/results.json", `{"schema":"spikec/sweep/v1","cells":[{}]}`)), "SPK-SWEEP-002", "is not whole"},
		{filepath.Dir(put("strange/results.json", `{"schema":"spikec/sweep/v1","more":1}`)), "SPK-SWEEP-002", "unknown field"},
	} {
		_, err := Of(c.path, "")
		if err == nil || !strings.Contains(err.Error(), c.id) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s with %q", c.path, err, c.id, c.want)
		}
	}
}

// TestRound wants marks at round numbers, few and within the axis.
func TestRound(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		want   string
	}{{0, 1, "0 0.2 0.4 0.6 0.8 1"}, {0.5, 32.5, "10 20 30"}, {-3000, 7000, "-2000 0 2000 4000 6000"}, {97.6, 99.7, "98 98.5 99 99.5"}, {0, 0.3, "0 0.1 0.2 0.3"}, {1, 1, ""}} {
		var labels []string
		for _, k := range round(c.lo, c.hi) {
			labels = append(labels, k.Label)
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("%g..%g: %s, want %s", c.lo, c.hi, got, c.want)
		}
	}
}
