package image

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spikec/internal/golden"
	"spikec/internal/window"
	"spikec/target/chip"
)

// loihiSample returns an image that fits loihi1 exactly at several limits: sums of absolute weights of 32767 units or
// less, a bias of 13 bits with its drive.
func loihiSample() *Image {
	registers := func(thr int32) map[string][]int32 {
		return map[string][]int32{"vth": {thr}, "bias_mant": {95}, "weight_exp": {0}, "du": {4095}, "dv": {0}, "bias_exp": {6}}
	}
	w := window.Square(1, 1)
	weights := make([]int32, 128)
	for i := range weights {
		weights[i] = 254
	}
	return &Image{Chip: "loihi1", Steps: 8,
		Input: Input{Shape: [3]int{1, 8, 16}, Step: 1, Encoding: "constant", Drives: []Drive{{Cores: []int{0}, Register: "bias_mant", Shift: 4,
			Synapses: &Conv2d{In: [3]int{1, 8, 16}, Out: [3]int{1, 8, 16}, Neurons: 128, Window: w, Groups: 1, Weight: []int32{250}}}}},
		Cores: []Core{
			{Population: "first", Shape: [3]int{1, 8, 16}, Neurons: 128, Registers: registers(131071), Routes: []Route{{Count: 128, Core: 1}}},
			{Population: "second", Shape: [3]int{2, 1, 1}, Neurons: 2, Start: 1, Registers: registers(1),
				Synapses: []Block{{Synapses: &Dense{Inputs: 128, Neurons: 2, Weight: slices.Concat(weights, weights)}}}},
		},
		Output: Output{Cores: []int{1}, Classes: 2, Readout: "membrane"}}
}

func TestSamplesFit(t *testing.T) {
	for _, m := range []*Image{sample(), loihiSample()} {
		if l, _ := Check(m, profile(t, m.Chip)); len(l) > 0 {
			t.Errorf("%s: %v", m.Chip, l)
		}
	}
}

func TestResources(t *testing.T) {
	_, r := Check(sample(), profile(t, "generic4"))
	// conv2's kernel: 24 weights, none 0 (i·37 mod 255 is 127 first for i = 196); it covers 2·2 positions of the picture a
	// tap, so 3·2·4 synapses of each of 8 neurons: 192. hidden: axons 0, 2, 5, 6 with two synapses (a zero is none),
	// axons 1, 4, 7 with one: 11. output: 18 and 3. Stored: 24 + 4 + 18 of 4 bits: 12 + 2 + 9 bytes.
	want := Resources{Cores: 5, Neurons: 77, Synapses: 192 + 11 + 18 + 3, StoredWeights: 46, WeightBytes: 23, SynapseBits: 184,
		MaxNeurons: 36, MaxAxonsIn: 60, MaxAxonsOut: 36, MaxSynapseBits: 96}
	if d := cmp.Diff(want, r); d != "" {
		t.Error(d)
	}
}

// The diagnostics are in testdata/check.txt.
func TestCheck(t *testing.T) {
	few := func(n int) *int { return &n }
	var b strings.Builder
	for _, c := range []struct {
		name    string
		image   func() *Image
		breakIt func(m *Image, p *chip.Profile)
	}{
		{"no answer before the last step", sample, func(m *Image, p *chip.Profile) {
			p.Execution.Stages, m.Output.Delay, m.Output.EarlyExit = 2, 1, ExitExact
		}},
		{"an image that is none", sample, func(m *Image, _ *chip.Profile) { m.Steps = 0 }},
		{"another chip", sample, func(m *Image, _ *chip.Profile) { m.Chip = "generic4" }},
		{"everything too small", sample, func(_ *Image, p *chip.Profile) {
			p.Capacity = chip.Capacity{Cores: few(4), Neurons: few(23), AxonsIn: few(8), AxonsOut: few(23), SynapseBits: few(100), FanIn: few(2), FanOut: few(2), Targets: few(1)}
		}},
		{"limits met exactly", sample, func(_ *Image, p *chip.Profile) {
			p.Capacity = chip.Capacity{Cores: few(5), Neurons: few(36), AxonsIn: few(60), AxonsOut: few(36), SynapseBits: few(192), FanIn: few(24), FanOut: few(8), Targets: few(2)}
		}},
		{"weights", loihiSample, func(m *Image, _ *chip.Profile) {
			copy(m.Cores[1].Synapses[0].Synapses.(*Dense).Weight, []int32{256, -258, 3})
		}},
		{"an identity on a chip of even weights", loihiSample, func(m *Image, _ *chip.Profile) {
			m.Cores[1].Synapses[0].Synapses = &Identity{N: 2}
			m.Cores[0].Routes[0].Count = 2
		}},
		{"registers", sample, func(m *Image, _ *chip.Profile) {
			delete(m.Cores[4].Registers, "thr")
			m.Cores[3].Registers["leak"] = []int32{1}
		}},
		{"thresholds", sample, func(m *Image, _ *chip.Profile) {
			m.Cores[3].Registers["thr"] = []int32{1, 0, -5, 32768, 32767, 1}
			m.Cores[2].Registers["thr"] = []int32{1}
		}},
		{"one threshold a layer, and few of them", sample, func(m *Image, p *chip.Profile) {
			m.Cores[1].Registers["thr"] = []int32{101}
			p.Threshold.Scope, p.Capacity.ThresholdConfigs = "layer", few(2)
		}},
		{"one threshold a pair", sample, func(m *Image, p *chip.Profile) {
			m.Cores[2].Registers["thr"] = []int32{5, 5, 6, 6}
			p.Threshold.Scope = "pair"
		}},
		{"biases", sample, func(m *Image, _ *chip.Profile) {
			m.Cores[3].Registers["bias"] = []int32{32767, -32767, 32768, -32768, 0, 0}
		}},
		{"biases with drives", loihiSample, func(m *Image, _ *chip.Profile) {
			for i := range m.Cores {
				m.Cores[i].Registers["bias_mant"] = []int32{112}
			}
		}},
		{"a drive of no current", loihiSample, func(m *Image, p *chip.Profile) { p.Bias.Kind = "leak" }},
		{"a drive to another register", loihiSample, func(m *Image, _ *chip.Profile) { m.Input.Drives[0].Register = "vth" }},
		{"membranes at the start", loihiSample, func(m *Image, _ *chip.Profile) { m.Cores[0].InitialV = []int32{-64} }},
		{"membranes beyond their bits", sample, func(m *Image, _ *chip.Profile) {
			m.Cores[0].InitialV = []int32{32767, -32768, -32769}
		}},
		{"resets", sample, func(m *Image, p *chip.Profile) {
			m.Cores[0].Registers["reset"] = []int32{3}
			m.Cores[2].Registers["reset"] = []int32{1, 0, 1, 1}
			p.Reset.Modes = []string{"subtract", "value"}
		}},
		{"windows out of step", loihiSample, func(m *Image, _ *chip.Profile) { m.Cores[1].Start = 2 }},
		{"windows of two stages out of step", loihiSample, func(m *Image, p *chip.Profile) { p.Execution.Stages = 2 }},
		{"a read-out that the chip does not have", sample, func(m *Image, p *chip.Profile) {
			p.Readout.Potential = false
		}},
		{"a chip that sends no spikes", sample, func(m *Image, p *chip.Profile) {
			m.Output.Readout = "count"
			p.Program = p.Program[:4]
		}},
		{"layers that the chip does not compute", sample, func(m *Image, p *chip.Profile) {
			p.Layers = chip.Layers{}
		}},
		{"pooling that the chip does not compute", sample, func(m *Image, p *chip.Profile) {
			p.Layers.Pool = nil
		}},
		{"kernels that the chip does not compute", sample, func(m *Image, p *chip.Profile) {
			p.Layers.Conv = &chip.ConvLayers{KernelMax: few(1)}
		}},
		{"sums of 32 bits", sample, func(m *Image, p *chip.Profile) {
			m.Cores[3].Registers["bias"] = []int32{math.MaxInt32}
			p.Bias.Bits = nil
		}},
		{"the emulators' sums of Loihi", loihiSample, func(m *Image, _ *chip.Profile) {
			m.Cores[1].Registers["weight_exp"] = []int32{1}
			m.Cores[1].Registers["bias_exp"] = []int32{7}
		}},
		{"sums of Loihi, just above", loihiSample, func(m *Image, _ *chip.Profile) {
			w := m.Cores[1].Synapses[0].Synapses.(*Dense).Weight
			for i := range w {
				w[i] = -256
			}
		}},
		{"currents of Loihi that add up", loihiSample, func(m *Image, _ *chip.Profile) { m.Cores[1].Registers["du"] = []int32{999} }},
		{"exponents out of range", loihiSample, func(m *Image, _ *chip.Profile) { m.Cores[1].Registers["weight_exp"] = []int32{-8} }},
		{"delays in the common subset", loihiSample, func(_ *Image, p *chip.Profile) { p.Delay.Max, p.Refractory.Max = 3, 2 }},
	} {
		m := c.image()
		p := *profile(t, m.Chip)
		c.breakIt(m, &p)
		l, _ := Check(m, &p)
		fmt.Fprintf(&b, "== %s\n", c.name)
		for _, d := range l {
			fmt.Fprintln(&b, d)
		}
		b.WriteString("\n")
	}
	golden.File(t, "check.txt", b.String())
}

// Profiles may state exactly the constraints that something checks.
func TestConstraintTable(t *testing.T) {
	want := chip.Constraints()
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(constraintChecks)); !slices.Equal(got, want) {
		t.Errorf("checks of %q, want %q", got, want)
	}
}

// TestCheckSources: the host's spikes take nothing of the chip, which must have inputs for them.
func TestCheckSources(t *testing.T) {
	p := *profile(t, "loihi1")
	w := &Dense{Inputs: 2, Neurons: 1, Weight: []int32{2, -4}}
	table := &Table{Row: []int32{0, 1}, Base: []int32{0, 0}, RowStart: []int32{0, 1, 2}, Target: []int32{0, 0}, Weight: w.Weight}
	registers := map[string][]int32{p.Registers.Threshold: {5}}
	for k, v := range p.Registers.Constants {
		registers[k] = []int32{v}
	}
	m := &Image{Chip: p.ID, Steps: 4, Input: Input{Shape: [3]int{2, 1, 1}, Step: 1, Encoding: "poisson", Seed: 1},
		Cores: []Core{
			{Population: "x", Shape: [3]int{2, 1, 1}, Neurons: 2, Source: true, Routes: []Route{{Count: 2, Core: 1}}},
			{Population: "y", Shape: [3]int{1, 1, 1}, Neurons: 1, Start: 1, Registers: registers, Synapses: []Block{{Synapses: table}}},
		},
		Output: Output{Cores: []int{1}, Classes: 1, Readout: "count"}}
	found, r := Check(m, &p)
	if len(found) > 0 || r.Cores != 1 || r.Neurons != 1 || r.Synapses != 2 || r.MaxAxonsIn != 2 {
		t.Errorf("%v, %+v", found, r)
	}
	p.Capacity.Inputs = new(int)
	if found, _ = Check(m, &p); len(found) != 1 || found[0].ID != "SPK-IMG-019" || !strings.Contains(found[0].String(), "loihi1 takes no spikes") {
		t.Errorf("a chip without inputs: %v", found)
	}
	m.Cores[1].Start = 0
	if found, _ = Check(m, &p); len(found) != 2 {
		t.Errorf("a window too early: %v", found)
	}
}
