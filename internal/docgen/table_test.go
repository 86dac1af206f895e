package main

import (
	"strings"
	"testing"

	"spikec/runtime/ladder"
)

func TestReplace(t *testing.T) {
	document := "a\n<!-- BEGIN x -->\nold\n<!-- END x -->\nb\n"
	got, err := replace(document, map[string]string{"x": "new\n"})
	if want := "a\n<!-- BEGIN x -->\n\nnew\n\n<!-- END x -->\nb\n"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if again, err := replace(got, map[string]string{"x": "new\n"}); err != nil || again != got {
		t.Errorf("a second time: got %q, %v, want no change", again, err)
	}
	if _, err := replace(document, map[string]string{"y": ""}); err == nil {
		t.Error("a section without markers: want an error")
	}
	if _, err := replace(document+document, map[string]string{"x": ""}); err == nil {
		t.Error("a section with its markers twice: want an error")
	}
}

func TestTable(t *testing.T) {
	l := &ladder.Ladder{Model: "net", Target: "chip", Rules: "strict", Steps: 8, Stages: []ladder.Stage{
		{Stage: ladder.ANN, Accuracy: 0.99, N: 100}, {Stage: ladder.Files, Accuracy: 0.97, N: 100}}}
	want := "| net | chip | strict | 8 | 100 | 99.00 % | – | 0.00 % | **97.00 %** | -2.00 | 0 |\n"
	if got := table([]*ladder.Ladder{l}); !strings.HasSuffix(got, want) {
		t.Errorf("got\n%s\nwant a last line\n%s", got, want)
	}
}
