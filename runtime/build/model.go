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

	"spikec/models/ann"
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
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	return Model{Model: m, Name: name, SHA256: hex.EncodeToString(h.Sum(nil))}, nil
}

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
