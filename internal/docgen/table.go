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

// replace puts each section between its markers; other sections stay. Every section needs its markers, once.
func replace(document string, sections map[string]string) (string, error) {
	for name, text := range sections {
		begin, end := "<!-- BEGIN "+name+" -->\n", "<!-- END "+name+" -->"
		before, rest, ok := strings.Cut(document, begin)
		_, after, closed := strings.Cut(rest, end)
		if !ok || !closed || strings.Contains(after, begin) {
			return "", fmt.Errorf("the document has no section, or several, between %q and %q", strings.TrimSpace(begin), end)
		}
		document = before + begin + "\n" + text + "\n" + end + after
	}
	return document, nil
}
