package output

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// Apart reports an output that must not be written: one whose folder does not exist, one that is an input or another
// output under whatever name, or one that lies within one of the folders; of each output one thing, all of them joined. An empty path is no output. It is meant to
// be asked before anything is computed.
func Apart(outputs, inputs, folders []string) error {
	var found []error
	for i, out := range outputs {
		if out == "" {
			continue
		}
		if err := apart(out, inputs, outputs[:i], folders); err != nil {
			found = append(found, err)
		}
	}
	return errors.Join(found...)
}

// apart is Apart for one output, before which others were looked at.
func apart(out string, inputs, others, folders []string) error {
	if info, err := os.Stat(filepath.Dir(out)); err != nil || !info.IsDir() {
		return failure(idUnwritable, out, "make the folder, or name another one", "its folder does not exist")
	}
	for _, in := range inputs {
		if in != "" && same(out, in) {
			return failure(idOccupied, out, "name another file", "is also what is read: %s", in)
		}
	}
	for _, other := range others {
		if other != "" && same(out, other) {
			return failure(idOccupied, out, "give each output a file of its own", "is to be written twice")
		}
	}
	return outside(out, folders)
}

// outside reports an output that lies within one of the folders.
func outside(out string, folders []string) error {
	for _, dir := range folders {
		rel, err := filepath.Rel(settled(dir), settled(out))
		if err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return failure(idOccupied, out, "name a place outside that folder", "lies within %s, which must stay as it is", dir)
		}
	}
	return nil
}

// MakeParent makes the folder that an output will be in, where it is missing, unless that would be within one of the
// folders, which must stay as they are.
func MakeParent(out string, folders []string) error {
	if err := outside(out, folders); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o777); err != nil {
		return unwritable(out, err)
	}
	return nil
}

// same reports whether both paths name one file.
func same(a, b string) bool {
	if x, err := os.Stat(a); err == nil {
		if y, err := os.Stat(b); err == nil {
			return os.SameFile(x, y)
		}
	}
	return settled(a) == settled(b)
}

// settled returns the absolute path without symbolic links, as far as it exists.
func settled(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return filepath.Clean(path)
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		return real
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		return filepath.Join(dir, filepath.Base(abs))
	}
	return abs
}
