package emulator_test

import (
	"slices"
	"strings"
	"testing"

	"spikec/emulator"
	"spikec/target/chip"
	"spikec/target/image"
)

// changed returns a bundled profile with some of it changed.
func changed(t *testing.T, id string, change func(p *chip.Profile)) *chip.Profile {
	t.Helper()
	p, err := chip.Load(id)
	if err != nil {
		t.Fatal(err)
	}
	change(p)
	return p
}

// dense is a block of a memory with a full matrix.
func dense(name string, firstAxon, neurons int, weights ...int32) image.Block {
	return image.Block{Name: name, FirstAxon: firstAxon, Synapses: &image.Dense{Inputs: len(weights) / neurons, Neurons: neurons, Weight: weights}}
}

// twoMemories adds the weights of memories p and q of one source in 4 bits before the membrane takes them in 5 bits, and
// those of r into o, which halves in every step. Nothing fires.
func twoMemories(p *chip.Profile) {
	p.Program = []chip.MicroOp{
		{Op: "integrate", From: "p, q", Into: "v", Order: "ascending_source", Shift: "s_p, s_q", Combine: "sat4", Arith: "sat5"},
		{Op: "integrate", From: "r", Into: "o", Order: "ascending_source", Arith: "int"},
		{Op: "fire", Var: "v", Compare: "ge", Against: "thr"},
		{Op: "decay", Var: "o", Mul: "1", Shift: "1", Round: "floor", Arith: "int"},
		{Op: "emit", To: "r"},
	}
	p.Registers.Constants = map[string]int32{"s_p": 0, "s_q": 0}
	p.State.O = &chip.Variable{Bits: 16, Signed: true, Min: -32768, Max: 32767, Overflow: "saturate"}
	p.Execution.Latency = 1
}

// TestCombine: of two memories, the weights of one source are added and limited before the membrane takes them, source by
// source. Memory p has the axons 0..1, q and r have 2..3. By hand: v in 5 bits, sums of a source in 4 bits, p shifted by 1.
func TestCombine(t *testing.T) {
	for _, c := range []struct {
		name    string
		arrived []int   // axons
		v, o    []int64 // after one step
	}{
		{"one memory alone", []int{0}, []int64{2 * 3, 2 * -4}, []int64{0, 0}},
		{"the other alone", []int{2}, []int64{7, -1}, []int64{10 / 2, -11/2 - 1}},
		{"a source in both", []int{0, 2}, []int64{7, -8}, []int64{5, -6}},               // 6+7 → 7, −8−1 → −8
		{"two sources, one by one", []int{0, 3}, []int64{6 + 2, -8 - 7}, []int64{0, 1}}, // no sum leaves 4 bits
		{"all", []int{0, 1, 2, 3}, []int64{7 + 7, -8 - 8}, []int64{5, -5}},              // source 1: 2·3+2 → 7, 2·−2−7 → −8
		{"twice on one axon", []int{1, 1}, []int64{7, -8}, []int64{0, 0}},               // 2·(2·3) → 7, 2·(2·−2) = −8
		{"a spike of one and of another memory, limited apart", []int{1, 2}, []int64{6 + 7, -4 - 1}, []int64{5, -6}},
	} {
		p := changed(t, "generic8", twoMemories)
		s, err := emulator.NewStepper([]image.Core{{Population: "x", Shape: [3]int{2, 1, 1}, Neurons: 2,
			Registers: map[string][]int32{"thr": {100}, "bias": {0}, "s_p": {1}, "s_q": {0}},
			Synapses:  []image.Block{dense("p", 0, 2, 3, -4, 3, -2), dense("q", 2, 2, 7, -1, 2, -7), dense("r", 2, 2, 10, -11, 0, 2)}}}, p)
		if err != nil {
			t.Fatal(err)
		}
		var seen []int64 // o behind operation 1, before it halves
		s.Observe = func(core, operation int) {
			if core == 0 && operation == 1 {
				seen, _ = s.Values(0, "o")
			}
		}
		for _, axon := range c.arrived {
			if err := s.Send(0, axon); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Step(); err != nil {
			t.Fatal(err)
		}
		v, _ := s.Values(0, "v")
		o, _ := s.Values(0, "o")
		if !slices.Equal(v, c.v) || !slices.Equal(o, c.o) {
			t.Errorf("%s: v %v, o %v, want %v and %v", c.name, v, o, c.v, c.o)
		}
		for n := range seen {
			if seen[n]>>1 != o[n] {
				t.Errorf("%s: o %v before it halves and %v after", c.name, seen, o)
			}
		}
	}
}

// TestDelayAndMerge: a route's delay adds to the latency of 1, spikes from outside may be sent ahead, and where the chip
// merges, two spikes on one axon in one step are one.
func TestDelayAndMerge(t *testing.T) {
	for _, merge := range []bool{false, true} {
		p := changed(t, "ranc", func(p *chip.Profile) { p.Execution.Merge = merge })
		// Axon 0 fires neuron 0, which sends to axon 1 three steps after; axon 1 leaves a trace in neuron 1, which never fires.
		s, err := emulator.NewStepper([]image.Core{{Population: "x", Shape: [3]int{2, 1, 1}, Neurons: 2,
			Registers: map[string][]int32{"pos": {5, 100}, "neg": {-256}, "leak": {0}, "reset": {0}, "reset_value": {0}},
			Synapses:  []image.Block{dense("", 0, 2, 5, 0, 0, 7)},
			Routes:    []image.Route{{Count: 1, Axon: 1, Delay: 2}}}}, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, send := range [][2]int{{0, 0}, {1, 3}, {1, 14}} {
			if err := s.SendLater(0, send[0], send[1]); err != nil {
				t.Fatal(err)
			}
		}
		both := int64(14) // the neuron's spike of step 0 arrives in step 3, with one from outside
		if merge {
			both = 7
		}
		want := []int64{0, 0, 0, both, both, both, both, both, both, both, both, both, both, both, both + 7}
		for step, w := range want {
			if err := s.Step(); err != nil {
				t.Fatal(err)
			}
			if v, _ := s.Values(0, "v"); v[1] != w {
				t.Errorf("merge %v, step %d: membrane %d, want %d", merge, step, v[1], w)
			}
		}
		if err := s.SendLater(0, 0, 15); err == nil || !strings.Contains(err.Error(), "delay of 15: want 0..14") {
			t.Errorf("a delay of 15: %v", err)
		}
	}
}

// TestMergeInImages: the engines merge too, and the fast one leaves what it does not merge to the other.
func TestMergeInImages(t *testing.T) {
	p, err := chip.Load("ranc")
	if err != nil {
		t.Fatal(err)
	}
	registers := map[string][]int32{"pos": {1}, "neg": {-256}, "leak": {1}, "reset": {0}, "reset_value": {0}}
	quiet := map[string][]int32{"pos": {255}, "neg": {-256}, "leak": {0}, "reset": {0}, "reset_value": {0}}
	img := &image.Image{Chip: "ranc", Steps: 3, Input: image.Input{Shape: [3]int{1, 1, 1}, Step: 1, Encoding: "regular"},
		Cores: []image.Core{
			{Population: "a", Shape: [3]int{1, 1, 1}, Neurons: 1, Registers: registers, Routes: []image.Route{{Count: 1, Core: 1}, {Count: 1, Core: 1}}},
			{Population: "b", Shape: [3]int{1, 1, 1}, Neurons: 1, Start: 1, Registers: quiet, Synapses: []image.Block{{Synapses: &image.Identity{N: 1}}}},
		},
		Output: image.Output{Cores: []int{1}, Classes: 1, Readout: image.Membrane}}
	e, err := emulator.NewReference(img, p)
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.NewSession().Run([]uint8{0}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Potentials[len(r.Potentials)-1][0]; got != 3 {
		t.Errorf("two routes to one axon in 3 steps: %d, want 3 spikes", got)
	}
	if _, err := emulator.NewFast(img, p); err == nil || !strings.Contains(err.Error(), "which the chip merges") {
		t.Errorf("the fast engine: %v", err)
	}
}

// TestStepperRefusesMemories: memories and delays that the chip does not have.
func TestStepperRefusesMemories(t *testing.T) {
	p := changed(t, "generic8", twoMemories)
	core := func(c image.Core) image.Core {
		c.Population, c.Shape, c.Neurons = "x", [3]int{1, 1, 1}, 1
		c.Registers = map[string][]int32{"thr": {1}, "bias": {0}, "s_p": {0}, "s_q": {0}}
		return c
	}
	for _, c := range []struct {
		core image.Core
		want string
	}{
		{core(image.Core{Synapses: []image.Block{dense("z", 0, 1, 1)}}), `synapses in a memory "z": the chip has ["p" "q" "r"]`},
		{core(image.Core{Synapses: []image.Block{dense("p", 0, 1, 1)}, Routes: []image.Route{{Count: 1, Delay: 1}}}), "the chip has delays of 0..0"},
	} {
		if _, err := emulator.NewStepper([]image.Core{c.core}, p); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	late := changed(t, "generic8", func(p *chip.Profile) { p.Delay.Max = 1 << 20 })
	if _, err := emulator.NewStepper([]image.Core{core(image.Core{})}, late); err == nil || !strings.Contains(err.Error(), "delays of 0..1048576") {
		t.Errorf("delays without bound: %v", err)
	}
}
