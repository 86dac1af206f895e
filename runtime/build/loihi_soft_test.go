package build

import (
	"context"
	"path/filepath"
	"testing"
)

// TestTwoCompartments plays the first layer of a build for loihi1-soft once more, with two compartments a neuron: one that adds up and
// keeps its voltage, and one that spikes above vth. What the spikes take off the first arrives a step later. These are the spikes of the
// build, and its membranes once that has arrived.
func TestTwoCompartments(t *testing.T) {
	const steps, images = 8, 60
	r := request(t, t.TempDir(), "loihi1-soft")
	r.Options.Steps = steps
	built(t, r)
	dir := filepath.Dir(r.Out)
	out, trace := filepath.Join(dir, "y.npz"), filepath.Join(dir, "trace.npz")
	if err := Emulate(context.Background(), EmulateRequest{Dir: r.Out, Input: filepath.Join(dir, "eval.npz"), Output: out, Trace: trace}); err != nil {
		t.Fatal(err)
	}
	l, err := load(r.Out)
	if err != nil {
		t.Fatal(err)
	}
	core := &l.img.Cores[0]
	a := arraysOf(t, trace, "spikes_0_relu1", "membranes_0_relu1")
	spikes, membranes, fired := a[0].Data, int32s(t, a[1]), 0
	for i := range images {
		for n := range core.Neurons {
			vth := core.Channel(core.Registers["vth"], n)
			var voltage, current, arrives int32
			for step := range steps {
				at := (i*steps+step)*core.Neurons + n
				if step == 0 { // a constant current, from zero: the first membrane, with what the first spike takes off it
					current = membranes[at] + int32(spikes[at])*(vth+1)<<6
				}
				voltage += current - arrives
				spike, takes := uint8(0), int32(0)
				if voltage > vth<<6 {
					spike, takes = 1, (vth+1)<<6
					fired++
				}
				if spikes[at] != spike || membranes[at] != voltage-takes {
					t.Fatalf("image %d, neuron %d, step %d: spike %d, membrane %d, two compartments give %d and %d", i, n, step, spikes[at], membranes[at], spike, voltage-takes)
				}
				arrives = takes
			}
		}
	}
	if fired == 0 {
		t.Error("nothing fired")
	}
}
