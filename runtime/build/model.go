package build

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"spikec/internal/diag"
	"spikec/models/ann"
	"spikec/models/nir"
	"spikec/models/onnx"
	"spikec/models/zoo"
	"spikec/runtime/dataset"
)

// ReadModel reads the ONNX file at path, which has one output.
func ReadModel(path string) (Model, error) { return ReadOutput(path, onnx.Options{}) }

// ReadOutput reads the ONNX file at path as chosen. Its digest covers the file, then, in the order of their names, the files beside it
// that hold weights, and the name of the output where one is chosen. A network that ends in its decision (ArgMax) is
// taken without it: the scores decide in all stages alike.
func ReadOutput(path string, choice onnx.Options) (Model, error) {
	if IsSpiking(path) {
		return Model{}, (&diag.List{{ID: idSpiking, Severity: diag.Error, Subject: path, Message: "holds a spiking network, of which there is nothing to convert", Remedy: "spikec build " + path}}).Err()
	}
	m, err := choice.Read(path)
	if err != nil {
		return Model{}, err
	}
	if scores, behind := m.Graph.Scores(); slices.ContainsFunc(behind, func(i int) bool { return m.Graph.Nodes[i].Op.Kind() == ann.ArgMax{}.Kind() }) {
		m.Graph.Output = scores
	}
	h := sha256.New()
	files := []string{path}
	for _, name := range m.ExternalFiles {
		files = append(files, filepath.Join(filepath.Dir(path), filepath.FromSlash(name)))
	}
	for _, file := range files {
		if err := addFile(h, file); err != nil {
			return Model{}, fmt.Errorf("build: %w", err)
		}
	}
	if choice.Output != "" {
		fmt.Fprintf(h, "output %s", choice.Output)
	}
	return Model{Model: m, Name: nameOf(path), SHA256: hex.EncodeToString(h.Sum(nil))}, nil
}

// nameOf returns the name of a network by the name of its file.
func nameOf(path string) string { return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)) }

// idSpiking is a spiking network where a trained one is wanted. The number is stable.
const idSpiking = "SPK-BUILD-023"

// IsSpiking reports whether the file at path is one of NIR, by its ending or its first bytes: those of HDF5.
func IsSpiking(path string) bool {
	if strings.EqualFold(filepath.Ext(path), ".nir") {
		return true
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	first := make([]byte, len(signature))
	_, err = io.ReadFull(f, first)
	return err == nil && string(first) == signature
}

// signature is what a file of HDF5 begins with.
const signature = "\x89HDF\r\n\x1a\n"

// maxSpiking is the largest file of NIR that is read. [bytes]
const maxSpiking = 1 << 30

// ReadNetwork reads the network at path, whether it is a trained one in ONNX, of which an output may be chosen, or a spiking one
// in NIR.
func ReadNetwork(path string, choice onnx.Options) (Model, error) {
	if !IsSpiking(path) {
		return ReadOutput(path, choice)
	}
	m, _, _, err := SurveySpiking(path)
	return m, err
}

// SurveySpiking reads the file of NIR at path, with what its reader says of it. Where it is refused, the file's nodes are returned
// with the error; f is nil where there are none.
func SurveySpiking(path string) (m Model, f *nir.File, found diag.List, err error) {
	data, err := readSmall(path, maxSpiking)
	if err != nil {
		return m, nil, nil, (&diag.List{{ID: idFileOfNIR, Severity: diag.Error, Subject: path, Message: err.Error(), Remedy: "check the path"}}).Err()
	}
	if f, found, err = nir.Read(path, data); err != nil {
		return m, f, found, err
	}
	return Model{Spiking: f, found: found, Name: nameOf(path), SHA256: digest(data)}, f, found, nil
}

// idFileOfNIR is a file that cannot be read. The number is stable.
const idFileOfNIR = "SPK-BUILD-024"

// addFile writes the content of a file to w.
func addFile(w io.Writer, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

// BundledModel returns a network of package zoo.
func BundledModel(name string) (Model, error) {
	z, err := zoo.Get(name)
	if err != nil {
		return Model{}, err
	}
	m, err := onnx.Decode(z.ONNX, "")
	if err != nil {
		return Model{}, err
	}
	h := sha256.Sum256(z.ONNX)
	return Model{Model: m, Name: z.Name, SHA256: hex.EncodeToString(h[:])}, nil
}

// OpenData opens evaluation data, cut to the first limit images (0 = all), and calibration data; calibration may be ""
// where the data spec has a training part.
func OpenData(ctx context.Context, data, calibration string, limit int) (eval, calib *dataset.Set, err error) {
	eval, err = OpenEvaluation(ctx, data, limit)
	if err != nil && calibration == "" { // which is part of the same data
		return nil, nil, err
	}
	calib, wrong := dataset.Calibration(ctx, data, calibration)
	if err = errors.Join(err, wrong); err != nil {
		return nil, nil, err
	}
	return eval, calib, nil
}

// OpenEvaluation opens evaluation data alone.
func OpenEvaluation(ctx context.Context, data string, limit int) (*dataset.Set, error) {
	eval, err := dataset.Open(ctx, data)
	if err != nil {
		return nil, err
	}
	if limit > 0 {
		eval = eval.Head(limit)
	}
	return eval, nil
}
