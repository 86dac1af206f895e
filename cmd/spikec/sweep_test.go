package main

import (
	"strings"
	"testing"

	"spikec/runtime/sweep"
)

// sweepTiny is a sweep of four cells, one of which cannot be built.
var sweepTiny = []string{"sweep", "tiny.onnx", "--target", "generic4", "--target", "generic8", "--steps", "4", "--bits", "8,4", "--data", "mnist", "--limit", "20", "--quiet"}

func TestSweep(t *testing.T) {
	p := newPlace(t)
	p.copy("tiny.onnx")
	args := append(sweepTiny, "--out", "out")
	r := p.spikec(append(args, "--json")...).exits(0)
	result := document[sweep.Result](t, r)
	var cells []string
	for i := range result.Cells {
		c := &result.Cells[i]
		cells = append(cells, c.String())
		if c.Failed != (c.Target == "generic4" && c.Bits == 8) {
			t.Errorf("%s: failed is %v", c, c.Failed)
		}
	}
	want := "generic4, strict, T = 4, 8 bits; generic4, strict, T = 4, 4 bits; generic8, strict, T = 4, 8 bits; generic8, strict, T = 4, 4 bits"
	if got := strings.Join(cells, "; "); got != want || result.Schema != sweep.Schema || result.Model.Name != "tiny" {
		t.Errorf("got %s of %+v, want %s", got, result.Model, want)
	}
	if r.out != p.read("out/results.json") {
		t.Error("--json prints something else than what is in results.json")
	}
	if csv := p.spikec(append(args, "--csv")...).exits(0); csv.out != p.read("out/results.csv") {
		t.Error("--csv prints something else than what is in results.csv")
	}
	p.spikec(args...).exits(0).prints("generic8", "front of cost", "front of steps", "cannot be built: generic4, strict, T = 4, 8 bits", "SPK-BUILD-003")
}

func TestSweepRefused(t *testing.T) {
	p := newPlace(t)
	p.copy("tiny.onnx")
	p.spikec("sweep", "nowhere.onnx", "--target", "generic9", "--data", "mnist").exits(1).complains("nowhere.onnx", "generic9")
	p.spikec("sweep", "tiny.onnx", "--target", "generic4", "--bits", "5,6", "--readout-delay", "50", "--data", "mnist", "--out", "out").exits(1).
		complains("weights of 5 bits", "weights of 6 bits", "--readout-delay")
	small := []string{"sweep", "tiny.onnx", "--target", "reckon", "--steps", "4,8", "--data", "mnist", "--limit", "10", "--calibration-limit", "20", "--quiet"}
	if r := p.spikec(small...).exits(1).prints("SPK-PLACE-005").says("SPK-SWEEP-003", "none of the 2 cells can be built"); strings.Contains(r.err, "SPK-PLACE") {
		t.Errorf("what is wrong with cells is said twice: %s", r.err)
	}
	p.spikec(append(small, "--csv")...).exits(1).says("SPK-PLACE-005")
	p.spikec("sweep", "tiny.onnx", "--target", "generic4", "--data", "mnist", "--out", ".").exits(1).complains("SPK-SWEEP-001")
	if left := p.names("."); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

// TestSweepConfig holds that lists can stand in a configuration file.
func TestSweepConfig(t *testing.T) {
	p := newPlace(t)
	p.copy("tiny.onnx")
	p.write("spikec.yaml", "steps: [4, 2]\nbits: 8, 4\nrules: best\ntarget: [generic8]\npercentile: 99\ndata: mnist\nlimit: 10\n")
	result := document[sweep.Result](t, p.spikec("sweep", "tiny.onnx", "--bits", "3", "--json", "--quiet").exits(0))
	var cells []string
	for i := range result.Cells {
		cells = append(cells, result.Cells[i].String())
	}
	if got, want := strings.Join(cells, "; "), "generic8, best, percentile 99, T = 4, 3 bits; generic8, best, percentile 99, T = 2, 3 bits"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
