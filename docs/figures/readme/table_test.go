package main

import (
	"strings"
	"testing"

	"spikec/runtime/ladder"
)

func TestTable(t *testing.T) {
	l := &ladder.Ladder{Model: "net", Target: "chip", Rules: "strict", Steps: 8, Stages: []ladder.Stage{
		{Stage: ladder.ANN, Accuracy: 0.99, N: 100}, {Stage: ladder.Files, Accuracy: 0.97, N: 100}}}
	want := "| net | chip | strict | 8 | 100 | 99.00 % | – | 0.00 % | **97.00 %** | -2.00 | 0 |\n"
	if got := table([]*ladder.Ladder{l}); !strings.HasSuffix(got, want) {
		t.Errorf("got\n%s\nwant a last line\n%s", got, want)
	}
}
