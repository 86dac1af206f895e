package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"spikec/internal/diag"
	"spikec/runtime/evaluate"
	"spikec/runtime/ladder"
)

// TestDocument: docs/chips.md has the sections of this program, in its order, and no others; what is measured has a row for every
// build.
func TestDocument(t *testing.T) {
	text, err := os.ReadFile("../../chips.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?s)<!-- BEGIN (\S+) -->\n(.*?)\n<!-- END (\S+) -->`).FindAllStringSubmatch(string(text), -1)
	if len(found) != len(sections) {
		t.Fatalf("%d sections, want %d", len(found), len(sections))
	}
	for i, m := range found {
		if m[1] != sections[i].name || m[3] != m[1] {
			t.Errorf("section %s to %s, want %s", m[1], m[3], sections[i].name)
		}
		if strings.TrimSpace(m[2]) == "Not measured yet." {
			continue
		}
		if n := len(regexp.MustCompile(`(?m)^\| (best|strict)`).FindAllString(m[2], -1)); n != len(sections[i].rows) {
			t.Errorf("%s: %d rows, want %d", m[1], n, len(sections[i].rows))
		}
	}
}

// TestText: a build and a refusal as they stand in the document.
func TestText(t *testing.T) {
	stage := func(name string, correct, n int64) ladder.Stage {
		return ladder.Stage{Stage: name, Correct: correct, N: n, Accuracy: float64(correct) / float64(n), CI95: evaluate.Wilson(correct, n)}
	}
	seed := uint64(3)
	l := &ladder.Ladder{Rules: "best", Steps: 32, Duration: 40, Data: ladder.Data{SHA256: strings.Repeat("ab", 32)}, Calibration: &ladder.Data{N: 10, Seed: &seed},
		Stages:   []ladder.Stage{stage(ladder.ANN, 90, 100), stage(ladder.SNN, 85, 100), stage(ladder.Files, 84, 100)},
		PerImage: ladder.PerImage{Cost: ladder.Cost{SynapticOperations: 2.5e6}}, Layers: []ladder.Layer{
			{Name: "input", Host: true, Cores: []int{0}},
			{Name: "relu", Neurons: 300, Cores: []int{1, 2}, Use: &ladder.Use{Neurons: 0.1, Axons: 0.2, AxonsOut: 0.3, SynapseMemory: 0.4, Bound: ladder.SynapseMemory}}}}
	l.Resources.Cores, l.Resources.CoresThere, l.Resources.Traffic = 2, 5, &ladder.Traffic{N: 20, Packets: 1234}
	s := networkOnChip{name: "net", about: "a - b", rows: []row{{"best", "average", 32}, {"best", "max", 64}}}
	text := s.text([]result{{Tool: "spikec v1", Model: strings.Repeat("cd", 32), Ladder: l},
		{Refused: refusal(diag.List{{ID: "SPK-IMG-003", Severity: diag.Error, Subject: "image", Message: "cores", Value: 9, Limit: 5, Remedy: "a smaller network"}})}})
	for _, want := range []string{
		"a - b. The ONNX network reaches 90.00 % on 100 images. Calibrated with 10 training images, seed 3. SHA-256 of the network cdcdcdcdcdcd…, of the images abababababab…. Measured by spikec v1.\n",
		"\n| best | 32 | 40 | 85.00 | **84.00** -6.00 (75.58..89.90) | 2 of 5 | 1234 | 2.5 | – |\n| best, max pooling | 64 | – | – | – | – | – | – | – |\n",
		"\n| relu | 300 | 2 | 10 % | 20 % | 30 % | 40 % | synapse memory |\n",
		"\nRules best with max pooling are refused:\n\n    error SPK-IMG-003 image: cores (9, limit 5)\n      remedy: a smaller network",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "| input |") {
		t.Errorf("the host has no cores:\n%s", text)
	}
}

// TestNothingToDo: a wrong name changes nothing.
func TestNothingToDo(t *testing.T) {
	if err := generate(t.Context(), "../../..", options{only: "none"}); err == nil || !strings.Contains(err.Error(), "no section none") {
		t.Errorf("got %v", err)
	}
}
