package sweep

import (
	"testing"

	"spikec/internal/described"
	"spikec/runtime/build"
	"spikec/runtime/ladder"
)

// TestFormats compares the files of a sweep with docs/formats.md, key by key.
func TestFormats(t *testing.T) {
	text := described.Read(t, "../../docs/formats.md")
	text.Known(ladder.Ladder{}, build.Manifest{})
	text.Holds(t, "### `results.json`", Result{})
	text.Holds(t, "### A cell's file", record{})
}
