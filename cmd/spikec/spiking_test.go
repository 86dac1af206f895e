package main

import (
	"os"
	"strings"
	"testing"

	"spikec/cmd/spikec/internal/inspect"
	"spikec/internal/golden"
	"spikec/internal/hdf5"
	"spikec/runtime/ladder"
)

// foreign are files that exporters of other tools wrote.
const foreign = "../../models/nir/testdata/foreign/"

// foreignFile copies one of them.
func foreignFile(t *testing.T, p *place, name string) {
	t.Helper()
	data, err := os.ReadFile(foreign + name)
	if err != nil {
		t.Fatal(err)
	}
	p.write(name, string(data))
}

// TestBuildSpiking takes a network of snnTorch to a chip, and checks what was written.
func TestBuildSpiking(t *testing.T) {
	p := newPlace(t)
	foreignFile(t, p, "snntorch.nir")
	build := []string{"build", "snntorch.nir", "--target", "generic8", "--data", "downscale:2:crop:22x22:mnist", "--limit", "20", "--calibration-limit", "50", "--reset", "subtract", "--out", "out"}
	l := document[ladder.Ladder](t, p.spikec(append(build, "--steps", "16", "--json")...).exits(0))
	if len(l.Stages) != 4 || l.Stages[0].Stage != ladder.SNN || l.Last().Correct < 18 || l.Steps != 16 || l.Rules != "none" || l.Options.Reset != "subtract" {
		t.Errorf("got %+v", l)
	}
	p.spikec("check", "out").exits(0)
	p.spikec("report", "out").exits(0)
	out := p.spikec(build...).exits(0).out
	if !strings.Contains(out, "snntorch on generic8, T = 32\n") || !strings.Contains(out, "there is no stage ann") || strings.Contains(out, "\nann ") || strings.Contains(out, "rules none") {
		t.Errorf("prints\n%s", out)
	}
	p.spikec(append(build, "--rules", "best", "--auto", "--normalization", "data", "--percentile", "99", "--per-channel", "--disable", "refit", "--dump-after", "refit", "--pooling", "max",
		"--pool-neurons", "--biases", "kept", "--stop-after", "refit", "--calibration-file", "x.json", "--model-output", "y")...).exits(1).
		complains("SPK-CLI-009 --model-output, --rules, --pooling, --pool-neurons, --biases, --auto, --normalization, --percentile, --per-channel, --disable, --dump-after, --stop-after, --calibration-file", "leave it out")
	p.spikec("convert", "snntorch.nir", "--data", "mnist", "--out", "no").exits(1).complains("SPK-BUILD-023 snntorch.nir", "spikec build snntorch.nir")
	p.spikec("sweep", "snntorch.nir", "--target", "generic8", "--data", "mnist", "--out", "no").exits(1).complains("SPK-BUILD-023 snntorch.nir")
	p.spikec("build", "snntorch.nir", "--target", "generic8", "--data", "mnist", "--out", "no").exits(1).complains("SPK-DATA-001 mnist", "121")
}

// TestInspectSpiking shows files of NIR, and everything that is refused of one.
func TestInspectSpiking(t *testing.T) {
	p := newPlace(t)
	foreignFile(t, p, "sinabs.nir")
	foreignFile(t, p, "snntorch.nir")
	golden.File(t, "golden/inspect_sinabs.txt", p.spikec("inspect", "sinabs.nir").exits(0).out)
	golden.File(t, "golden/inspect_snntorch.txt", p.spikec("inspect", "snntorch.nir", "--target", "speck2f").exits(0).out)
	r := document[inspect.Spiking](t, p.spikec("inspect", "sinabs.nir", "--json").exits(0))
	if len(r.Nodes) != 10 || len(r.Populations) != 4 || r.Parameters != 29826 || r.Schema != inspect.SpikingSchema || r.Populations[3].From[0] != "4" {
		t.Errorf("got %+v", r)
	}
	p.spikec("inspect", "sinabs.nir", "--rules", "best").exits(1).complains("SPK-CLI-009 --rules")
	p.spikec("inspect", "sinabs.nir", "--target", "ranc").exits(1).says("SPK-BUILD-003 --readout", "membrane", "--readout count")
	p.spikec("inspect", "sinabs.nir", "--target", "reckon").exits(1).says("SPK-PLACE-005 input/spikes")

	root, err := hdf5.Read([]byte(p.read("snntorch.nir")), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	nodes := root.Links["node"].(*hdf5.Group).Links["nodes"].(*hdf5.Group).Links
	nodes["0"].(*hdf5.Group).Links["type"] = hdf5.Scalar("Conv3d")
	nodes["1"].(*hdf5.Group).Links["tau"], nodes["1"].(*hdf5.Group).Links["r"] = hdf5.Scalar(0.02), hdf5.Scalar(200.0)
	nodes["3"] = &hdf5.Group{Links: map[string]hdf5.Node{"type": hdf5.Scalar("Threshold"), "threshold": hdf5.Scalar(1.0)}}
	data, err := hdf5.Write(root)
	if err != nil {
		t.Fatal(err)
	}
	p.write("bad.nir", string(data))
	out := p.spikec("inspect", "bad.nir").exits(1)
	golden.File(t, "golden/inspect_bad_nir.txt", out.out+out.err)
	p.spikec("build", "bad.nir", "--target", "generic8", "--data", "mnist", "--out", "no").exits(1).complains("SPK-NIR-002 0", "SPK-NIR-005 3: Threshold")
}
