package convert

import (
	"fmt"
	"strings"

	"spikec/internal/diag"
)

// leastImages is how many calibration images a conversion should have: with a hundred the re-fit of small networks measured
// within a point of that with 400 (conversion reference §4.1).
const leastImages = 100

// MostImages is how many calibration images a conversion is given at most: more are not worth their time.
const MostImages = 1000

// few warns of fewer calibration images than that where something is measured or fitted on them, and as long as there are layers
// that a fit leaves near the weights before, for want of rows, and that more images would free, MostImages at most.
func few(s *State) {
	n, fits, least := s.Images.N, !s.Options.Disable["refit"] || !s.Options.Disable["rate-refit"], leastImages
	var uses []string
	if !s.given() {
		uses = append(uses, "scale factors")
	}
	if fits {
		uses = append(uses, "the re-fit")
	}
	var held []string
	for _, l := range s.studentLayers() {
		f := fitSizeOf(s, l)
		if !f.fits() || !fits {
			continue
		}
		cols := f.wide
		if s.Capabilities.Bias {
			cols++
		}
		need := (FewRows*cols + f.positions - 1) / f.positions
		if f.images*f.perImage < FewRows*cols && n < need && need <= MostImages {
			held = append(held, fmt.Sprintf("%s (%d)", s.Graph.Nodes[l.node].Name, need))
			least = max(least, need)
		}
	}
	if n >= least || uses == nil {
		return
	}
	d := diag.Diagnostic{ID: "SPK-CONV-020", Severity: diag.Warning, Subject: "calibration", Message: "few images for " + strings.Join(uses, " and "), Value: n,
		Limit: fmt.Sprint("at least ", least), Remedy: fmt.Sprintf("give %d images or more", least)}
	if len(held) > 0 {
		d.Message += "; these layers stay near the weights they had, for want of so many images: " + strings.Join(held, ", ")
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
