package build

import (
	"context"
	"testing"
)

// TestSpeck builds for convolution cores, which take events one by one: all stages agree, and the answer is read from spikes. A
// network with other layers than they have is refused.
func TestSpeck(t *testing.T) {
	r := request(t, t.TempDir(), "speck2f")
	_, err := Run(context.Background(), r)
	wants(t, err, "SPK-PLACE-005 relu1 relu2 pooling", "SPK-PLACE-005 relu2 fc square")
	if r.Model, err = BundledModel("mnist_mlp_14x14"); err != nil {
		t.Fatal(err)
	}
	if r.Data, r.Calibration, err = OpenData(context.Background(), "downscale:2:mnist", "", 6); err != nil {
		t.Fatal(err)
	}
	r.Options.CalibrationLimit, r.LadderAlone = 20, true
	l, err := Run(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	addsUp(t, l)
	if l.Engine != "fast" || l.Options.Readout != "count" || l.Proof != "C" || l.Options.Encoding != "sigma-delta" {
		t.Errorf("engine %s, read-out %s, proof %s, encoding %s", l.Engine, l.Options.Readout, l.Proof, l.Options.Encoding)
	}
	if l.Last().Correct < 5 {
		t.Errorf("%d of 6 images", l.Last().Correct)
	}
	c, err := Check(context.Background(), r.Out, CheckOptions{Limit: 1, Engine: "reference"})
	if err != nil || c.Last().Correct != 1 {
		t.Fatalf("check by the reference engine: %v", err)
	}
	addsUp(t, c)
}

// TestSpinnaker builds for both chips.
func TestSpinnaker(t *testing.T) {
	for _, id := range []string{"spinnaker1", "spinnaker2", "loihi2"} {
		r := request(t, t.TempDir(), id)
		l, err := Run(context.Background(), r)
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		addsUp(t, l)
		if l.Engine != "fast" {
			t.Errorf("%s runs on engine %s", id, l.Engine)
		}
	}
}
