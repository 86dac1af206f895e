package convert

import (
	"fmt"
	"maps"
	"slices"

	"spikec/internal/diag"
)

// Known is what an earlier conversion of the same network measured. With it, and without the re-fits, a conversion needs no
// images.
type Known struct {
	Scales        map[string][]float64 // λ, a channel, by name of the layer
	LargestOutput float64              // Result.LargestOutput; finite, above 0
}

// known takes the scale factors of the options for those of all layers, and reports what does not fit the student.
func (s *State) known() {
	k := s.Options.Known
	wrong := func(layer, format string, args ...any) {
		s.Diagnostics.Add(diag.Diagnostic{ID: "SPK-CONV-022", Severity: diag.Error, Subject: layer, Message: fmt.Sprintf(format, args...),
			Remedy: "choose as for the conversion that measured them, or measure them again"})
	}
	rest := maps.Clone(k.Scales)
	for _, l := range s.studentLayers() {
		n := s.Graph.Nodes[l.node]
		scales, ok := rest[n.Name]
		delete(rest, n.Name)
		switch c := channels(n.Shape)[0]; {
		case !ok:
			wrong(n.Name, "there are no known scale factors for this layer")
		case len(scales) != c:
			wrong(n.Name, "there are known scale factors for %d channels, the layer has %d", len(scales), c)
		case slices.ContainsFunc(scales, func(v float64) bool { return !(v > 0 && v-v == 0) }):
			wrong(n.Name, "a known scale factor is no positive number")
		default:
			s.Scales[l.node] = slices.Clone(scales)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(rest)) {
		wrong(name, "there are known scale factors for a layer of this name, and no such layer")
	}
	if !(k.LargestOutput > 0 && k.LargestOutput-k.LargestOutput == 0) {
		wrong(s.Graph.Nodes[s.Graph.Output].Name, "the known largest output, %v, is no positive number", k.LargestOutput)
	}
	s.LargestOutput = k.LargestOutput
}
