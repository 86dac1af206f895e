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

// Absolute returns a data spec with the path in it made absolute, also where it stands in specs that change the images of
// another one. What is no spec, or has no path, stays as it is.
func Absolute(spec string) string {
	path := Path(spec)
	if path == "" {
		return spec
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return spec
	}
	return strings.TrimSuffix(spec, path) + abs // the arguments of outer specs end in the inner spec
}
