package dataset

import (
	"path/filepath"
	"strings"
)

// Absolute returns a data spec with its path made absolute, also where it stands in specs that change the images of another one.
// What is no spec, or has no path, stays as it is.
func Absolute(spec string) string {
	n, err := resolve(spec)
	if err != nil || n.arg == "" {
		return spec
	}
	abs, err := filepath.Abs(n.arg)
	if err != nil {
		return spec
	}
	return strings.TrimSuffix(spec, n.arg) + abs // the arguments of outer specs end in the inner spec
}
