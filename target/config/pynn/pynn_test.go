package pynn

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"spikec/target/chip"
	"spikec/target/image"
)

func profile(t testing.TB) *chip.Profile {
	t.Helper()
	p, err := chip.Load("spinnaker1")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// sample is a source, and two layers of a matrix each, the second one on two cores.
func sample(weight func() int32) *image.Image {
	dense := func(inputs, neurons int) []image.Block {
		d := &image.Dense{Inputs: inputs, Neurons: neurons, Weight: make([]int32, inputs*neurons)}
		for i := range d.Weight {
			d.Weight[i] = weight()
		}
		return []image.Block{{Synapses: d}}
	}
	core := func(name string, shape [3]int, first, neurons, start int, synapses []image.Block) image.Core {
		return image.Core{Population: name, Shape: shape, First: first, Neurons: neurons, Start: start, Synapses: synapses,
			Registers: map[string][]int32{"v_thresh": {100}, "i_offset": {-3}}, InitialV: []int32{50}}
	}
	img := &image.Image{Chip: "spinnaker1", Steps: 4, Input: image.Input{Shape: [3]int{4, 1, 1}, Step: 1, Encoding: "bernoulli"},
		Cores: []image.Core{{Population: "x", Shape: [3]int{4, 1, 1}, Neurons: 4, Source: true, Routes: []image.Route{{Count: 4, Core: 1}}},
			core("a", [3]int{5, 1, 1}, 0, 5, 1, dense(4, 5)), core("b", [3]int{3, 1, 1}, 0, 2, 2, dense(5, 2)), core("b", [3]int{3, 1, 1}, 2, 1, 2, dense(5, 1))},
		Output: image.Output{Cores: []int{2, 3}, Classes: 3, Readout: image.Count}}
	img.Cores[1].Routes = []image.Route{{Count: 5, Core: 2}, {Count: 5, Core: 3}}
	return img
}

func TestRoundTrip(t *testing.T) {
	p := profile(t)
	rapid.Check(t, func(t *rapid.T) {
		img := sample(func() int32 { return rapid.Int32Range(-300, 300).Draw(t, "weight") })
		arrays, err := Arrays(img, p)
		if err != nil {
			t.Fatal(err)
		}
		if len(arrays) != len(Names(img.Host())) {
			t.Errorf("%d arrays", len(arrays))
		}
		back, err := Read(arrays, img.Host(), p)
		if err != nil {
			t.Fatal(err)
		}
		if d := img.Difference(back); d != "" {
			t.Error(d)
		}
	})
}

// TestScript: every array is one that the script asks for.
func TestScript(t *testing.T) {
	for _, word := range []string{"UNPROVEN", `_v_thresh"`, `_i_offset"`, `_v_init"`, `_synapses"`, `net["routes"]`, "IFTruncDelta", "FromListConnector"} {
		if !strings.Contains(string(Script), word) {
			t.Errorf("the script has no %s", word)
		}
	}
}

func TestRefused(t *testing.T) {
	p := profile(t)
	img := sample(func() int32 { return 7 })
	img.Cores[1].Registers["other"] = []int32{1}
	if _, err := Arrays(img, p); err == nil || !strings.Contains(err.Error(), "register other") {
		t.Errorf("got %v", err)
	}
	for want, change := range map[string]func(a map[string]Array){
		"no such array":     func(a map[string]Array) { delete(a, "core1_v_init") },
		"shape":             func(a map[string]Array) { a["core1_v_init"] = Array{[]int{4}, make([]int32, 4)} },
		"values for":        func(a map[string]Array) { a["routes"] = Array{[]int{9, 5}, make([]int32, 5)} },
		"neuron 5 of 5":     func(a map[string]Array) { a["core1_synapses"].Values[1] = 5 },
		"not in this order": func(a map[string]Array) { a["core1_synapses"].Values[0] = 3 },
		"core 9":            func(a map[string]Array) { a["routes"].Values[0] = 9 },
		"SPK-IMG-001":       func(a map[string]Array) { a["routes"].Values[3] = 77 },
		"SPK-IMG-012":       func(a map[string]Array) { a["core1_synapses"].Values[2] = 1 << 20 },
		"which 13 are":      func(a map[string]Array) { a["more"] = Array{} },
	} {
		img := sample(func() int32 { return 7 })
		arrays, err := Arrays(img, p)
		if err != nil {
			t.Fatal(err)
		}
		change(arrays)
		if _, err := Read(arrays, img.Host(), p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	p := profile(f)
	host := sample(func() int32 { return 7 }).Host()
	f.Add(int32(0), int32(1), int32(7), int32(4), int32(1), int32(0))
	f.Add(int32(-1), int32(9), int32(1<<30), int32(-4), int32(1<<31-1), int32(-1<<31))
	f.Fuzz(func(t *testing.T, axon, neuron, weight, count, core, first int32) {
		arrays, err := Arrays(sample(func() int32 { return 7 }), p)
		if err != nil {
			t.Fatal(err)
		}
		copy(arrays["core2_synapses"].Values, []int32{axon, neuron, weight})
		copy(arrays[routes].Values, []int32{0, first, count, core})
		back, err := Read(arrays, host, p)
		if err != nil {
			return
		}
		if _, err := Arrays(back, p); err != nil {
			t.Error(err)
		}
	})
}
