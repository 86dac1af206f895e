package ladder

import (
	"encoding/json"
	"testing"

	"spikec/internal/golden"
)

// TestAutoJSON: the form of what was tried is a promise, too.
func TestAutoJSON(t *testing.T) {
	share := 0.75
	text, err := json.MarshalIndent(Auto{Seed: 3, Fitted: 200, N: 100, Stage: Image, Flags: "--auto=false --pooling max", Candidates: []Candidate{
		{Name: "default", About: "why", Flags: "--auto=false --pooling max", Agreement: &share, Agreed: 75, SynapticOperations: 1234.5, Chosen: true},
		{Name: "average pooling", About: "why not", Flags: "--auto=false --pooling average", Refused: "error SPK-PLACE-001 conv: does not fit"},
	}}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden.File(t, "auto.json", string(text)+"\n")
}
