package convert

import (
	"context"
	"errors"
	"slices"
	"testing"

	"spikec/internal/diag"
	"spikec/models/ann"
)

// TestRecordedRangesNeedNoImages: scale factors are the largest recorded values, bounded by the rectifier; a layer without
// a record gets what its weights allow, and a warning; nothing looks at an image.
func TestRecordedRangesNeedNoImages(t *testing.T) {
	s := newSketch(t, 5, 2, 3, 3)
	s.add(s.conv(2, 3, 1, oneTap(), true))
	s.add(ann.Relu{})
	s.add(s.conv(3, 2, 1, oneTap(), true))
	s.add(ann.Clip{Min: 0, Max: 6})
	s.add(&ann.Conv{Weight: []float32{1, -1, 0, 0.5}, Bias: []float32{0.25, -1}, In: 2, Out: 2, Groups: 1, Window: oneTap()})
	s.add(ann.Relu{})
	s.add(ann.Flatten{})
	s.add(s.linear(18, 3, true))
	opt := options(Best, 16)
	opt.Normalization, opt.PerChannel = "recorded", false
	opt.Disable = map[string]bool{"refit": true, "rate-refit": true}
	opt.Recorded = map[string][2]float64{"Relu2": {0, 1.5}, "Clip4": {0, 8}, "Linear8": {-4, 2.5}}
	run := func() (*Result, error) {
		return Run(context.Background(), s.g, unit, Images{}, Capabilities{Bias: true, PerNeuronThreshold: true}, opt)
	}
	res, err := run()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{"Relu2": 1.5, "Clip4": 6, "Relu6": 6.25, "Linear8": 2.5}
	for _, l := range res.Layers {
		if scale := res.Network.Populations[l.Population].Scale; slices.Max(scale) != want[l.Name] || slices.Min(scale) != want[l.Name] {
			t.Errorf("%s: scale %v, want %v", l.Name, scale, want[l.Name])
		}
	}
	if len(res.Layers) != len(want) || res.LargestOutput != 4 {
		t.Errorf("%d layers, largest output %v", len(res.Layers), res.LargestOutput)
	}
	if !slices.ContainsFunc(res.Diagnostics, func(d diag.Diagnostic) bool { return d.ID == "SPK-CONV-023" && d.Subject == "Relu6" }) {
		t.Errorf("no warning of the layer without a record: %v", res.Diagnostics)
	}
	opt.Recorded = nil
	_, err = run()
	var f *diag.Failure
	if !errors.As(err, &f) || f.List[len(f.List)-1].ID != "SPK-CONV-024" {
		t.Errorf("without records: %v", err)
	}
}
