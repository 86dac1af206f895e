package onnx

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// externalFiles reads the files beside a model that hold its weights, and nothing outside the model's folder.
type externalFiles struct {
	dir   string
	root  *os.Root
	used  map[string]bool
	total int64 // bytes read
}

// newExternalFiles confines reading to the folder dir; an empty dir refuses every file.
func newExternalFiles(dir string) *externalFiles {
	return &externalFiles{dir: dir, used: map[string]bool{}}
}

// close releases the folder.
func (e *externalFiles) close() {
	if e.root != nil {
		e.root.Close()
	}
}

// names returns the files that were read, sorted.
func (e *externalFiles) names() []string {
	var s []string
	for n := range e.used {
		s = append(s, n)
	}
	slices.Sort(s)
	return s
}

// read returns length bytes at offset of the file location, a path relative to the folder. It allocates no more than
// the file holds.
func (e *externalFiles) read(location string, offset, length int64) ([]byte, *problem) {
	if location == "" {
		return nil, problemf(idExternal, "has external data without a location").withRemedy("export the model again; the file is damaged")
	}
	name := filepath.Clean(filepath.FromSlash(location))
	if e.dir == "" {
		return nil, problemf(idExternal, "has external data %q, and only the model's own bytes are given", location).withRemedy("read the model from its file")
	}
	if !filepath.IsLocal(name) {
		return nil, problemf(idExternal, "external data %q lies outside the model's folder", location).withRemedy("put the data beside the model")
	}
	f, size, p := e.open(name, location)
	if p != nil {
		return nil, p
	}
	defer f.Close()
	if length > size || offset > size-length {
		if head := make([]byte, len(pointerHead)); size < 1024 && readFull(f, head, 0) == nil && isPointer(head) {
			return nil, problemf(idExternal, "external data %q is a Git LFS pointer, not the data", location).withRemedy("run git lfs pull where it came from")
		}
		return nil, problemf(idExternal, "external data %q has %d bytes, %d at %d are needed", location, size, length, offset).withRemedy("copy or export the data again")
	}
	if e.total += length; e.total > maxFile {
		return nil, problemf(idExternal, "external data of all tensors exceeds %d bytes", int64(maxFile))
	}
	b := make([]byte, length)
	if err := readFull(f, b, offset); err != nil {
		return nil, problemf(idExternal, "external data %q cannot be read: %v", location, err)
	}
	e.used[filepath.ToSlash(name)] = true
	return b, nil
}

// open opens a regular file of the folder and returns its size.
func (e *externalFiles) open(name, location string) (*os.File, int64, *problem) {
	if e.root == nil {
		root, err := os.OpenRoot(e.dir)
		if err != nil {
			return nil, 0, problemf(idExternal, "external data %q: the model's folder cannot be opened", location)
		}
		e.root = root
	}
	info, err := e.root.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, 0, problemf(idExternal, "external data %q is missing", location).withRemedy(fmt.Sprintf("put %s into the model's folder", location))
	case err != nil:
		return nil, 0, problemf(idExternal, "external data %q cannot be opened: %v", location, errors.Unwrap(err)).
			withRemedy("put the data itself, not a link out of the folder, beside the model")
	case !info.Mode().IsRegular():
		return nil, 0, problemf(idExternal, "external data %q is not a regular file", location)
	}
	f, err := e.root.Open(name)
	if err != nil {
		return nil, 0, problemf(idExternal, "external data %q cannot be opened: %v", location, errors.Unwrap(err))
	}
	return f, info.Size(), nil
}

// readFull fills b from offset.
func readFull(f *os.File, b []byte, offset int64) error {
	n, err := f.ReadAt(b, offset)
	if n == len(b) {
		return nil
	}
	return err
}
