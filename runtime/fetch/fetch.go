// Package fetch brings known data sets from where they are published, or from the user's own mirror, and takes a file only
// if it has the SHA-256 that is written in the program. Nothing else of the program reaches for a network.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"spikec/internal/diag"
	"spikec/internal/spelling"
	"spikec/runtime/output"
	"spikec/runtime/progress"
)

// Set is a data set: files with their digests, and where they come from.
type Set struct {
	Name    string  `json:"name"`
	About   string  `json:"about"`
	Origin  string  `json:"origin"`  // who made it
	Page    string  `json:"page"`    // where it is described
	Licence string  `json:"licence"` // terms, as far as they are known
	Spec    string  `json:"spec"`    // how the folder is named as data, with DIR for it
	URL     string  `json:"url"`     // folder of the files, or of the archive, without / at the end
	Files   []File  `json:"files"`
	Archive *Packed `json:"archive,omitempty"` // the file that the others are published in; nil where they are published one by one
}

// File is a file of a data set.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Packed is a .tar.gz that holds all files of a data set in a folder.
type Packed struct {
	File
	Folder string `json:"folder"`
}

// Diagnostics of data sets. The numbers are stable.
const (
	idUnknown = "SPK-FETCH-001" // no data set of this name
	idAbsent  = "SPK-FETCH-002" // a file that cannot be had
	idOther   = "SPK-FETCH-003" // a file with other content than is known
)

// Find returns the data set of a name.
func Find(name string) (*Set, error) {
	var names []string
	for i := range Sets {
		if Sets[i].Name == name {
			return &Sets[i], nil
		}
		names = append(names, Sets[i].Name)
	}
	remedy := "spikec data list shows all"
	if near := spelling.Nearest(name, names); near != "" {
		remedy = "did you mean " + near + "? " + remedy
	}
	return nil, &diag.Failure{List: diag.List{{ID: idUnknown, Severity: diag.Error, Subject: name, Message: "there is no data set of this name", Remedy: remedy}}}
}

// Request says where a data set comes from and goes to.
type Request struct {
	Mirror   string // URL with http:// or https://, or folder, that holds the files or the archive; "" = where the set is published
	Out      string // the folder that will hold the files
	Progress progress.Reporter
}

// Result is what there is then.
type Result struct {
	Schema string `json:"schema"`
	Name   string `json:"name"`
	Folder string `json:"folder"`
	Spec   string `json:"spec"`  // for --data
	From   string `json:"from"`  // URL or folder; "" where the files were there already
	Files  []File `json:"files"` // with the digests that they have
}

// Schema is the name and version of Result.
const Schema = "spikec/data-get/v1"

// errIncomplete keeps a folder from being replaced.
var errIncomplete = errors.New("it holds other files")

// Get brings the files into a folder, which is complete or not there. Where they all are there already, nothing is done. Every
// file that cannot be had or is another one is reported; the error is a *diag.Failure then, else the cause of ctx.
func (s *Set) Get(ctx context.Context, r Request) (*Result, error) {
	if r.Progress == nil {
		r.Progress = progress.None
	}
	result := &Result{Schema: Schema, Name: s.Name, Folder: r.Out, Spec: s.spec(r.Out), Files: s.Files}
	if s.complete(r.Out) {
		return result, nil
	}
	if result.From = r.Mirror; result.From == "" {
		result.From = s.URL
	}
	folder, err := output.NewFolder(r.Out, func(string) error { return errIncomplete })
	if err != nil {
		return nil, err
	}
	defer folder.Discard()
	from := newSource(result.From)
	var found diag.List
	if s.Archive != nil && !from.has(s.Files[0].Name) {
		found = s.unpacked(ctx, from, folder, r.Progress)
	} else {
		for _, f := range s.Files {
			found = append(found, bring(ctx, from, f, folder.Path(f.Name), r.Progress)...)
		}
	}
	if err := context.Cause(ctx); err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	if err := found.Err(); err != nil {
		return nil, err
	}
	return result, folder.Commit()
}

// complete reports whether a folder has all files.
func (s *Set) complete(dir string) bool {
	for _, f := range s.Files {
		if got, err := digestOf(filepath.Join(dir, f.Name)); err != nil || got != f.SHA256 {
			return false
		}
	}
	return true
}

// wrong is one finding about a file.
func wrong(id, subject, remedy, format string, args ...any) diag.List {
	return diag.List{{ID: id, Severity: diag.Error, Subject: subject, Message: fmt.Sprintf(format, args...), Remedy: remedy}}
}
