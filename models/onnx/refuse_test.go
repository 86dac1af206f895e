package onnx

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spikec/internal/diag"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares text with the file, or writes it with -update.
func golden(t *testing.T, path, text string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), text); d != "" {
		t.Errorf("%s (-want +got; -update writes it anew):\n%s", path, d)
	}
}

// TestRefusedModels compares every message about the models of testdata/refused.
func TestRefusedModels(t *testing.T) {
	files, err := filepath.Glob("testdata/refused/*.onnx")
	if err != nil || len(files) == 0 {
		t.Fatalf("no models: %v", err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			_, err := Read(f)
			var failure *diag.Failure
			if !errors.As(err, &failure) {
				t.Fatalf("got %v, want a *diag.Failure", err)
			}
			var b strings.Builder
			for _, d := range failure.List {
				b.WriteString(d.String() + "\n")
			}
			golden(t, strings.TrimSuffix(f, ".onnx")+".txt", filepath.ToSlash(b.String()))
		})
	}
}
