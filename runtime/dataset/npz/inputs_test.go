package npz

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"spikec/internal/diag"
)

// TestInputs checks what is said about files that are no inputs, and that a run that was interrupted ends as such.
func TestInputs(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.npz")
	if err := os.WriteFile(text, []byte("no archive"), 0o644); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none.npz"): "there is no such file",
		dir:                            "cannot be read: not a regular file",
		text:                           "cannot be read: not a zip archive, which every .npz is",
	} {
		_, err := Inputs(context.Background(), path)
		var failure *diag.Failure
		if !errors.As(err, &failure) || len(failure.List) != 1 {
			t.Fatalf("%s: got %v", path, err)
		}
		if d := failure.List[0]; d.ID != idInputs || d.Subject != path || d.Message != want || d.Remedy == "" {
			t.Errorf("got %+v, want %q", d, want)
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Inputs(ended, text); errors.As(err, new(*diag.Failure)) {
		t.Errorf("interrupted: got %v", err)
	}
}
