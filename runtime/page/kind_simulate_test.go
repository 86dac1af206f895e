package page

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spikec/internal/golden"
	"spikec/runtime/simulate"
	"spikec/runtime/simulate/describe"
)

// simulated writes the folder of a simulation.
func simulated(t *testing.T, description string) string {
	t.Helper()
	d, err := describe.Parse("net.yaml", []byte(description))
	if err != nil {
		t.Fatal(err)
	}
	o, err := simulate.Run(context.Background(), simulate.Request{Description: d, Tool: "spikec test"})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "sim")
	if err := o.Write(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// netText is a simulation with something of everything; its title would do harm where it is not escaped.
const netText = `simulate:
  title: '<script>alert(1)</script>'
  dt: 0.5*ms
  duration: 200*ms
  parameters: {I0: 2*nA}
  populations: {N: {n: 3, model: lif_noisy, input: {I: I0}}, M: {n: 2, model: lif_noisy, input: {I: I0}}}
  synapses: {S: {from: N, to: M, weight: 1*mV, delay: 1*ms}}
  monitors: {s: {spikes: N}, v: {state: N.V, record: 1, every: 5*ms}, r: {rate: N, smooth: 5*ms}}
  sweep: {I0: 'linspace(0*nA, 4*nA, 3)'}
  plots: [{fI: s}, {raster: s}, {trace: v}]
`

func TestSimulationPage(t *testing.T) {
	dir := simulated(t, netText)
	text := written(t, dir)
	sound(t, text)
	golden.File(t, "simulate.txt", outline(text))
	if strings.Contains(text, "<script>alert") || strings.Count(text, `<img class="plot" src="data:image/svg+xml;base64,`) != 3 {
		t.Error("the title stands there as it is, or there are not three plots")
	}
	for _, want := range []string{"spikec simulate " + dir + "/description.yaml --out DIR", "parameters: {I0: 2*nA}", "spikec test", `download="s.csv" href="data:text/csv;charset=utf-8;base64,`, `download="sweep.csv"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	k, err := simulate.LookAt(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range k.Files {
		if !strings.Contains(text, f.SHA256) {
			t.Errorf("the page lacks the SHA-256 of %s", f.Name)
		}
	}
}

// TestLargeSimulation: what is too large for a page is named.
func TestLargeSimulation(t *testing.T) {
	dir := simulated(t, netText)
	for _, name := range []string{"v.csv", "raster_s.svg", "raster_s.png"} {
		if err := os.WriteFile(filepath.Join(dir, name), make([]byte, 2<<20), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text := written(t, dir)
	for _, want := range []string{"in the folder: v.csv.", "in the folder: raster_s.svg."} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if len(text) > 3<<20 {
		t.Errorf("%d bytes", len(text))
	}
}

// TestSimulationRefused: a folder that is not whole is refused, and all that is wrong with it is named.
func TestSimulationRefused(t *testing.T) {
	dir := simulated(t, netText)
	for name, change := range map[string]func() error{
		"s.csv":  func() error { return os.Remove(filepath.Join(dir, "s.csv")) },
		"more":   func() error { return os.WriteFile(filepath.Join(dir, "more"), nil, 0o644) },
		"report": func() error { return os.WriteFile(filepath.Join(dir, "report.html"), nil, 0o644) }, // which may be there
	} {
		if err := change(); err != nil {
			t.Fatal(name, err)
		}
	}
	_, err := Of(dir, "")
	for _, want := range []string{"SPK-SIM-040", "s.csv: the file is missing", "more: is not part of the simulation"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if err != nil && strings.Contains(err.Error(), "report.html") {
		t.Errorf("the page is refused: %v", err)
	}
	for content, want := range map[string]string{
		`{"schema":"spikec/simulate/v1","more":1}`:                                                           "unknown field",
		`{"schema":"spikec/simulate/v1","monitors":[{"name":"m","file":"../m.csv"}]}`:                        "../m.csv",
		`{"schema":"spikec/simulate/v1","training":{"file":"t.csv"}}`:                                        "no error of any epoch",
		`{"schema":"spikec/simulate/v1","sweep":{"values":[1],"rates":[{"population":"N"}],"file":"s.csv"}}`: "0 rates of N for 1 values",
	} {
		bad := t.TempDir()
		if err := os.WriteFile(filepath.Join(bad, "result.json"), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Of(bad, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", content, fmt.Sprint(err), want)
		}
	}
}
