package build

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
	"path"
	"path/filepath"
	"slices"
	"strings"

	"spikec/runtime/encode"
	"spikec/runtime/ladder"
)

// The names and versions of manifests.
const (
	ManifestSchema   = "spikec/build/v1"      // of a build
	ConversionSchema = "spikec/conversion/v1" // of a conversion without a target
)

// Manifest is the table of contents of a build: what it was made from, how to run it, and what must come out. It is
// written as canonical JSON, and its own digest is part of it, so that a changed byte anywhere is seen.
type Manifest struct {
	Schema      string         `json:"schema"`
	SHA256      string         `json:"sha256"` // of this file with this field empty
	Tool        string         `json:"tool"`
	Model       ModelRecord    `json:"model"`
	Target      string         `json:"target"`
	Rules       string         `json:"rules"`
	Steps       int            `json:"steps"`
	Readout     string         `json:"readout"`
	Engine      string         `json:"engine"` // that the record was made with; all give the same bits
	Options     ladder.Options `json:"options"`
	Coding      encode.Coding  `json:"coding"`
	Data        DataRecord     `json:"data"`
	Calibration DataRecord     `json:"calibration"`
	Expected    Expected       `json:"expected"`
	// Command is the command line of a conversion, without flags that change no file; that of a build is in report.json.
	Command []string     `json:"command,omitempty"`
	Files   []FileRecord `json:"files"` // every other file of the folder, by name
}

// ModelRecord names the trained network.
type ModelRecord struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// DataRecord names images. A path in Spec is absolute, so that a check can run in any folder.
type DataRecord struct {
	Spec   string  `json:"spec"`
	Name   string  `json:"name"`
	N      int     `json:"n"`
	SHA256 string  `json:"sha256"`
	Seed   *uint64 `json:"seed,omitempty"`
}

// Expected is what an emulation of the data gives.
type Expected struct {
	N            int64   `json:"n"`
	Correct      int64   `json:"correct"`
	Accuracy     float64 `json:"accuracy"`
	CountsSHA256 string  `json:"countsSHA256"`
}

// FileRecord is one file of the folder.
type FileRecord struct {
	Name   string `json:"name"` // with / between a folder of the build and a file in it
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// encode returns the canonical form, with its digest.
func (m Manifest) encode() ([]byte, error) {
	m.SHA256 = ""
	plain, err := encodeJSON(m)
	if err != nil {
		return nil, err
	}
	m.SHA256 = digest(plain)
	return encodeJSON(m)
}

// errConversion is the error about the manifest of a conversion where that of a build is wanted.
var errConversion = errors.New("was written by spikec convert")

// decodeManifest reads a manifest of one of the schemas and refuses one that is not exactly what was written.
func decodeManifest(data []byte, schemas ...string) (*Manifest, error) {
	var m Manifest
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	wrong := d.Decode(&m)
	if !slices.Contains(schemas, m.Schema) {
		if m.Schema == ConversionSchema {
			return nil, errConversion
		}
		return nil, fmt.Errorf("schema %q, want %s", m.Schema, strings.Join(schemas, " or "))
	}
	if wrong != nil {
		return nil, wrong
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	again, err := m.encode()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, data) {
		return nil, errors.New("the file was altered: its digest is not the one that was written")
	}
	for _, f := range m.Files {
		if !filepath.IsLocal(f.Name) || f.Name != path.Clean(f.Name) || f.Name == "." || strings.Count(f.Name, "/") > 1 || f.Size < 0 {
			return nil, fmt.Errorf("file %q of %d bytes", f.Name, f.Size)
		}
	}
	return &m, nil
}

// strangers returns what is in the folder of the manifest and not part of it.
func (m *Manifest) strangers(dir string) ([]string, error) {
	known, folders := map[string]bool{manifestFile: true, ReportFile: true}, []string{"."}
	for _, f := range m.Files {
		known[f.Name] = true
		if in := path.Dir(f.Name); !slices.Contains(folders, in) {
			known[in], folders = true, append(folders, in)
		}
	}
	var found []string
	for _, in := range folders {
		entries, err := os.ReadDir(filepath.Join(dir, in))
		if err != nil && !(in != "." && errors.Is(err, fs.ErrNotExist)) { // files that are missing are reported one by one
			return nil, err
		}
		for _, e := range entries {
			if name := path.Join(in, e.Name()); !known[name] {
				found = append(found, name)
			}
		}
	}
	return found, nil
}

// encodeJSON writes v with two spaces a level and a line feed at the end.
func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}

// digest returns the SHA-256 in hexadecimal.
func digest(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}
