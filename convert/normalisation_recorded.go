package convert

import (
	"context"

	"spikec/internal/diag"
)

// recordedScale returns the largest activation that the trained network's file records for layer l (Options.Recorded), as
// quantisers do that set ranges from calibration images. A layer without a record, such as a comparison of a pool, gets
// the largest activation that its sources and weights allow (modelScale).
func recordedScale(ctx context.Context, s *State, l layer, e evidence) (float64, error) {
	name := s.Graph.Nodes[l.node].Name
	if r, ok := s.Options.Recorded[name]; ok && r[1] > 0 {
		return r[1], nil
	}
	s.Diagnostics.Warnf("SPK-CONV-023", name, "the model records no range for this layer: its scale factor is the largest activation that the weights allow")
	return modelScale(ctx, s, l, e)
}

// recorded finds the scale factors of all layers without images.
func (s *State) recorded(ctx context.Context) error {
	output := s.Graph.Nodes[s.Graph.Output]
	if len(s.Options.Recorded) == 0 {
		s.Diagnostics.Add(diag.Diagnostic{ID: "SPK-CONV-024", Severity: diag.Error, Subject: output.Name, Message: "the model records no ranges of activations",
			Remedy: "another --normalization, or a model that was quantised with static ranges"})
		return nil
	}
	for _, l := range s.studentLayers() {
		factors, err := scaleFactors(ctx, s, l, normalisationOf(s.Options), evidence{channels: make([]histogram, channels(s.Graph.Nodes[l.node].Shape)[0])})
		if err != nil {
			return err
		}
		s.Scales[l.node] = factors
	}
	r := s.Options.Recorded[output.Name]
	s.LargestOutput = max(s.Scales[s.Graph.Output][0], -r[0])
	return nil
}

// given reports whether scale factors are given, not measured.
func (s *State) given() bool { return s.Options.Known != nil || normalisationOf(s.Options).recorded }
