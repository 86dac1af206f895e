package output

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Folder is a folder that is being written under a temporary name.
type Folder struct {
	final string // where it will be
	temp  string // where it is; "" once it is committed or discarded
	made  []string
	inner []string // folders within it
	keep  func(dir string) error
}

// NewFolder begins the folder that will be at path; missing folders above it are made. What is at path already is
// replaced only if it is an empty folder, or a folder that replaceable returns nil for; that is tested now, and again
// at the end.
func NewFolder(path string, replaceable func(dir string) error) (*Folder, error) {
	final, err := filepath.Abs(path)
	if err != nil {
		return nil, unwritable(path, err)
	}
	if real, err := filepath.EvalSymlinks(final); err == nil {
		final = real
	}
	f := &Folder{final: final, keep: replaceable}
	if err := f.free(); err != nil {
		return nil, err
	}
	if err := f.above(); err != nil {
		f.Discard()
		return nil, unwritable(path, err)
	}
	f.temp = aside(final, "tmp")
	if err := os.Mkdir(f.temp, 0o777); err != nil {
		f.temp = ""
		f.Discard()
		return nil, unwritable(path, err)
	}
	return f, nil
}

// above makes the missing folders above the final one, and notes which, the deepest first.
func (f *Folder) above() error {
	var missing []string
	for dir := filepath.Dir(f.final); ; dir = filepath.Dir(dir) {
		_, err := os.Stat(dir)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			return err
		}
		missing = append(missing, dir)
	}
	for i := len(missing) - 1; i >= 0; i-- {
		if err := os.Mkdir(missing[i], 0o777); err != nil {
			return err
		}
		f.made = append([]string{missing[i]}, f.made...)
	}
	return nil
}

// free reports why what is at the final place may not be replaced.
func (f *Folder) free() error {
	info, err := os.Stat(f.final)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return unwritable(f.final, err)
	case !info.IsDir():
		return failure(idOccupied, f.final, "name another folder", "exists and is no folder")
	}
	entries, err := os.ReadDir(f.final)
	if err != nil {
		return unwritable(f.final, err)
	}
	if len(entries) > 0 {
		if err := f.keep(f.final); err != nil {
			return failure(idOccupied, f.final, "name another folder, or remove this one", "is not replaced: %v", err)
		}
	}
	if here, err := os.Getwd(); err == nil && same(here, f.final) {
		return failure(idOccupied, f.final, "name a folder that does not exist yet", "is the working directory, which cannot be replaced")
	}
	return nil
}

// Path returns where the file of a name is while the folder is being written.
func (f *Folder) Path(name string) string { return filepath.Join(f.temp, name) }

// Write writes a file of the folder; name may have folders in it, which are made.
func (f *Folder) Write(name string, data []byte) error {
	err := f.within(filepath.Dir(name))
	if err == nil {
		err = writeNew(f.Path(name), func(w io.Writer) error { _, err := w.Write(data); return err })
	}
	return rename(filepath.Join(f.final, name), err)
}

// within makes a folder within the folder, unless it was made before.
func (f *Folder) within(name string) error {
	if name == "." || slices.Contains(f.inner, name) {
		return nil
	}
	f.inner = append(f.inner, name)
	return os.MkdirAll(f.Path(name), 0o777)
}

// Commit puts the folder in its final place.
func (f *Folder) Commit() error {
	if err := f.free(); err != nil {
		return err
	}
	for _, name := range append(f.inner, ".") {
		syncFolder(f.Path(name))
	}
	old := aside(f.final, "old")
	err := os.Rename(f.final, old)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unwritable(f.final, err)
	}
	replaced := err == nil
	if err := os.Rename(f.temp, f.final); err != nil {
		if replaced {
			err = errors.Join(err, os.Rename(old, f.final))
		}
		return unwritable(f.final, err)
	}
	f.temp, f.made = "", nil
	syncFolder(filepath.Dir(f.final))
	if replaced {
		return os.RemoveAll(old)
	}
	return nil
}

// Discard removes what was written, and the folders that were made for it. After Commit it does nothing.
func (f *Folder) Discard() {
	if f.temp != "" {
		os.RemoveAll(f.temp)
		f.temp = ""
	}
	for _, dir := range f.made {
		os.Remove(dir) // not where others have put something there meanwhile
	}
	f.made = nil
}
