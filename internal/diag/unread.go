package diag

import (
	"errors"
	"io/fs"
)

// Unread words why a file cannot be read, for a finding whose subject is the file: the error without the file's name and without what
// was done to it.
func Unread(err error) string {
	var at *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case errors.As(err, &at):
		return at.Err.Error()
	}
	return err.Error()
}
