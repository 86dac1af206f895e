package verify

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Bounds of what is read: recordings are small.
const (
	mostFiles = 100_000
	mostBytes = 256 << 20 // of one file, and of an archive in all, unpacked
)

// Files is a tree of files: a folder, an archive, or one file. Names have slashes and are relative to it. A file whose name
// ends in .json.gz is seen unpacked, as .json.
type Files struct {
	names []string // sorted
	read  func(name string) ([]byte, error)
}

// Open opens a folder, a .tar.gz (.tgz), or a .json.gz (or .json). Archives are unpacked in memory, mostBytes at most.
func Open(name string) (*Files, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("there is no such file or folder")
	case err != nil:
		return nil, errors.Unwrap(err)
	case info.IsDir():
		return openFolder(name)
	case !info.Mode().IsRegular():
		return nil, errors.New("is neither a folder nor a regular file")
	case strings.HasSuffix(name, ".tar.gz"), strings.HasSuffix(name, ".tgz"):
		return openArchive(name)
	case strings.HasSuffix(name, ".json.gz"), strings.HasSuffix(name, ".json"):
		base := strings.TrimSuffix(filepath.Base(name), ".gz")
		return &Files{names: []string{base}, read: func(string) ([]byte, error) { return readFile(name) }}, nil
	}
	return nil, errors.New("is no folder, .tar.gz, .json.gz or .json")
}

// Names returns the names of all files, sorted.
func (f *Files) Names() []string { return f.names }

// Read returns the bytes of a file.
func (f *Files) Read(name string) ([]byte, error) {
	if !f.Has(name) {
		return nil, fmt.Errorf("%s is missing", name)
	}
	data, err := f.read(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, nil
}

// Has reports whether there is a file of that name.
func (f *Files) Has(name string) bool {
	_, ok := slices.BinarySearch(f.names, name)
	return ok
}

// Folders returns the folders that hold a file of that name, sorted; the tree itself is ".".
func (f *Files) Folders(holds string) []string {
	var dirs []string
	for _, n := range f.names {
		if path.Base(n) == holds {
			dirs = append(dirs, path.Dir(n))
		}
	}
	return dirs
}

// jsonCases returns a case for every JSON file whose name starts so, or, where the tree is one file, for that; run is given what is
// in it.
func (f *Files) jsonCases(prefix string, run func(ctx context.Context, data []byte) (string, error)) []Case {
	var cases []Case
	for _, name := range f.names {
		if path.Ext(name) != ".json" || len(f.names) > 1 && !strings.HasPrefix(path.Base(name), prefix) {
			continue
		}
		cases = append(cases, Case{Name: strings.TrimSuffix(name, ".json"), Run: func(ctx context.Context) (string, error) {
			data, err := f.Read(name)
			if err != nil {
				return "", err
			}
			return run(ctx, data)
		}})
	}
	return cases
}

// openFolder lists a folder and those below it; links are not followed.
func openFolder(root string) (*Files, error) {
	f := &Files{}
	packed := map[string]string{}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		if strings.HasSuffix(name, ".json.gz") {
			name = strings.TrimSuffix(name, ".gz")
		}
		packed[name] = p
		if len(packed) > mostFiles {
			return fmt.Errorf("holds more than %d files", mostFiles)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	f.names = slices.Sorted(maps.Keys(packed))
	f.read = func(name string) ([]byte, error) { return readFile(packed[name]) }
	return f, nil
}

// openArchive unpacks a .tar.gz in memory.
func openArchive(name string) (*Files, error) {
	r, err := os.Open(name)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	defer r.Close()
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("is no gzip file: %w", err)
	}
	content, total := map[string][]byte{}, 0
	for archive := tar.NewReader(z); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("is a broken archive: %w", err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		data, err := readAll(archive, mostBytes-total)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", h.Name, err)
		}
		if total += len(data); len(content) >= mostFiles {
			return nil, fmt.Errorf("holds more than %d files", mostFiles)
		}
		content[path.Clean(h.Name)] = data
	}
	return &Files{names: slices.Sorted(maps.Keys(content)), read: func(n string) ([]byte, error) { return content[n], nil }}, nil
}

// readFile reads a file, unpacked where its name ends in .gz.
func readFile(name string) ([]byte, error) {
	r, err := os.Open(name)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	defer r.Close()
	if !strings.HasSuffix(name, ".gz") {
		return readAll(r, mostBytes)
	}
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("is no gzip file: %w", err)
	}
	return readAll(z, mostBytes)
}

// readAll reads at most so many bytes; more are an error.
func readAll(r io.Reader, most int) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if err == nil && len(data) > most {
		err = fmt.Errorf("more than %d bytes", mostBytes)
	}
	return data, err
}
