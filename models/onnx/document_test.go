package onnx

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spikec/internal/golden"
	"spikec/internal/section"
)

// document compares a section of docs/onnx.md with the text; with -update it writes it.
func document(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("..", "..", "docs", "onnx.md")
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := section.Replace(string(have), map[string]string{name: text})
	if err != nil {
		t.Fatal(err)
	}
	if want == string(have) {
		return
	}
	if golden.Updating() {
		err = os.WriteFile(path, []byte(want), 0o644)
	} else {
		err = fmt.Errorf("section %q is not what the program does; go test ./models/onnx -update writes it; first difference:\n%s", name, firstDifference(string(have), want))
	}
	if err != nil {
		t.Error(err)
	}
}

// firstDifference returns the first line of two texts that differs.
func firstDifference(have, want string) string {
	a, b := strings.Split(have, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "-" + a[i] + "\n+" + b[i]
		}
	}
	return "one of them is longer"
}

// TestDocument compares what docs/onnx.md says about operators with the registry.
func TestDocument(t *testing.T) {
	var b strings.Builder
	b.WriteString("| operator | what is taken | attributes |\n|---|---|---|\n")
	for _, op := range slices.Sorted(maps.Keys(importers)) {
		i := importers[op]
		if i.about == "" {
			t.Errorf("%s: importer.about does not say what is taken", op)
		}
		known := strings.Join(slices.Sorted(slices.Values(i.attributes)), ", ")
		if len(i.old) > 0 {
			known = strings.TrimPrefix(known+"; below opset 7 also "+strings.Join(i.old, ", "), "; ")
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", op, i.about, known)
	}
	document(t, "operators", b.String())
	b.Reset()
	b.WriteString("| operator | what to do instead |\n|---|---|\n")
	for _, op := range slices.Sorted(maps.Keys(remedies)) {
		if _, taken := importers[op]; !taken {
			fmt.Fprintf(&b, "| %s | %s |\n", op, remedies[op])
		}
	}
	document(t, "refused", b.String())
}
