// Package output writes files and folders so that they are either complete or not there: under a temporary name in the
// same place, flushed to the disk, then renamed. It knows nothing of what it writes.
package output

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"

	"spikec/internal/diag"
)

// Diagnostics of output. The numbers are stable.
const (
	idUnwritable = "SPK-OUT-001" // a file or folder cannot be made
	idOccupied   = "SPK-OUT-002" // something else is in its place
)

// failure is one diagnostic about path, as an error.
func failure(id, path, remedy, format string, args ...any) error {
	return &diag.Failure{List: diag.List{{ID: id, Severity: diag.Error, Subject: path, Message: fmt.Sprintf(format, args...), Remedy: remedy}}}
}

// unwritable wraps an error of the system about path.
func unwritable(path string, err error) error {
	reason := err
	var at *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &at):
		reason = at.Err
	case errors.As(err, &link):
		reason = link.Err
	}
	return failure(idUnwritable, path, "choose a place that can be written to", "cannot be written: %v", reason)
}

// aside returns a new name beside path.
func aside(path, what string) string {
	return fmt.Sprintf("%s.%s-%08x", path, what, rand.Uint32())
}

// WriteFile writes the file at path by write. Whatever fails, the file that was there before stays.
func WriteFile(path string, write func(w io.Writer) error) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return failure(idOccupied, path, "name a file", "is not a regular file")
	}
	temp := aside(path, "tmp")
	if err := writeNew(temp, write); err != nil {
		os.Remove(temp)
		return rename(path, err)
	}
	if err := os.Rename(temp, path); err != nil {
		os.Remove(temp)
		return unwritable(path, err)
	}
	syncFolder(filepath.Dir(path))
	return nil
}

// rename words an error of the system about a temporary file as one about path; other errors stay.
func rename(path string, err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return unwritable(path, err)
	}
	return err
}

// writeNew writes a file that must not exist yet, down to the disk.
func writeNew(path string, write func(w io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// syncFolder makes renames in a folder durable where the system can do that for folders.
func syncFolder(path string) {
	if d, err := os.Open(path); err == nil {
		_ = d.Sync()
		d.Close()
	}
}
