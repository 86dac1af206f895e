package emulator_test

import (
	"slices"
	"strings"
	"testing"

	"spikec/emulator"
	"spikec/target/chip"
	"spikec/target/image"
)

// ring is a core of two neurons of loihi1-nengo that send to each other, and one axon from outside to the first: a spike is
// worth 64·64, the threshold is 63·64, so that one spike fires a neuron.
func ring(routes ...image.Route) image.Core {
	return image.Core{Population: "ring", Shape: [3]int{2, 1, 1}, Neurons: 2,
		Registers: map[string][]int32{"vth": {63}, "bias_mant": {0}, "bias_exp": {0}, "weight_exp": {0}, "du": {4095}, "dv": {0},
			"vmin": {-1 << 20}, "vmax": {1 << 20}, "refract_delay": {1}},
		Synapses: []image.Block{{Synapses: &image.Dense{Inputs: 3, Neurons: 2, Weight: []int32{64, 0, 64, 0, 0, 64}}}},
		Routes:   routes}
}

// TestStepper follows one spike around a ring of two neurons: a step a hop.
func TestStepper(t *testing.T) {
	p, err := chip.Load("loihi1-nengo")
	if err != nil {
		t.Fatal(err)
	}
	// Neuron 0 sends to axon 2, which reaches neuron 1, and neuron 1 to axon 1, which reaches neuron 0.
	s, err := emulator.NewStepper([]image.Core{ring(image.Route{First: 0, Count: 1, Axon: 2}, image.Route{First: 1, Count: 1, Axon: 1})}, p)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(0, 0); err != nil {
		t.Fatal(err)
	}
	for step, want := range [][]int8{{1, 0}, {0, 1}, {1, 0}, {0, 1}} {
		if err := s.Step(); err != nil {
			t.Fatal(err)
		}
		if got := s.Spikes(0); !slices.Equal(got, want) {
			t.Errorf("step %d: spikes %v, want %v", step, got, want)
		}
		u, ok := s.Values(0, "u")
		if wantU := []int64{4096 * int64(want[0]), 4096 * int64(want[1])}; !ok || !slices.Equal(u, wantU) {
			t.Errorf("step %d: currents %v, want %v", step, u, wantU)
		}
		if v, _ := s.Values(0, "v"); !slices.Equal(v, []int64{0, 0}) {
			t.Errorf("step %d: membranes %v after the reset", step, v)
		}
	}
	if _, ok := s.Values(0, "vth"); ok {
		t.Error("a register is no variable")
	}
}

// TestStepperRefuses: what leads out of bounds, or back in time, is an error.
func TestStepperRefuses(t *testing.T) {
	nengo, err := chip.Load("loihi1-nengo")
	if err != nil {
		t.Fatal(err)
	}
	staged, err := chip.Load("generic8-staged")
	if err != nil {
		t.Fatal(err)
	}
	generic, err := chip.Load("generic8")
	if err != nil {
		t.Fatal(err)
	}
	short := ring()
	short.Registers["vth"] = []int32{1, 2, 3}
	for _, c := range []struct {
		name string
		core image.Core
		chip *chip.Profile
		want string
	}{
		{"two stages", ring(), staged, "not emulated step by step"},
		{"a route to itself at once", image.Core{Population: "x", Shape: [3]int{1, 1, 1}, Neurons: 1, Registers: map[string][]int32{"thr": {1}, "bias": {0}},
			Synapses: []image.Block{{Synapses: &image.Identity{N: 1}}}, Routes: []image.Route{{Count: 1}}}, generic, "latency of 0"},
		{"a route to nowhere", ring(image.Route{Count: 2, Axon: 2}), nengo, "axons"},
		{"a register that is too long", short, nengo, "register vth"},
	} {
		if _, err := emulator.NewStepper([]image.Core{c.core}, c.chip); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	s, err := emulator.NewStepper([]image.Core{ring()}, nengo)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][2]int{{1, 0}, {-1, 0}, {0, 3}, {0, -1}} {
		if s.Send(bad[0], bad[1]) == nil {
			t.Errorf("a spike for core %d, axon %d", bad[0], bad[1])
		}
	}
}
