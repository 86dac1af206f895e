package simulate

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

	"spikec/internal/diag"
	"spikec/runtime/simulate/describe"
)

// idFolder is the diagnostic of a folder that is not whole. Its number is stable.
const idFolder = "SPK-SIM-040"

// Look is a simulation as it was read from its folder, for reports.
type Look struct {
	Result      *Result
	Description string // as it was given
	Reads       bool   // it names files, which it finds beside itself
	Files       []File // all of the folder, in the order of the result
	dir         string
}

// File is a file of a simulation.
type File struct {
	Name   string
	Size   int64 // bytes
	SHA256 string
}

// IsFolder reports whether dir is the folder of a simulation, at a glance: whatever is wrong with it is for LookAt to say.
func IsFolder(dir string) bool {
	var head struct {
		Schema string `json:"schema"`
	}
	data, err := readFile(dir, resultFile, mostResult)
	return err == nil && json.Unmarshal(data, &head) == nil && head.Schema == Schema
}

// readFile reads a file of a folder, of no more than so many bytes.
func readFile(dir, name string, most int64) ([]byte, error) {
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(data)) > most {
		return nil, fmt.Errorf("has more than %d bytes", most)
	}
	return data, err
}

// LookAt reads the simulation in dir. The error is a *diag.Failure with all files that are missing, that cannot be read or that are no
// part of it.
func LookAt(dir string) (*Look, error) {
	var found diag.List
	wrong := func(name, remedy, format string, args ...any) {
		found.Add(diag.Diagnostic{ID: idFolder, Severity: diag.Error, Subject: filepath.Join(dir, name), Message: fmt.Sprintf(format, args...), Remedy: remedy})
	}
	const again = "simulate again with the same --out"
	r := &Result{}
	data, err := readFile(dir, resultFile, mostResult)
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(data))
		d.DisallowUnknownFields()
		err = d.Decode(r)
	}
	if err != nil {
		wrong(resultFile, again, "is no result of a simulation: %s", diag.Unread(err))
		return nil, found.Err()
	}
	k := &Look{Result: r, dir: dir}
	for _, name := range r.files() {
		if name != filepath.Base(name) || name == "." || name == ".." {
			wrong(resultFile, again, "names the file %q, which is not in the folder", name)
			continue
		}
		f, err := look(dir, name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			wrong(name, again, "the file is missing")
		case err != nil:
			wrong(name, again, "cannot be read: %s", diag.Unread(err))
		}
		k.Files = append(k.Files, f)
	}
	strange, err := r.strangers(dir)
	if err != nil {
		return nil, fmt.Errorf("simulate: %w", err)
	}
	for _, name := range strange {
		wrong(name, "move it out of the folder", "is not part of the simulation")
	}
	if t := r.Training; t != nil && len(t.Errors) == 0 {
		wrong(resultFile, again, "has no error of any epoch")
	}
	if s := r.Sweep; s != nil {
		for _, x := range s.Rates {
			if len(x.RateHz) != len(s.Values) {
				wrong(resultFile, again, "has %d rates of %s for %d values", len(x.RateHz), x.Population, len(s.Values))
			}
		}
	}
	if err := found.Err(); err != nil {
		return nil, err
	}
	text, err := k.Read(DescriptionFile, mostResult)
	if err != nil {
		wrong(DescriptionFile, again, "cannot be read: %s", diag.Unread(err))
		return nil, found.Err()
	}
	k.Description = string(text)
	if d, err := describe.Parse(DescriptionFile, text); err == nil {
		for _, s := range d.Synapses {
			k.Reads = k.Reads || s.Connect.File.Given()
		}
	}
	return k, nil
}

// look measures a file.
func look(dir, name string) (File, error) {
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return File{name, n, hex.EncodeToString(h.Sum(nil))}, err
}

// Read reads a file of the folder, of no more than so many bytes.
func (k *Look) Read(name string, most int64) ([]byte, error) { return readFile(k.dir, name, most) }
