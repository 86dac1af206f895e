package build

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"spikec/convert"
	"spikec/internal/diag"
	"spikec/runtime/encode"
	"spikec/runtime/ladder"
)

// converted converts, and reads the calibration that was written.
func converted(t *testing.T, r Request) *Calibration {
	t.Helper()
	if _, err := Convert(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	c, err := ReadCalibration(filepath.Join(r.Out, knownFile))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// source is what says in a document whose the scale factors are.
var source = regexp.MustCompile(`(?s)\n  "scaleFactors": \{.*?\n  \},`)

// TestCalibrationIsReused: with what was measured, and the same images for the fit, every file is the same, byte by byte, but for
// what says so; so
// it is when the same request is made again without it. The images are as many as there is no warning for, which would say
// what they are for.
func TestCalibrationIsReused(t *testing.T) {
	for _, target := range []string{"generic8", "loihi1"} {
		dir := t.TempDir()
		r := request(t, dir, target)
		r.Calibration = open(t, writeSet(t, filepath.Join(dir, "calib100.npz"), 100, 2, false, 0))
		r.Options.Normalization, r.Options.Percentile = "data", 99
		built(t, r)
		first := contents(t, r.Out)
		c, err := ReadCalibration(filepath.Join(r.Out, knownFile))
		if err != nil {
			t.Fatal(err)
		}
		if c.Images.N != 100 || len(c.Images.SHA256) != 64 || *c.Images.Seed != 1 || c.Model.SHA256 != r.Model.SHA256 || c.Diagnosis == nil || c.Steps != 8 {
			t.Errorf("got %+v", c)
		}
		names := []string{"relu1", "relu2", "fc"}
		for i, l := range c.Layers {
			if l.Name != names[i] || len(l.Scale) != l.Shape[0] || len(l.Threshold) != l.Shape[0] {
				t.Errorf("layer %+v", l)
			}
		}
		built(t, r)
		if again := contents(t, r.Out); !maps.Equal(first, again) {
			t.Errorf("%s: the same request gives other files", target)
		}
		r.Known = c
		built(t, r)
		for name, text := range contents(t, r.Out) {
			if text = source.ReplaceAllString(text, ""); text != first[name] && name != manifestFile { // which has digests of the others
				t.Errorf("%s: %s is another with what was measured before", target, name)
			}
		}
	}
}

// TestCalibrationInPlaceOfImages: without re-fits nothing but the scale factors is measured, and with them no image is
// needed.
func TestCalibrationInPlaceOfImages(t *testing.T) {
	r := request(t, t.TempDir(), "generic8")
	r.Options.Disable = []string{"refit", "rate-refit"}
	c := converted(t, r)
	first := contents(t, r.Out)
	r.Known, r.Calibration = c, nil
	l, err := Convert(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	if l.Calibration != nil || l.Diagnosis != nil {
		t.Errorf("calibrated with %+v: %+v", l.Calibration, l.Diagnosis)
	}
	second := contents(t, r.Out)
	for _, name := range []string{networkFile, weightsFile, scalesFile} {
		if first[name] != second[name] {
			t.Errorf("%s is another", name)
		}
	}
	// It can be used once more, and goes to chip files.
	c, err = ReadCalibration(filepath.Join(r.Out, knownFile))
	if err != nil || c.Images != nil {
		t.Fatalf("images %+v: %v", c, err)
	}
	r.Known = c
	built(t, r)
	if _, err := Check(context.Background(), r.Out, CheckOptions{}); err != nil {
		t.Error(err)
	}

	r.Options.Disable = []string{"refit"}
	_, err = Convert(context.Background(), r)
	wants(t, err, "SPK-CONV-011 calibration no images --calibration")
	r.Options.Disable = nil
	_, err = Convert(context.Background(), r)
	wants(t, err, "SPK-CONV-011 calibration no images --calibration")
}

// TestCalibrationAtOtherSteps: the scale factors are those of the file, not those that T would ask for.
func TestCalibrationAtOtherSteps(t *testing.T) {
	r := request(t, t.TempDir(), "generic8")
	c := converted(t, r)
	r.Options.Steps = 2
	measured := converted(t, r)
	r.Known = c
	l, err := Convert(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(l.Diagnostics, func(d diag.Diagnostic) bool { return d.ID == idOthers })
	if i < 0 || !strings.Contains(l.Diagnostics[i].String(), "--steps 8, not 2") {
		t.Errorf("no warning about the steps: %v", l.Diagnostics)
	}
	if s := l.ScaleFactors; s == nil || s.File != filepath.Join(r.Out, knownFile) || s.Steps != 8 || s.Images.N != c.Images.N {
		t.Errorf("scale factors from %+v", s)
	}
	reused := converted(t, r)
	if s := reused.ScaleFactors; s == nil || s.Steps != 8 || reused.Steps != 2 {
		t.Errorf("recorded as from %+v", s)
	}
	r.Known = reused
	if l, err = Convert(context.Background(), r); err != nil || l.ScaleFactors.Steps != 8 {
		t.Errorf("taken twice: %+v, %v", l.ScaleFactors, err)
	}
	for i := range c.Layers {
		if !slices.Equal(reused.Layers[i].Scale, c.Layers[i].Scale) {
			t.Errorf("layer %s: got %v, want %v", c.Layers[i].Name, reused.Layers[i].Scale, c.Layers[i].Scale)
		}
	}
	if slices.Equal(measured.Layers[0].Scale, c.Layers[0].Scale) {
		t.Error("T makes no difference")
	}
}

// TestCalibrationOfAnotherChip: factors that were found for weights of other bits, or for another target, are warned of; a
// file that does not know its target is not.
func TestCalibrationOfAnotherChip(t *testing.T) {
	r := request(t, t.TempDir(), "generic8")
	c := converted(t, r)
	if c.Target == nil || *c.Target != "generic8" || c.Options.Bits != 8 {
		t.Fatalf("recorded for %v, %d bits", c.Target, c.Options.Bits)
	}
	unknown := *c
	unknown.Target = nil
	fewer, none := r, r
	fewer.Options.Bits, none.Profile = 3, nil
	for _, x := range []struct {
		name  string
		known *Calibration
		r     Request
		want  string // "": no warning
	}{
		{"the same", c, r, ""},
		{"bits", c, fewer, "--bits 8, not 3"},
		{"no target", c, none, "--target generic8, not nothing; --bits 8, not nothing"},
		{"bits, of a file without a target", &unknown, fewer, "found with --bits 8, not 3"},
		{"a file without a target", &unknown, r, ""},
	} {
		x.r.Known = x.known
		b, err := begin(context.Background(), x.r)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(b.doc.Diagnostics, func(d diag.Diagnostic) bool { return d.ID == idOthers })
		if (i >= 0) != (x.want != "") || i >= 0 && !strings.Contains(b.doc.Diagnostics[i].Message, x.want) {
			t.Errorf("%s: got %v, want %q", x.name, b.doc.Diagnostics, x.want)
		}
	}
}

func TestCalibrationIsRefused(t *testing.T) {
	r := request(t, t.TempDir(), "generic8")
	for _, c := range []struct {
		name   string
		change func(c *Calibration, r *Request)
		want   []string
	}{
		{"another model", func(c *Calibration, _ *Request) { c.Model.SHA256, c.Model.Name = "0", "other" }, []string{"SPK-BUILD-014 tiny other --calibration-file"}},
		{"a layer of another name", func(c *Calibration, _ *Request) { c.Layers[1].Name = "relu7" }, []string{"SPK-CONV-022 relu2 no known", "SPK-CONV-022 relu7 no such layer"}},
		{"a layer less", func(c *Calibration, _ *Request) { c.Layers = c.Layers[1:] }, []string{"SPK-CONV-022 relu1"}},
		{"channels", func(c *Calibration, _ *Request) { c.Layers[0].Scale = []float64{1, 2} }, []string{"SPK-CONV-022 relu1 2 channels 3"}},
		{"a factor of 0, and a negative one", func(c *Calibration, _ *Request) { c.Layers[0].Scale[1], c.Layers[2].Scale[0] = 0, -1 },
			[]string{"SPK-CONV-022 relu1 positive", "SPK-CONV-022 fc positive"}},
		{"no largest output", func(c *Calibration, _ *Request) { c.LargestOutput = 0 }, []string{"SPK-CONV-022 fc largest output"}},
		{"another normalisation", func(_ *Calibration, r *Request) { r.Options.Normalization = "data" }, []string{"SPK-BUILD-016 --normalization taken error"}},
		{"a percentile", func(_ *Calibration, r *Request) { r.Options.Percentile = 90 }, []string{"SPK-BUILD-016 --percentile taken error"}},
		{"factors a layer", func(_ *Calibration, r *Request) { no := false; r.Options.PerChannel = &no }, []string{"SPK-BUILD-016 --per-channel taken every channel"}},
		{"another scale", func(_ *Calibration, r *Request) { r.Preprocessing.Mean = []float64{0.25} }, []string{"SPK-BUILD-013 --mean scale"}},
		{"scales without images", func(_ *Calibration, r *Request) { r.Preprocessing.Mean, r.Calibration = []float64{0.25}, nil }, []string{"SPK-BUILD-013 --mean leave out"}},
		{"another kind of pooling has other layers", func(_ *Calibration, r *Request) { r.Options.Rules = "best" }, []string{"SPK-CONV-022"}},
	} {
		q := r
		q.Profile, q.Known = nil, converted(t, r)
		c.change(q.Known, &q)
		_, err := Convert(context.Background(), q)
		if c.name == "another kind of pooling has other layers" {
			if err == nil || !strings.Contains(err.Error(), "SPK-CONV-022") {
				t.Errorf("%s: got %v", c.name, err)
			}
			continue
		}
		wants(t, err, c.want...)
	}
}

func TestReadCalibrationRefuses(t *testing.T) {
	dir := t.TempDir()
	r := request(t, dir, "generic8")
	converted(t, r)
	good, err := os.ReadFile(filepath.Join(r.Out, knownFile))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ text, want string }{
		"nothing":          {"", "EOF"},
		"no JSON":          {"calibration", "invalid"},
		"a manifest":       {contents(t, r.Out)[manifestFile], "spikec/conversion/v1"},
		"a new key":        {strings.Replace(string(good), `"steps"`, `"stepz"`, 1), "stepz"},
		"another document": {"{}", "schema"},
		"cut":              {string(good[:len(good)/2]), "unexpected"},
		"two of them":      {string(good) + string(good), "more than one"},
		"a layer twice":    {strings.Replace(string(good), `"name": "relu2"`, `"name": "relu1"`, 1), "relu1"},
		"a wrong coding":   {strings.Replace(string(good), `"kind": "pixels"`, `"kind": "words"`, 1), "words"},
	} {
		path := filepath.Join(dir, "known.json")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := ReadCalibration(path)
		var f *diag.Failure
		if !errors.As(err, &f) || f.List[0].ID != idKnown || f.List[0].Subject != path || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	for _, path := range []string{dir, filepath.Join(dir, "nowhere.json")} {
		if _, err := ReadCalibration(path); err == nil || !strings.Contains(err.Error(), "SPK-BUILD-013 "+path) {
			t.Errorf("got %v", err)
		}
	}
}

// optionsOf sets the options that choices stand for, as the command line does.
func optionsOf(t *testing.T, list []Choice) Options {
	t.Helper()
	var o Options
	number := func(s string) float64 {
		x, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	for _, c := range list {
		switch c.Flag {
		case "rules":
			o.Rules = c.Value
		case "steps":
			o.Steps = int(number(c.Value))
		case "pooling":
			o.Pooling = c.Value
		case "pool-neurons":
			o.PoolNeurons = c.Value == "true"
		case "biases":
			o.Biases = c.Value
		case "encoding":
			o.Encoding = c.Value
		case "readout":
			o.Readout = c.Value
		case "readout-delay":
			o.ReadoutDelay = int(number(c.Value))
		case "reset":
			o.Reset = c.Value
		case "initial-potential":
			o.InitialPotential = c.Value
		case "encoding-parameter":
			o.EncodingParameter = int(number(c.Value))
		case "bits":
			o.Bits = int(number(c.Value))
		case "calibration-limit":
			o.CalibrationLimit = int(number(c.Value))
		case "disable":
			o.Disable = strings.Split(c.Value, ",")
		case "seed":
			o.Seed = uint64(number(c.Value))
		case "early-exit":
			margin := 0.0
			if c.Value != "exact" {
				margin = number(c.Value)
			}
			o.EarlyExit = &margin
		default:
			t.Fatalf("no such flag: %+v", c)
		}
	}
	return o
}

// TestCalibrationChoicesResolve: what was chosen, by the user, by the target or by trying, is what its flags resolve to, every
// field of it.
func TestCalibrationChoicesResolve(t *testing.T) {
	exit, exact, perLayer, no := 2.5, 0.0, false, false
	for _, o := range []Options{
		{},
		{Rules: "best", Auto: &no},
		{Rules: "best", Biases: "zero", PoolNeurons: true, Pooling: "average", EarlyExit: &exact},
		{Rules: "best", Biases: "zero", PoolNeurons: true, Pooling: "max", Normalization: "data", Percentile: 99.5, PerChannel: &perLayer, Steps: 6, Encoding: "gamma", EncodingParameter: 3,
			Seed: 1, Readout: "count", ReadoutDelay: 2, EarlyExit: &exit, Reset: "subtract", InitialPotential: "zero", Bits: 5, CalibrationLimit: 7, Disable: []string{"rate-refit", "refit"}},
	} {
		for _, target := range []string{"generic8", "loihi1"} {
			r := request(t, t.TempDir(), target)
			if r.Options = o; target == "loihi1" && (o.Bits != 0 || o.EarlyExit != nil) {
				continue // it does not have all of that
			}
			b, err := begin(context.Background(), r)
			if err != nil {
				t.Fatal(err)
			}
			want := b.opt.document(b.disabled())
			c := Calibration{Rules: string(b.opt.rules), Steps: b.opt.steps, Options: want}
			c.Model.SHA256, c.Coding = r.Model.SHA256, b.coding
			r.Options, r.Known = optionsOf(t, c.Choices()), &c
			again, err := begin(context.Background(), r)
			if err != nil {
				t.Fatal(err)
			}
			got := again.opt.document(again.disabled())
			for i := range reflect.TypeFor[ladder.Options]().NumField() {
				g, w := reflect.ValueOf(got).Field(i).Interface(), reflect.ValueOf(want).Field(i).Interface()
				if !reflect.DeepEqual(g, w) {
					t.Errorf("%s, %+v: %s is %v, want %v", target, o, reflect.TypeFor[ladder.Options]().Field(i).Name, g, w)
				}
			}
			if again.opt.rules != b.opt.rules || again.opt.steps != b.opt.steps {
				t.Errorf("%s, %+v: %s rules, %d steps", target, o, again.opt.rules, again.opt.steps)
			}
		}
	}
}

// TestCalibrationChoices: what was chosen comes back as flags.
func TestCalibrationChoices(t *testing.T) {
	r := request(t, t.TempDir(), "generic8")
	exit, perLayer := 2.5, false
	r.Options = Options{Rules: "best", Pooling: "max", PoolNeurons: true, Biases: "zero", Normalization: "data", Percentile: 99.5, PerChannel: &perLayer, Steps: 6, Encoding: "gamma", EncodingParameter: 3, Seed: 1,
		Readout: "count", ReadoutDelay: 2, EarlyExit: &exit, Reset: "subtract", InitialPotential: "zero", Bits: 5, Disable: []string{"rate-refit"}, Jobs: 2}
	l, err := Run(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	c, err := ReadCalibration(filepath.Join(r.Out, knownFile))
	if err != nil {
		t.Fatal(err)
	}
	want := []Choice{{"rules", "best"}, {"steps", "6"}, {"pooling", "max"}, {"pool-neurons", "true"}, {"biases", "zero"}, {"encoding", "gamma"}, {"readout", "count"},
		{"readout-delay", "2"}, {"reset", "subtract"}, {"initial-potential", "zero"}, {"encoding-parameter", "3"}, {"bits", "5"},
		{"disable", "rate-refit"}, {"seed", "1"}, {"early-exit", "2.5"}}
	if got := c.Choices(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	if !reflect.DeepEqual(c.Options, l.Options) || !reflect.DeepEqual(c.Diagnosis, l.Diagnosis) {
		t.Errorf("got %+v, want %+v", c.Options, l.Options)
	}
	exact := 0.0
	plain := (&Calibration{Rules: string(convert.Strict), Steps: 4, Coding: encode.Coding{}}).Choices()
	if slices.ContainsFunc(plain, func(c Choice) bool {
		return c.Flag == "bits" || c.Flag == "seed" || c.Flag == "disable" || c.Flag == "early-exit"
	}) {
		t.Errorf("got %v", plain)
	}
	c.Options.EarlyExit = &exact
	if got := c.Choices(); got[len(got)-1] != (Choice{"early-exit", "exact"}) {
		t.Errorf("got %v", got)
	}
}
