package build

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"gopkg.in/yaml.v3"

	"spikec/models/snn"
	"spikec/quantize"
	"spikec/runtime/dataset"
)

// The files of a build.
const (
	manifestFile = "manifest.json" // what there is, and what must come out (Manifest)
	imageFile    = "image.spk"     // what is on the chip (target/image)
	profileFile  = "profile.yaml"  // the target, inheritance resolved
	ladderFile   = "ladder.json"   // the result, without times
	scalesFile   = "scales.json"   // scale factors and thresholds (Scales)
)

// ScalesSchema is the name and version of scales.json.
const ScalesSchema = "spikec/scales/v1"

// Scales says what the integers on the chip stand for.
type Scales struct {
	Schema      string            `json:"schema"`
	Populations []PopulationScale `json:"populations"`
}

// PopulationScale says what one spike, and one unit of weights and membranes, of a population stands for; all lists
// have one value a channel.
type PopulationScale struct {
	Name   string     `json:"name"`
	Shape  [3]int     `json:"shape"`
	Neuron snn.Neuron `json:"neuron"`
	// Scale is the activation of the trained network that one spike a step stands for.
	Scale []float64 `json:"scale"`
	// The rest is in weight units; it is missing where nothing was quantised.
	Threshold  []int32   `json:"threshold,omitempty"`
	Bias       []int32   `json:"bias,omitempty"`
	Initial    []int32   `json:"initial,omitempty"`
	Unit       []float64 `json:"unit,omitempty"` // weight units that an activation of 1 is worth a step
	DriveShift uint      `json:"driveShift,omitempty"`
}

// scalesOf lists the scales of a network, and of its integers where q is not nil.
func scalesOf(net *snn.Network, q *quantize.Network) Scales {
	s := Scales{Schema: ScalesSchema}
	for i, p := range net.Populations {
		e := PopulationScale{Name: p.Name, Shape: p.Shape, Neuron: p.Neuron, Scale: p.Scale}
		if q != nil {
			k := &q.Populations[i]
			e.Threshold, e.Bias, e.Initial, e.Unit, e.DriveShift = k.Threshold, k.Bias, k.Initial, k.Unit, k.DriveShift
		}
		s.Populations = append(s.Populations, e)
	}
	return s
}

// writeFiles writes everything but the image, which is there. Equal requests give equal bytes: times are not part of
// what is written.
func (b *run) writeFiles() error {
	files := []FileRecord{{imageFile, int64(len(b.stored)), digest(b.stored)}}
	doc := *b.doc
	doc.Timing = nil
	profile, err := yaml.Marshal(b.Profile)
	if err != nil {
		return fmt.Errorf("build: %w", err)
	}
	result, err := encodeJSON(&doc)
	if err != nil {
		return fmt.Errorf("build: %w", err)
	}
	scales, err := encodeJSON(scalesOf(b.conversion.Network, b.integers))
	if err != nil {
		return fmt.Errorf("build: %w", err)
	}
	for _, f := range []struct {
		name string
		data []byte
	}{{ladderFile, result}, {profileFile, profile}, {scalesFile, scales}} {
		if err := b.folder.Write(f.name, f.data); err != nil {
			return err
		}
		files = append(files, FileRecord{f.name, int64(len(f.data)), digest(f.data)})
	}
	m := b.manifest()
	m.Files = files
	data, err := m.encode()
	if err != nil {
		return fmt.Errorf("build: %w", err)
	}
	return b.folder.Write(manifestFile, data)
}

// manifest records the build.
func (b *run) manifest() Manifest {
	last := b.doc.Last()
	record := func(s *dataset.Set, seed *uint64) DataRecord {
		return DataRecord{Spec: absolute(s.Spec), Name: s.Name, N: s.Len(), SHA256: s.SHA256, Seed: seed}
	}
	return Manifest{
		Schema: ManifestSchema, Tool: b.Tool, Model: ModelRecord{b.Model.Name, b.Model.SHA256}, Target: b.Profile.ID,
		Rules: b.doc.Rules, Steps: b.doc.Steps, Readout: b.img.Output.Readout, Engine: b.doc.Engine, Options: b.doc.Options, Coding: b.coding,
		Data: record(b.Data, nil), Calibration: record(b.Calibration, b.doc.Calibration.Seed),
		Expected: Expected{N: last.N, Correct: last.Correct, Accuracy: last.Accuracy, CountsSHA256: b.doc.CountsSHA256},
	}
}

// replaceable returns nil for a folder that holds a build and nothing else.
func replaceable(dir string) error {
	data, err := readSmall(filepath.Join(dir, manifestFile), maxManifest)
	if err != nil {
		return errors.New("it is no build of spikec: it has no manifest.json")
	}
	m, err := decodeManifest(data)
	if err != nil {
		return fmt.Errorf("its manifest.json: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		own := slices.ContainsFunc(m.Files, func(f FileRecord) bool { return f.Name == e.Name() })
		if !own && e.Name() != manifestFile {
			return fmt.Errorf("%s in it is not part of the build", e.Name())
		}
	}
	return nil
}
