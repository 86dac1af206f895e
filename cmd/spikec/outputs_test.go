package main

import (
	"encoding/json"
	"strings"
	"testing"

	"spikec/runtime/build"
	"spikec/runtime/ladder"
)

// TestModelOutput reads a network with two outputs for each of them: its scores, and the decision made of them, which gives the
// same ladder. Both are other models to a sweep that keeps its cells.
func TestModelOutput(t *testing.T) {
	p := newPlace(t)
	p.copy("decision.onnx", "tiny.onnx")
	p.spikec(strings.Fields("convert decision.onnx --data mnist --out out")...).exits(1).complains("SPK-ONNX-031", "--model-output")
	p.spikec(strings.Fields("convert decision.onnx --data mnist --out out --model-output fc")...).exits(1).complains(`no output "fc"`)
	p.spikec("inspect", "decision.onnx", "--model-output", "class").exits(0).prints("decision", "ArgMax", "final ArgMax dropped")
	digests := map[string]bool{}
	var accuracies []float64
	for _, model := range []string{"tiny.onnx", "decision.onnx --model-output scores", "decision.onnx --model-output class"} {
		args := "build --target generic8 --data mnist --limit 50 --steps 4 --quiet --json --out out " + model
		l := document[ladder.Ladder](t, p.spikec(strings.Fields(args)...).exits(0))
		var m build.Manifest
		if err := json.Unmarshal([]byte(p.read("out/manifest.json")), &m); err != nil {
			t.Fatal(err)
		}
		digests[m.Model.SHA256] = true
		for _, s := range l.Stages {
			accuracies = append(accuracies, s.Accuracy)
		}
	}
	if len(digests) != 3 {
		t.Errorf("%d models are told apart, want 3", len(digests))
	}
	n := len(accuracies) / 3
	for i, a := range accuracies {
		if a != accuracies[i%n] || a == 0 {
			t.Fatalf("accuracies %v are not those of one network three times", accuracies)
		}
	}
}
