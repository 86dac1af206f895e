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
	dir    string
	root   *os.Root
	used   map[string]int64 // bytes read of each file, at most its size
	total  int64            // of all files
	memory *memory
}

// externalSection is a part of an open file.
type externalSection struct {
	file           *os.File
	location       string
	offset, length int64
}

// newExternalFiles confines reading to the folder dir; an empty dir refuses every file. What the files hold is added to
// the memory that the model may take.
func newExternalFiles(dir string, m *memory) *externalFiles {
	return &externalFiles{dir: dir, used: map[string]int64{}, memory: m}
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

// open returns length bytes at offset of the file location, a path relative to the folder.
func (e *externalFiles) open(location string, offset, length int64) (*externalSection, *problem) {
	if location == "" {
		return nil, problemf(idExternal, "has external data without a location").withRemedy("export the model again; the file is damaged")
	}
	name, shown := filepath.Clean(filepath.FromSlash(location)), quoted(location)
	if e.dir == "" {
		return nil, problemf(idExternal, "has external data %s, and only the model's own bytes are given", shown).withRemedy("read the model from its file")
	}
	if !filepath.IsLocal(name) {
		return nil, problemf(idExternal, "external data %s lies outside the model's folder", shown).withRemedy("put the data beside the model")
	}
	f, size, p := e.file(name, location)
	if p != nil {
		return nil, p
	}
	if length > size || offset > size-length {
		defer f.Close()
		if head := make([]byte, len(pointerHead)); size < 1024 && readFull(f, head, 0) == nil && isPointer(head) {
			return nil, problemf(idExternal, "external data %s is a Git LFS pointer, not the data", shown).withRemedy("run git lfs pull where it came from")
		}
		return nil, problemf(idExternal, "external data %s has %d bytes and ends before these numbers do", shown, size).withRemedy("copy or export the data again")
	}
	if e.credit(filepath.ToSlash(name), length, size); e.total > maxFile {
		f.Close()
		return nil, problemf(idExternal, "external data of all tensors exceeds %d bytes", int64(maxFile)).withRemedy("train a smaller network; no chip holds so many weights")
	}
	return &externalSection{file: f, location: location, offset: offset, length: length}, nil
}

// credit lets the model take memory for length bytes more of a file, but for no more than the file's size: several
// tensors may name the same bytes.
func (e *externalFiles) credit(name string, length, size int64) {
	more := min(length, size-e.used[name])
	e.used[name] += more
	e.total += more
	e.memory.give(more, memoryPerByte)
}

// file opens a regular file of the folder and returns its size.
func (e *externalFiles) file(name, location string) (*os.File, int64, *problem) {
	shown := quoted(location)
	if e.root == nil {
		root, err := os.OpenRoot(e.dir)
		if err != nil {
			return nil, 0, problemf(idExternal, "external data %s: the model's folder cannot be opened", shown)
		}
		e.root = root
	}
	info, err := e.root.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, 0, problemf(idExternal, "external data %s is missing", shown).withRemedy(fmt.Sprintf("put %s into the model's folder", shown))
	case err != nil:
		return nil, 0, problemf(idExternal, "external data %s cannot be opened: %v", shown, errors.Unwrap(err)).
			withRemedy("put the data itself, not a link out of the folder, beside the model")
	case !info.Mode().IsRegular():
		return nil, 0, problemf(idExternal, "external data %s is not a regular file", shown)
	}
	f, err := e.root.Open(name)
	if err != nil {
		return nil, 0, problemf(idExternal, "external data %s cannot be opened: %v", shown, errors.Unwrap(err))
	}
	return f, info.Size(), nil
}

// close closes the file.
func (s *externalSection) close() { s.file.Close() }

// sectionPiece is how much of a file is read at once, a multiple of the size of any element. [bytes]
const sectionPiece = 1 << 20

// each calls f with the bytes, piece by piece: the numbers alone are kept, not the bytes beside them.
func (s *externalSection) each(f func([]byte)) *problem {
	piece := make([]byte, min(s.length, sectionPiece))
	for at := int64(0); at < s.length; at += int64(len(piece)) {
		piece = piece[:min(s.length-at, sectionPiece)]
		if err := readFull(s.file, piece, s.offset+at); err != nil {
			return problemf(idExternal, "external data %s cannot be read: %v", quoted(s.location), err)
		}
		f(piece)
	}
	return nil
}

// readFull fills b from offset.
func readFull(f *os.File, b []byte, offset int64) error {
	n, err := f.ReadAt(b, offset)
	if n == len(b) {
		return nil
	}
	return err
}
