package build

import (
	"testing"

	"spikec/internal/described"
	"spikec/runtime/ladder"
	"spikec/runtime/sample"
)

// TestFormats compares the files of a build with docs/formats.md, key by key.
func TestFormats(t *testing.T) {
	text := described.Read(t, "../../docs/formats.md")
	text.Holds(t, "### `ladder.json`", ladder.Ladder{})
	text.Holds(t, "### `manifest.json`", Manifest{})
	text.Holds(t, "### `scales.json`", Scales{})
	text.Holds(t, "### `calibration.json`", Calibration{})
	text.Holds(t, "### `report.json`", sample.Document{})
	text.Holds(t, "### Shard", Shard{})
	text.Holds(t, "### `check --shard`", ShardSummary{})
}
