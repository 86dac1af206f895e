package sweep

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"spikec/internal/diag"
	"spikec/internal/simd"
	"spikec/runtime/build"
	"spikec/runtime/encode"
	"spikec/runtime/output"
)

// The folder of a sweep.
const (
	cellsFolder = "cells"        // a file for every cell that is done, whatever the grid: KEY.json
	resultFile  = "results.json" // Result
	tableFile   = "results.csv"  // the same, a line a cell
)

// CellSchema is the name and version of a cell's file.
const CellSchema = "spikec/sweep-cell/v1"

// idFolder is the diagnostic of a folder that holds something else. Its number is stable.
const idFolder = "SPK-SWEEP-001"

// record is the file of a cell.
type record struct {
	Schema  string  `json:"schema"`
	Key     string  `json:"key"`
	Seconds float64 `json:"seconds"`
	Cell    Cell    `json:"cell"`
}

// identity is all that determines a cell.
type identity struct {
	Schema, Program, Instructions  string
	Model                          build.ModelRecord
	Profile                        string // as YAML
	Data, DataSHA256               string
	Calibration, CalibrationSHA256 string
	Seed                           uint64
	Preprocessing                  encode.Options
	Options                        build.Options
	Limit                          int
}

// key is the first half of the SHA-256, in hexadecimal, of all that determines a cell: the program and its vector
// instructions (real numbers differ with them in their last bits), the network, the profile, the images, every choice. How
// many goroutines there are does not.
func (s *sweep) key(g group, w Width) (string, error) {
	profile, err := g.target.YAML()
	if err != nil {
		return "", fmt.Errorf("sweep: %w", err)
	}
	r := s.request(g)
	r.Options.Bits, r.Options.Jobs = w.Bits, 0
	id := identity{Schema: CellSchema, Program: s.program, Instructions: simd.Best().String(),
		Model: build.ModelRecord{Name: r.Model.Name, SHA256: r.Model.SHA256}, Profile: string(profile), Data: r.Data.Spec, DataSHA256: r.Data.SHA256,
		Calibration: r.Calibration.Spec, CalibrationSHA256: r.Calibration.SHA256, Seed: r.Seed, Preprocessing: r.Preprocessing, Options: r.Options}
	if w.Limit < r.Data.Len() {
		id.Limit = w.Limit
	}
	data, err := json.Marshal(id)
	if err != nil {
		return "", fmt.Errorf("sweep: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:len(sum)/2]), nil
}

// executable returns the SHA-256 of the program that runs. It stands for the version too, which does not tell apart what was
// built while it was made.
func executable() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("sweep: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("sweep: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("sweep: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// free reports why a folder cannot be that of a sweep: it is none, or holds something else.
func free(dir string) error {
	if dir == "" {
		return nil
	}
	refuse := func(format string, args ...any) error {
		return &diag.Failure{List: diag.List{{ID: idFolder, Severity: diag.Error, Subject: dir, Message: fmt.Sprintf(format, args...), Remedy: "name another folder with --out"}}}
	}
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return refuse("cannot be read as a folder: %v", errors.Unwrap(err))
	case len(entries) == 0:
		return nil
	case !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == cellsFolder && e.IsDir() }):
		return refuse("holds files, and is no folder of a sweep")
	}
	for _, e := range entries {
		if name := e.Name(); name != cellsFolder && name != resultFile && name != tableFile && name != build.ReportFile && !strings.HasPrefix(name, "results.") {
			return refuse("%s in it is not part of a sweep", name)
		}
	}
	return nil
}

// open makes the folder.
func (s *sweep) open() error {
	if s.Out == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Join(s.Out, cellsFolder), 0o777); err != nil {
		return &diag.Failure{List: diag.List{{ID: idFolder, Severity: diag.Error, Subject: s.Out, Message: fmt.Sprintf("cannot be made: %v", errors.Unwrap(err)),
			Remedy: "name another folder with --out"}}}
	}
	return nil
}

// path is where the file of a cell is.
func (s *sweep) path(key string) string { return filepath.Join(s.Out, cellsFolder, key+".json") }

// load returns a cell that is kept. A file that is not whole, or not that of the cell, is as good as none.
func (s *sweep) load(key string) (record, bool) {
	if s.Out == "" {
		return record{}, false
	}
	data, err := os.ReadFile(s.path(key))
	if err != nil {
		return record{}, false
	}
	r, err := decode(data)
	return r, err == nil && r.Schema == CellSchema && r.Key == key
}

// save keeps a cell, and returns it as load would.
func (s *sweep) save(r record) (record, error) {
	data, err := encodeJSON(r)
	if err != nil {
		return record{}, err
	}
	if s.Out != "" {
		if err := write(s.path(r.Key), data); err != nil {
			return record{}, err
		}
	}
	return decode(data)
}

// decode reads the file of a cell.
func decode(data []byte) (record, error) {
	var r record
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return record{}, fmt.Errorf("sweep: %w", err)
	}
	return r, nil
}

// conclude writes the results.
func (s *sweep) conclude(r *Result) error {
	if s.Out == "" {
		return nil
	}
	data, err := encodeJSON(r)
	if err != nil {
		return err
	}
	var table bytes.Buffer
	if err := CSV(&table, r); err != nil {
		return err
	}
	return errors.Join(write(filepath.Join(s.Out, resultFile), data), write(filepath.Join(s.Out, tableFile), table.Bytes()))
}

// write writes a file that is whole or not there.
func write(path string, data []byte) error {
	return output.WriteFile(path, func(w io.Writer) error { _, err := w.Write(data); return err })
}

// encodeJSON is the form of every JSON file of a sweep.
func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	return b.Bytes(), nil
}
