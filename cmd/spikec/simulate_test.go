package main

import (
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"spikec/runtime/simulate"
)

// smallNet is a description that is quick to run.
const smallNet = `simulate:
  title: small
  dt: 1*ms
  duration: 50*ms
  populations: {N: {n: 2, model: lif, input: {I: 2*nA}}}
  monitors: {s: {spikes: N}, v: {state: N.V}}
  plots: [{raster: s}]
`

// TestSimulate runs a description and an example, prints both forms, and writes the same files twice.
func TestSimulate(t *testing.T) {
	p := newPlace(t)
	p.write("net.yaml", smallNet)
	p.spikec("simulate", "net.yaml", "--out", "a").exits(0).prints("small", "POPULATION", "N           2", "raster_s.svg", "written: a", "spikec report a")
	p.spikec("simulate", "net.yaml").exits(0).prints("nothing was written: --out DIR writes these files")
	p.spikec("simulate", "net.yaml", "--out", "b", "--quiet").exits(0).prints("small", "POPULATION")
	if names := p.names("a"); !slices.Equal(names, []string{"description.yaml", "raster_s.png", "raster_s.svg", "result.json", "results.npz", "s.csv", "v.csv"}) {
		t.Errorf("files: %v", names)
	}
	for _, name := range p.names("a") {
		if p.read("a/"+name) != p.read("b/"+name) {
			t.Errorf("%s differs between two runs", name)
		}
	}
	r := document[simulate.Result](t, p.spikec("simulate", "--example", "event", "--json", "--quiet").exits(0))
	if r.Schema != simulate.Schema || r.Engine != "events" || len(r.Populations) != 1 || r.Populations[0].Spikes != 4 {
		t.Errorf("%+v", r)
	}
	p.spikec("simulate", "--list").exits(0).prints("EXAMPLES", "izhikevich_network", "NEURON MODELS", "hindmarsh_rose", "LEARNING RULES", "triplet", "TASKS OF LEARNING", "spikeprop")
	p.write("again.yaml", p.spikec("simulate", "--example", "lif", "--print").exits(0).out)
	p.spikec("simulate", "again.yaml", "--check").exits(0).prints("again.yaml: nothing is wrong with it")
}

// TestSimulateRefused: a wrong description, a missing one, and a folder in the way.
func TestSimulateRefused(t *testing.T) {
	p := newPlace(t)
	p.write("net.yaml", strings.Replace(smallNet, "2*nA", "2*mV", 1))
	p.write("good.yaml", smallNet)
	p.spikec("simulate", "net.yaml", "--out", "a").exits(1).complains("SPK-SIM-011 net.yaml line 5, populations.N.input.I: value has the unit V, want the unit A")
	p.spikec("simulate", "none.yaml").exits(1).complains("SPK-SIM-001 none.yaml: there is no such file")
	p.spikec("simulate", "--example", "liff").exits(1).complains(`there is no example "liff"; did you mean lif?`)
	p.spikec("simulate", "good.yaml", "--out", ".").exits(1).complains("SPK-OUT-002")
	if names := p.names("."); !slices.Equal(names, []string{"good.yaml", "net.yaml"}) {
		t.Errorf("left behind: %v", names)
	}
}

// TestInterruptedSimulation sends SIGINT to a simulation at work: exit code 130, and nothing left.
func TestInterruptedSimulation(t *testing.T) {
	p := newPlace(t)
	p.write("net.yaml", strings.Replace(smallNet, "duration: 50*ms", "duration: 100000*second", 1))
	p.write("net.yaml", strings.Replace(p.read("net.yaml"), ", v: {state: N.V}", "", 1))
	cmd := p.command("simulate", "net.yaml", "--out", "a/b")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := waitForLine(stderr)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(stderr)
	_ = cmd.Wait() // its exit code says more
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted || !strings.HasSuffix(string(rest), "spikec: interrupted\n") {
		t.Errorf("exit code %d, want %d; standard error:\n%s\n%s", code, exitInterrupted, said, rest)
	}
	if left := p.names("."); !slices.Equal(left, []string{"net.yaml"}) {
		t.Errorf("left behind: %v", left)
	}
}
