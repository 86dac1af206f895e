package build

import (
	"bytes"
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
)

// Calibration is what a conversion chose and measured, so that another one of the same network need not: the content of
// calibration.json. It is a function of the request: equal requests give equal bytes.
type Calibration struct {
	Schema  string         `json:"schema"`
	Model   ModelRecord    `json:"model"`
	Images  *ladder.Data   `json:"images"` // that were measured on; nil where none were
	Rules   string         `json:"rules"`
	Steps   int            `json:"steps"`
	Options ladder.Options `json:"options"`
	Coding  encode.Coding  `json:"coding"`
	// LargestOutput is the largest |output| of the student on the images.
	LargestOutput float64 `json:"largestOutput"`
	// Layers are those of the conversion, in order, without what stands between them for the target's sake.
	Layers    []PopulationScale `json:"layers"`
	Diagnosis *ladder.Diagnosis `json:"diagnosis,omitempty"`
}

// calibration returns what was chosen and measured.
func (b *run) calibration() *Calibration {
	c := &Calibration{Schema: CalibrationSchema, Model: ModelRecord{b.Model.Name, b.Model.SHA256}, Images: b.doc.Calibration, Rules: b.doc.Rules, Steps: b.doc.Steps,
		Options: b.doc.Options, Coding: b.coding, LargestOutput: b.conversion.LargestOutput, Layers: []PopulationScale{}, Diagnosis: b.doc.Diagnosis}
	all := scalesOf(b.conversion.Network, b.integers).Populations
	for _, l := range b.conversion.Layers {
		c.Layers = append(c.Layers, all[l.Population])
	}
	return c
}

// ReadCalibration reads a calibration file.
func ReadCalibration(path string) (*Calibration, error) {
	c, err := readCalibration(path)
	if err != nil {
		return nil, &diag.Failure{List: diag.List{{ID: idKnown, Severity: diag.Error, Subject: path, Message: err.Error(),
			Remedy: "name the " + knownFile + " of a folder that spikec build or convert wrote"}}}
	}
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

// Choices returns what was chosen, as flags; defaults of the target are among it.
func (c *Calibration) Choices() []Choice {
	o := &c.Options
	list := []Choice{{"rules", c.Rules}, {"steps", strconv.Itoa(c.Steps)}, {"pooling", o.Pooling}, {"pool-neurons", strconv.FormatBool(o.PoolNeurons)}, {"biases", o.Biases}, {"normalization", o.Normalization},
		{"per-channel", strconv.FormatBool(o.PerChannel)}, {"encoding", o.Encoding}, {"readout", o.Readout}, {"readout-delay", strconv.Itoa(o.ReadoutDelay)},
		{"reset", o.Reset}, {"initial-potential", o.Initial}}
	add := func(given bool, flag, value string) {
		if given {
			list = append(list, Choice{flag, value})
		}
	}
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	add(o.Normalization == "data", "percentile", number(o.Percentile))
	add(o.EncodingParameter != 0, "encoding-parameter", strconv.Itoa(o.EncodingParameter))
	add(o.Bits != 0, "bits", strconv.Itoa(o.Bits))
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
