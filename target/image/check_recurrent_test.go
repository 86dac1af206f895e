package image

import (
	"strings"
	"testing"
)

// recurrentSample is an image for ReckOn: 3 inputs, 5 neurons and 2 outputs.
func recurrentSample() *Image {
	registers := func(thr int32) map[string][]int32 {
		return map[string][]int32{"thr": {thr}, "alpha": {0x8000}, "kappa": {0x80}, "reset": {0}, "s_inp": {0}, "s_rec": {0}, "s_out": {0}}
	}
	block := func(name string, in, out int) []Block {
		return []Block{{Name: name, Synapses: &Dense{Inputs: in, Neurons: out, Weight: make([]int32, in*out)}}}
	}
	return &Image{Chip: "reckon", Steps: 4, Input: Input{Shape: [3]int{1, 1, 3}, Step: 1, Encoding: "sigma-delta"},
		Cores: []Core{{Population: "in", Shape: [3]int{1, 1, 3}, Neurons: 3, Source: true, Routes: []Route{{Count: 3, Core: 1}}},
			{Population: "fc", Shape: [3]int{5, 1, 1}, Neurons: 5, Start: 1, Registers: registers(9), Synapses: block("winp", 3, 5), Routes: []Route{{Count: 5, Core: 2}}},
			{Population: "out", Shape: [3]int{2, 1, 1}, Neurons: 2, Start: 2, Registers: registers(32767), Synapses: block("wout", 5, 2)}},
		Output: Output{Cores: []int{2}, Classes: 2, Readout: Membrane}}
}

// TestCheckOneCore: layers that lie in one core count together, and each memory leads where the chip has it lead.
func TestCheckOneCore(t *testing.T) {
	p := profile(t, "reckon")
	found, r := Check(recurrentSample(), p)
	if len(found) > 0 || r.Cores != 1 || r.MaxNeurons != 6 || r.Neurons != 7 {
		t.Errorf("%v, %+v", found, r)
	}
	for want, change := range map[string]func(m *Image){
		"SPK-IMG-032 fc: core 1: neurons up to this layer, all of which lie in one core (258, limit 256)": func(m *Image) { widen(m, 1, 257) },
		"SPK-IMG-032 in: core 0: inputs of the core (257, limit 256)":                                     func(m *Image) { widen(m, 0, 257) },
		"SPK-IMG-032 out: core 2: outputs of the core (17, limit 16)":                                     func(m *Image) { widen(m, 2, 17) },
		"SPK-IMG-032 fc: core 1: neurons of a layer that lies in one core with the others; it has more":   func(m *Image) { m.Cores[1].Shape[0] = 6 },
		`SPK-IMG-031 fc: core 1: spikes of in arrive in memory "", want "winp"`:                           func(m *Image) { m.Cores[1].Synapses[0].Name = "" },
		`SPK-IMG-031 out: core 2: spikes of fc arrive in memory "wrec", want "wout"`:                      func(m *Image) { m.Cores[2].Synapses[0].Name = "wrec" },
		"SPK-IMG-020 out: core 2: accumulator at the start; reckon starts at 0 (3, limit 0)":              func(m *Image) { m.Cores[2].InitialV = []int32{3} },
		"SPK-IMG-024 output: outputs of reckon are accumulators":                                          func(m *Image) { m.Output.Delay = 2 },
		"accumulators, which send no spikes":                                                              func(m *Image) { m.Output.Readout = Count },
	} {
		m := recurrentSample()
		change(m)
		found, _ := Check(m, p)
		var text []string
		for _, d := range found {
			text = append(text, d.String())
		}
		if !strings.Contains(strings.Join(text, "\n"), want) {
			t.Errorf("got\n%s\nwant %s", strings.Join(text, "\n"), want)
		}
	}
	m := sample()
	m.Cores[2].Synapses[0].Name = "winp"
	if found, _ := Check(m, profile(t, "generic8")); len(found) != 1 || found[0].ID != idMemory {
		t.Errorf("a memory with a name on a chip that has one: %v", found)
	}
}

// widen gives a core so many neurons, and what leads from and to it.
func widen(m *Image, i, neurons int) {
	c := &m.Cores[i]
	c.Neurons = neurons
	if c.Shape = [3]int{neurons, 1, 1}; c.Source {
		c.Shape = [3]int{1, 1, neurons}
		m.Input.Shape = c.Shape
	}
	matrix := func(b *Block, in, out int) {
		b.Synapses = &Dense{Inputs: in, Neurons: out, Weight: make([]int32, in*out)}
	}
	if !c.Source {
		matrix(&c.Synapses[0], m.Cores[i-1].Neurons, neurons)
	}
	if i+1 < len(m.Cores) {
		c.Routes[0].Count = neurons
		matrix(&m.Cores[i+1].Synapses[0], neurons, m.Cores[i+1].Neurons)
	} else {
		m.Output.Classes = neurons
	}
}
