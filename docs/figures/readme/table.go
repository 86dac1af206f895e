package main

import (
	"fmt"
	"strings"

	"spikec/runtime/ladder"
)

// table prints one row a result.
func table(results []*ladder.Ladder) string {
	var b strings.Builder
	b.WriteString("| network | target | rules | T | images | ONNX | rules alone | re-fitted | files, emulated | against ONNX | synaptic operations an image |\n")
	b.WriteString("|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, l := range results {
		last := l.Last()
		ann, _ := l.Stage(ladder.ANN)
		tailored, _ := l.Stage(ladder.Tailored)
		naive := "–"
		if l.Naive != nil {
			naive = percent(l.Naive.Accuracy)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %d | %d | %s | %s | %s | **%s** | %+.2f | %.0f |\n", l.Model, l.Target, l.Rules, l.Steps, last.N,
			percent(ann.Accuracy), naive, percent(tailored.Accuracy), percent(last.Accuracy), 100*(last.Accuracy-ann.Accuracy), l.PerImage.SynapticOperations)
	}
	return b.String()
}

// percent prints a share with two digits.
func percent(share float64) string { return fmt.Sprintf("%.2f %%", 100*share) }
