package onnx

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"spikec/internal/diag"
	"spikec/internal/golden"
)

// TestRefusedModels compares every message about the models of testdata/refused.
func TestRefusedModels(t *testing.T) {
	files, err := filepath.Glob("../../testdata/onnx/refused/*.onnx")
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
			golden.File(t, "refused/"+strings.TrimSuffix(filepath.Base(f), ".onnx")+".txt", filepath.ToSlash(b.String()))
		})
	}
}
