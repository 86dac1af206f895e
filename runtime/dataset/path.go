package dataset

import (
	"path/filepath"
	"strings"
)

// Path returns the file or folder that a data spec names; "" where it names none, or is no data spec.
func Path(spec string) string {
	n, err := resolve(spec)
	if err != nil {
		return ""
	}
	return n.arg
}

// Absolute returns a data spec with the path in it made absolute.
func Absolute(spec string) string {
	path := Path(spec)
	if path == "" {
		return spec
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return spec
	}
	return strings.TrimSuffix(spec, path) + abs
}
