package convert

import (
	"fmt"
	"strings"

	"spikec/internal/diag"
)

// leastImages is how many calibration images a conversion should have: with a hundred the re-fit of small networks measured
// within a point of that with 400 (conversion reference §4.1).
const leastImages = 100

// few warns of fewer calibration images than that where something is measured or fitted on them, and says which layers a fit
// then leaves near the weights before, for want of rows, and how many images would do.
func few(s *State) {
	n, fits := s.Images.N, !s.Options.Disable["refit"] || !s.Options.Disable["rate-refit"]
	var uses []string
	if !s.given() {
		uses = append(uses, "scale factors")
	}
	if fits {
		uses = append(uses, "the re-fit")
	}
	if n >= leastImages || uses == nil {
		return
	}
	var held []string
	for _, l := range s.studentLayers() {
		f := fitSizeOf(s, l)
		if f.columns == 0 || !fits {
			continue
		}
		cols := f.columns / f.blocks
		if s.Capabilities.Bias {
			cols++
		}
		if n*f.perImage < FewRows*cols {
			held = append(held, fmt.Sprintf("%s (%d)", s.Graph.Nodes[l.node].Name, (FewRows*cols+f.positions-1)/f.positions))
		}
	}
	d := diag.Diagnostic{ID: "SPK-CONV-020", Severity: diag.Warning, Subject: "calibration", Message: "few images for " + strings.Join(uses, " and "), Value: n,
		Limit: fmt.Sprint("at least ", leastImages), Remedy: fmt.Sprintf("give %d images or more", leastImages)}
	if len(held) > 0 {
		d.Message += "; layers that stay near the weights they had, and with how many images they would not: " + strings.Join(held, ", ")
	}
	s.Diagnostics.Add(d)
}

// allFinite reports whether no number is NaN or infinite.
func allFinite(v []float32) bool {
	for _, x := range v {
		if x-x != 0 {
			return false
		}
	}
	return true
}
