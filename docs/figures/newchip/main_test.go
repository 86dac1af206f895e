package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spikec/target/chip"
)

// TestExample: the document shows the profile as it is, which loads; the one with mistakes does not.
func TestExample(t *testing.T) {
	docs := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(docs, "newchip", "kolibri1.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile(filepath.Join(docs, "new-chip.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(document), strings.TrimSpace(string(text))) {
		t.Error("docs/new-chip.md shows another profile: go run ./docs/figures/newchip writes it anew")
	}
	if _, err := chip.Load(filepath.Join(docs, "newchip", "kolibri1.yaml")); err != nil {
		t.Error(err)
	}
	if _, err := chip.Load(filepath.Join(docs, "newchip", "kolibri2.yaml")); err == nil || strings.Count(err.Error(), "SPK-CHIP") != 4 {
		t.Errorf("four mistakes give %v", err)
	}
}

func TestShown(t *testing.T) {
	if got, want := shown("a b", "1 \n2\n3\n", 2), "```\n$ a b\n1\n2\n…\n```\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
