package build

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"spikec/convert"
	"spikec/internal/diag"
	"spikec/runtime/encode"
	"spikec/runtime/ladder"
)

// CalibrationSchema is the name and version of calibration.json.
const CalibrationSchema = "spikec/calibration/v1"

// Diagnostics of calibration files. The numbers are stable.
const (
	idKnown      = "SPK-BUILD-013" // a calibration file that cannot be used
	idOtherModel = "SPK-BUILD-014" // a calibration of another model
	idTaken      = "SPK-BUILD-016" // a way to find scale factors that are known already
	idOthers     = "SPK-BUILD-017" // known scale factors that were found under other choices
)

// Calibration is what a conversion chose and measured, so that another one of the same network need not: the content of
// calibration.json. It is a function of the request: equal requests give equal bytes.
type Calibration struct {
	Schema string       `json:"schema"`
	Model  ModelRecord  `json:"model"`
	Images *ladder.Data `json:"images"` // that were measured on; nil where none were
	// Target is the ID of the profile that the conversion was for, "" where it was for none; nil in files of earlier versions,
	// which do not say it.
	Target  *string        `json:"target,omitempty"`
	Rules   string         `json:"rules"`
	Steps   int            `json:"steps"`
	Options ladder.Options `json:"options"`
	Coding  encode.Coding  `json:"coding"`
	// ScaleFactors says whose the scale factors are, where they were taken and not measured.
	ScaleFactors *ladder.ScaleFactors `json:"scaleFactors,omitempty"`
	// LargestOutput is the largest |output| of the student on the images.
	LargestOutput float64 `json:"largestOutput"`
	// Layers are those of the conversion, in order, without what stands between them for the target's sake.
	Layers    []PopulationScale `json:"layers"`
	Diagnosis *ladder.Diagnosis `json:"diagnosis,omitempty"`

	file string // that it was read from
}

// calibration returns what was chosen and measured.
func (b *run) calibration() *Calibration {
	c := &Calibration{Schema: CalibrationSchema, Model: ModelRecord{b.Model.Name, b.Model.SHA256}, Images: b.doc.Calibration, Target: new(b.target()), Rules: b.doc.Rules, Steps: b.doc.Steps,
		Options: b.doc.Options, Coding: b.coding, ScaleFactors: b.doc.ScaleFactors, LargestOutput: b.conversion.LargestOutput, Layers: []PopulationScale{}, Diagnosis: b.doc.Diagnosis}
	all := scalesOf(b.network, b.integers).Populations
	for _, l := range b.conversion.Layers {
		c.Layers = append(c.Layers, all[l.Population])
	}
	return c
}

// target returns the ID of the profile that is built for, "" where there is none.
func (b *run) target() string {
	if b.Profile == nil {
		return ""
	}
	return b.Profile.ID
}

// ReadCalibration reads a calibration file.
func ReadCalibration(path string) (*Calibration, error) {
	c, err := readCalibration(path)
	if err != nil {
		return nil, &diag.Failure{List: diag.List{{ID: idKnown, Severity: diag.Error, Subject: path, Message: err.Error(),
			Remedy: "name the " + knownFile + " of a folder that spikec build or convert wrote"}}}
	}
	c.file = path
	return c, nil
}

func readCalibration(path string) (*Calibration, error) {
	data, err := readSmall(path, maxManifest)
	if err != nil {
		return nil, err
	}
	var c Calibration
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	wrong := d.Decode(&c)
	if c.Schema != CalibrationSchema && (wrong == nil || c.Schema != "") {
		return nil, fmt.Errorf("schema %q, want %s", c.Schema, CalibrationSchema)
	}
	if wrong != nil {
		return nil, wrong
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	if err := c.Coding.Validate(); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, l := range c.Layers {
		if seen[l.Name] {
			return nil, fmt.Errorf("layer %q stands there twice", l.Name)
		}
		seen[l.Name] = true
	}
	return &c, nil
}

// fits reports where the calibration is not of this model, or of its images in another scale.
func (c *Calibration) fits(r Request, coding encode.Coding) diag.List {
	var found diag.List
	if c.Model.SHA256 != r.Model.SHA256 {
		found.Add(diag.Diagnostic{ID: idOtherModel, Severity: diag.Error, Subject: r.Model.Name, Message: "the calibration is of another model, " + c.Model.Name,
			Value: r.Model.SHA256, Limit: c.Model.SHA256, Remedy: "leave --calibration-file out, and measure this model"})
	}
	p := &r.Preprocessing
	given := p.PixelScale != 0 || p.Mean != nil || p.Std != nil
	switch {
	case r.Calibration == nil && given:
		found.Add(diag.Diagnostic{ID: idKnown, Severity: diag.Error, Subject: "--pixel-scale, --mean, --std",
			Message: "without calibration images they are those of the calibration", Remedy: "leave them out"})
	case c.Coding.Kind == coding.Kind && c.Coding.Kind == encode.Pixels && !(slices.Equal(c.Coding.Scale, coding.Scale) && slices.Equal(c.Coding.Offset, coding.Offset)):
		found.Add(diag.Diagnostic{ID: idKnown, Severity: diag.Error, Subject: "--pixel-scale, --mean, --std",
			Message: "the calibration is of pixels in another scale", Value: fmt.Sprintf("pixel times %v plus %v", coding.Scale, coding.Offset),
			Limit: fmt.Sprintf("%v and %v", c.Coding.Scale, c.Coding.Offset), Remedy: "give them as for the conversion that measured it"})
	}
	return found
}

// fill makes the choices that are part of the scale factors, how they were found, where the user leaves them open.
func (c *Calibration) fill(o *Options) {
	if o.Normalization == "" && o.Percentile == 0 {
		if o.Normalization = c.Options.Normalization; o.Normalization == byPercentile {
			o.Percentile = c.Options.Percentile
		}
	}
	if o.PerChannel == nil {
		o.PerChannel = &c.Options.PerChannel
	}
}

// agrees reports choices of a build for target, "" for none, that scale factors which are taken cannot follow, and choices that
// they would be others with.
func (c *Calibration) agrees(o Options, v *resolved, target string, disabled []string) diag.List {
	var found diag.List
	now := Calibration{Rules: string(v.rules), Steps: v.steps, Options: v.document(disabled)}
	refuse := func(flag, how string) {
		found.Add(diag.Diagnostic{ID: idTaken, Severity: diag.Error, Subject: flag,
			Message: "the scale factors are taken from " + c.file + ", which found them " + how, Remedy: "leave it out; or leave --calibration-file out, to find other factors"})
	}
	switch {
	case now.Options.Normalization == c.Options.Normalization && now.Options.Percentile == c.Options.Percentile:
	case o.Percentile != 0:
		refuse("--percentile", c.how())
	default:
		refuse("--normalization", c.how())
	}
	if now.Options.PerChannel != c.Options.PerChannel {
		refuse("--per-channel", map[bool]string{true: "for every channel", false: "for every layer"}[c.Options.PerChannel])
	}
	was := map[string]string{}
	for _, x := range c.Choices() {
		was[x.Flag] = x.Value
	}
	is := map[string]string{}
	for _, x := range now.Choices() {
		is[x.Flag] = x.Value
	}
	var others []string
	if c.Target != nil {
		was["target"], is["target"] = *c.Target, target
	}
	for _, flag := range []string{"target", "bits", "rules", "steps", "pooling", "pool-neurons", "biases", "encoding", "reset", "initial-potential", "disable"} {
		if was[flag] != is[flag] {
			others = append(others, fmt.Sprintf("--%s %s, not %s", flag, cmp.Or(was[flag], "nothing"), cmp.Or(is[flag], "nothing")))
		}
	}
	if others != nil {
		found.Add(diag.Diagnostic{ID: idOthers, Severity: diag.Warning, Subject: c.file, Message: "its scale factors were found with " + strings.Join(others, "; "),
			Remedy: "leave --calibration-file out, to find the factors of this build"})
	}
	return found
}

// how words how the scale factors were found, as flags.
func (c *Calibration) how() string {
	if c.Options.Percentile != 0 && c.Options.Normalization == byPercentile {
		return fmt.Sprintf("by --normalization %s --percentile %g", c.Options.Normalization, c.Options.Percentile)
	}
	return "by --normalization " + c.Options.Normalization
}

// source says whose the scale factors are.
func (c *Calibration) source() *ladder.ScaleFactors {
	s := ladder.ScaleFactors{File: c.file, Steps: c.Steps, Images: c.Images}
	if c.ScaleFactors != nil { // it took them itself
		s.Steps, s.Images = c.ScaleFactors.Steps, c.ScaleFactors.Images
	}
	return &s
}

// known returns what a conversion takes.
func (c *Calibration) known() *convert.Known {
	k := &convert.Known{Scales: map[string][]float64{}, LargestOutput: c.LargestOutput}
	for _, l := range c.Layers {
		k.Scales[l.Name] = l.Scale
	}
	return k
}

// NeedsImages reports whether a conversion that leaves out the given passes needs calibration images although the scale
// factors are known: whether it fits weights.
func NeedsImages(disabled []string) bool {
	return !slices.Contains(disabled, "refit") || !slices.Contains(disabled, "rate-refit")
}

// Choice is a choice as a flag of the command line takes it.
type Choice struct{ Flag, Value string }

// Choices returns what was chosen, as flags; defaults of the target are among it. How scale factors were found is not: it comes
// with them (Request.Known).
func (c *Calibration) Choices() []Choice {
	o := &c.Options
	list := []Choice{{"rules", c.Rules}, {"steps", strconv.Itoa(c.Steps)}, {"pooling", o.Pooling}, {"pool-neurons", strconv.FormatBool(o.PoolNeurons)}, {"biases", o.Biases},
		{"encoding", o.Encoding}, {"readout", o.Readout}, {"readout-delay", strconv.Itoa(o.ReadoutDelay)},
		{"reset", o.Reset}, {"initial-potential", o.Initial}}
	add := func(given bool, flag, value string) {
		if given {
			list = append(list, Choice{flag, value})
		}
	}
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	add(o.EncodingParameter != 0, "encoding-parameter", strconv.Itoa(o.EncodingParameter))
	add(o.Bits != 0, "bits", strconv.Itoa(o.Bits))
	add(o.CalibrationLimit != 0, "calibration-limit", strconv.Itoa(o.CalibrationLimit))
	add(len(o.Disabled) > 0, "disable", strings.Join(o.Disabled, ","))
	switch {
	case c.Images != nil && c.Images.Seed != nil:
		add(true, "seed", strconv.FormatUint(*c.Images.Seed, 10))
	case o.EncodingSeed != nil:
		add(true, "seed", strconv.FormatUint(*o.EncodingSeed, 10))
	}
	if o.EarlyExit != nil {
		add(true, "early-exit", map[bool]string{true: "exact", false: number(*o.EarlyExit)}[*o.EarlyExit == 0])
	}
	return list
}
