package page

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spikec/internal/golden"
	"spikec/runtime/build"
)

// TestConversionPage makes the pages of conversions for no target and for one, and refuses a folder that was altered.
func TestConversionPage(t *testing.T) {
	r := request(t, "loihi1")
	r.Out, r.Command[1] = filepath.Join(t.TempDir(), "snn"), "convert"
	if _, err := build.Convert(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	text := written(t, r.Out)
	sound(t, text)
	for _, never := range []string{"On the chip", "proof class", "neuron updates", "multiplications of the host"} {
		if strings.Contains(text, never) {
			t.Errorf("the page of a conversion for a chip has %q", never)
		}
	}
	r.Profile = nil
	if _, err := build.Convert(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	text = written(t, r.Out)
	sound(t, text)
	golden.File(t, "convert.txt", outline(text))
	c, err := build.LookAtConversion(r.Out)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(c.Manifest.Files, build.FileRecord{Name: "manifest.json", SHA256: c.Manifest.SHA256}) {
		if !strings.Contains(text, f.SHA256) {
			t.Errorf("the page lacks the SHA-256 of %s", f.Name)
		}
	}
	for _, want := range []string{"spikec convert &#39;a b.onnx&#39; --steps=8 --out DIR", "Energy: unknown.", "population 1 "} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if p, err := Of(r.Out, ""); err != nil || p.Beside != filepath.Join(r.Out, "report.html") {
		t.Errorf("the page goes to %+v, %v", p, err)
	}
	if err := os.WriteFile(filepath.Join(r.Out, "network.txt"), []byte("altered"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Of(r.Out, ""); err == nil || !strings.Contains(err.Error(), "SPK-FILE-004") {
		t.Errorf("of an altered folder: %v", err)
	}
}

// TestBars: bars of negative amounts stay within the plot.
func TestBars(t *testing.T) {
	for least, list := range map[float64][]bar{0: {{"a", 2, 1, 3}}, -0.5: {{"a", 0.5, 0.5, 0.5}, {"b", -0.5, -0.5, -0.5}}, -2: {{"a", -1, -2, 0}}} {
		if p := barAxes("x", list); p.X.Min != least || p.X.Max < list[0].high {
			t.Errorf("%v stand on an axis from %g to %g", list, p.X.Min, p.X.Max)
		}
	}
}
