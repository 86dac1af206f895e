// Package diagtest is what tests want of diagnostics.
package diagtest

import (
	"errors"
	"strings"
	"testing"

	"spikec/internal/diag"
)

// Refused fails unless the error is a list of diagnostics that has all of these texts; name says which case it is of.
func Refused(t testing.TB, name string, err error, want ...string) {
	t.Helper()
	var f *diag.Failure
	if !errors.As(err, &f) {
		t.Errorf("%s: got %v, want diagnostics", name, err)
		return
	}
	for _, text := range want {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%s: got\n%v\nwant %s", name, err, text)
		}
	}
}
