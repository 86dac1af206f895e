package build

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"spikec/models/nir"
	"spikec/models/snn"
	"spikec/quantize"
	"spikec/runtime/dataset"
	"spikec/runtime/dataset/npz"
)

// The files of a build, and of a conversion.
const (
	manifestFile = "manifest.json"    // what there is, and what must come out (Manifest)
	imageFile    = "image.spk"        // what is on the chip (target/image), where the chip has no files of its own (words)
	hostFile     = "host.spk"         // what is not on the chip, where it has (image.Image.Host)
	profileFile  = "profile.yaml"     // the target, inheritance resolved
	ladderFile   = "ladder.json"      // the result, without times
	scalesFile   = "scales.json"      // scale factors and thresholds (Scales)
	knownFile    = "calibration.json" // what was measured, to be used again (Calibration)
	networkFile  = "network.txt"      // of a conversion: populations and projections
	weightsFile  = "network.npz"      // of a conversion: their numbers
	samplesFile  = "report.json"      // what a report shows beside the rest (package sample)
	nirFile      = "network.nir"      // the spiking network in real numbers, where NIR has words for it (models/nir)
)

// ReportFile is the page that spikec report makes of a build, in its folder: no part of the build, and the one file that may be
// there beside it. A build that takes its place removes it.
const ReportFile = "report.html"

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

// namedFile is a file to be.
type namedFile struct {
	name string
	data []byte
}

// write writes the result, the scales, what else files returns, and the manifest of all. Equal requests give equal
// bytes: times are not part of what is written.
func (b *run) write(files func(*run) ([]namedFile, Manifest, error)) error {
	list, m, err := files(b)
	if err != nil {
		return fmt.Errorf("build: %w", err)
	}
	doc := *b.doc
	doc.Timing = nil
	documents := map[string]any{ladderFile: &doc, scalesFile: scalesOf(b.network, b.integers)}
	if b.conversion != nil {
		documents[knownFile] = b.calibration()
	}
	for name, v := range documents {
		data, err := encodeJSON(v)
		if err != nil {
			return fmt.Errorf("build: %w", err)
		}
		list = append(list, namedFile{name, data})
	}
	slices.SortFunc(list, func(x, y namedFile) int { return cmp.Compare(x.name, y.name) })
	for _, f := range list {
		if !slices.ContainsFunc(b.stored, func(s namedFile) bool { return s.name == f.name }) { // those are there since they were read back
			if err := b.folder.Write(f.name, f.data); err != nil {
				return err
			}
		}
		m.Files = append(m.Files, FileRecord{f.name, int64(len(f.data)), digest(f.data)})
	}
	data, err := m.encode()
	if err != nil {
		return fmt.Errorf("build: %w", err)
	}
	return b.folder.Write(manifestFile, data)
}

// buildFiles are the files of a build for a target.
func (b *run) buildFiles() ([]namedFile, Manifest, error) {
	profile, err := b.Profile.YAML()
	m := b.manifest(ManifestSchema)
	m.Target, m.Engine, m.Readout = b.Profile.ID, b.doc.Engine, b.img.Output.Readout
	list := slices.Concat(b.nirFiles(), b.stored, []namedFile{{profileFile, profile}})
	if b.samples != nil && err == nil {
		var data []byte
		data, err = json.Marshal(b.samples) // on one line: most of it are long lists of numbers
		list = append(list, namedFile{samplesFile, append(data, '\n')})
	}
	return list, m, err
}

// nirFiles are the spiking network in real numbers; none where NIR has no words for it.
func (b *run) nirFiles() []namedFile {
	data, _, err := nir.Write(b.network, nir.Dialects["generic"])
	if err != nil {
		return nil
	}
	return []namedFile{{nirFile, data}}
}

// conversionFiles are the files of a conversion: the network as text and, as arrays, the weights (O, C/groups, kH, kW) of
// each projection and the biases of each population that has them, by their numbers in the text.
func (b *run) conversionFiles() ([]namedFile, Manifest, error) {
	net := b.network
	var arrays []*npz.Array
	for i := range net.Projections {
		p := &net.Projections[i]
		kernel, out := p.Window.Kernel, net.Populations[p.Target].Shape[0]
		fan := len(p.Weight) / (out * kernel[0] * kernel[1])
		arrays = append(arrays, npz.Float32s(fmt.Sprintf("weight_%d", i), p.Weight, out, fan, kernel[0], kernel[1]))
	}
	for i, p := range net.Populations {
		if p.Bias != nil {
			bias := make([]float32, len(p.Bias))
			for c, x := range p.Bias {
				bias[c] = float32(x)
			}
			arrays = append(arrays, npz.Float32s(fmt.Sprintf("bias_%d", i), bias, len(bias)))
		}
	}
	var weights bytes.Buffer
	err := npz.Write(&weights, arrays...)
	m := b.manifest(ConversionSchema)
	m.Command = b.Command
	return append(b.nirFiles(), namedFile{networkFile, []byte(net.String())}, namedFile{weightsFile, weights.Bytes()}), m, err
}

// manifest records what a build and a conversion have in common.
func (b *run) manifest(schema string) Manifest {
	last := b.doc.Last()
	record := func(s *dataset.Set, seed *uint64) DataRecord {
		return DataRecord{Spec: dataset.Absolute(s.Spec), Name: s.Name, N: s.Len(), SHA256: s.SHA256, Seed: seed}
	}
	m := Manifest{
		Schema: schema, Tool: b.Tool, Model: ModelRecord{b.Model.Name, b.Model.SHA256}, Readout: b.doc.Options.Readout,
		Rules: b.doc.Rules, Steps: b.doc.Steps, Options: b.doc.Options, Coding: b.coding,
		Data:     record(b.Data, nil),
		Expected: Expected{N: last.N, Correct: last.Correct, Accuracy: last.Accuracy, CountsSHA256: b.doc.CountsSHA256},
	}
	if b.Calibration != nil {
		m.Calibration = record(b.Calibration, b.doc.Calibration.Seed)
	}
	return m
}

// replaceable returns nil for a folder that holds a build, or a conversion, and nothing else.
func replaceable(dir string) error {
	data, err := readSmall(filepath.Join(dir, manifestFile), maxManifest)
	if err != nil {
		return errors.New("it is no build of spikec, as it has no manifest.json")
	}
	m, err := decodeManifest(data, ManifestSchema, ConversionSchema)
	if err != nil {
		return fmt.Errorf("its manifest.json: %w", err)
	}
	strange, err := m.strangers(dir)
	if err != nil {
		return err
	}
	if len(strange) > 0 {
		return fmt.Errorf("%s in it is not part of the build", strange[0])
	}
	return nil
}
