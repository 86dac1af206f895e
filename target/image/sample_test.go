package image

import (
	"testing"

	"pgregory.net/rapid"

	"spikec/emulator/encoder"
	"spikec/internal/window"
	"spikec/target/chip"
)

// sample returns an image with every kind of synapses: a 2×5×4 picture drives conv1 (3×5×4, on two cores), whose spikes
// go through sum pooling and a 2×1 kernel to conv2 (4×2×1); a table and a matrix lead on to the 3 outputs, and an
// identity from conv2's first neurons too.
func sample() *Image {
	count := func(n int) []int32 {
		w := make([]int32, n)
		for i := range w {
			w[i] = int32(i*37%255) - 127
		}
		return w
	}
	w3 := window.Square(3, 1)
	w3.PadBegin, w3.PadEnd = [2]int{1, 1}, [2]int{1, 1}
	pool := window.Square(2, 2)
	kernel := window.Window2d{Kernel: [2]int{1, 2}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}
	registers := func(thr ...int32) map[string][]int32 {
		return map[string][]int32{"thr": thr, "bias": {0}, "reset": {0}}
	}
	return &Image{
		Chip: "generic8", Steps: 16,
		Input: Input{Shape: [3]int{2, 5, 4}, Step: 1, Encoding: "constant", Drives: []Drive{{Cores: []int{0, 1}, Register: "bias", Shift: 4,
			Synapses: &Conv2d{In: [3]int{2, 5, 4}, Out: [3]int{3, 5, 4}, Neurons: 60, Window: w3, Groups: 1, Weight: count(3 * 3 * 2 * 3)}}}},
		Cores: []Core{
			{Population: "conv1", Shape: [3]int{3, 5, 4}, Neurons: 36, Registers: registers(100, 200, 300), InitialV: []int32{50, 100, 150},
				Routes: []Route{{First: 0, Count: 36, Core: 2, Axon: 0}}},
			{Population: "conv1", Shape: [3]int{3, 5, 4}, First: 36, Neurons: 24, Registers: registers(100, 200, 300),
				Routes: []Route{{First: 0, Count: 24, Core: 2, Axon: 36}}},
			{Population: "conv2", Shape: [3]int{4, 2, 1}, Neurons: 8, Registers: registers(7000),
				Synapses: []Block{{Synapses: &Conv2d{In: [3]int{3, 5, 4}, Out: [3]int{4, 2, 1}, Neurons: 8, Pool: &pool, Window: kernel, Groups: 1, Weight: count(2 * 3 * 4)}}},
				Routes:   []Route{{First: 0, Count: 8, Core: 3, Axon: 0}, {First: 4, Count: 3, Core: 4, Axon: 6}}},
			{Population: "hidden", Shape: [3]int{6, 1, 1}, Neurons: 6, Registers: registers(1000),
				Synapses: []Block{{Synapses: &Table{Row: []int32{0, 1, 0, 2, 1, 0, 0, 1}, Base: []int32{0, 1, 2, 5, 0, 3, 1, 2}, RowStart: []int32{0, 3, 4, 4},
					Target: []int32{0, 2, 1, 3}, Weight: []int32{5, -127, 0, 127}}}},
				Routes: []Route{{First: 0, Count: 6, Core: 4, Axon: 0}}},
			{Population: "output", Shape: [3]int{3, 1, 1}, Neurons: 3, Registers: registers(32767),
				Synapses: []Block{{Synapses: &Dense{Inputs: 6, Neurons: 3, Weight: count(18)}}, {FirstAxon: 6, Synapses: &Identity{N: 3}}}},
		},
		Output: Output{Cores: []int{4}, Classes: 3, Readout: "membrane"},
	}
}

func profile(t *testing.T, id string) *chip.Profile {
	t.Helper()
	p, err := chip.Load(id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// drawWindow draws a window that fits a map, and the map's size behind it.
func drawWindow(t *rapid.T, size [2]int, label string) (window.Window2d, [2]int) {
	var w window.Window2d
	for d := range 2 {
		w.PadBegin[d] = rapid.IntRange(0, 2).Draw(t, label+" pad")
		w.PadEnd[d] = rapid.IntRange(0, 2).Draw(t, label+" pad")
		w.Dilation[d] = rapid.IntRange(1, 2).Draw(t, label+" dilation")
		room := size[d] + w.PadBegin[d] + w.PadEnd[d]
		w.Kernel[d] = rapid.IntRange(1, min(3, (room-1)/w.Dilation[d]+1)).Draw(t, label+" kernel")
		w.Stride[d] = rapid.IntRange(1, 3).Draw(t, label+" stride")
	}
	out, err := w.Output(size)
	if err != nil {
		t.Fatal(err)
	}
	return w, out
}

// drawConv2d draws a convolution on a map of at most 6×7, for a part of its target.
func drawConv2d(t *rapid.T) *Conv2d {
	groups := rapid.IntRange(1, 2).Draw(t, "groups")
	s := &Conv2d{Groups: groups}
	s.In = [3]int{groups * rapid.IntRange(1, 2).Draw(t, "in"), rapid.IntRange(1, 6).Draw(t, "rows"), rapid.IntRange(1, 7).Draw(t, "columns")}
	at := [2]int{s.In[1], s.In[2]}
	if rapid.Bool().Draw(t, "pooled") {
		p, out := drawWindow(t, at, "pool")
		s.Pool, at = &p, out
	}
	s.Window, at = drawWindow(t, at, "window")
	s.Out = [3]int{groups * rapid.IntRange(1, 2).Draw(t, "out"), at[0], at[1]}
	s.First = rapid.IntRange(0, size(s.Out)-1).Draw(t, "first")
	s.Neurons = rapid.IntRange(1, size(s.Out)-s.First).Draw(t, "neurons")
	taps := s.Window.Kernel[0] * s.Window.Kernel[1] * s.In[0] / groups * s.Out[0]
	s.Weight = rapid.SliceOfN(rapid.Int32Range(-9, 9), taps, taps).Draw(t, "weight")
	return s
}

// drawTable draws a table of axons onto neurons.
func drawTable(t *rapid.T, axons, neurons int) *Table {
	s := &Table{RowStart: []int32{0}}
	rows := rapid.IntRange(1, 4).Draw(t, "rows")
	for range rows {
		for range rapid.IntRange(0, 4).Draw(t, "synapses") {
			s.Target = append(s.Target, rapid.Int32Range(0, int32(neurons-1)).Draw(t, "target"))
			s.Weight = append(s.Weight, rapid.Int32().Draw(t, "weight"))
		}
		s.RowStart = append(s.RowStart, int32(len(s.Target)))
	}
	for range axons {
		r := rapid.Int32Range(0, int32(rows-1)).Draw(t, "row")
		last := int32(0)
		for i := s.RowStart[r]; i < s.RowStart[r+1]; i++ {
			last = max(last, s.Target[i])
		}
		s.Row = append(s.Row, r)
		s.Base = append(s.Base, rapid.Int32Range(0, int32(neurons-1)-last).Draw(t, "base"))
	}
	return s
}

// play makes the first core the host's, which plays spikes.
func play(m *Image, c encoder.Coding) {
	first := &m.Cores[0]
	m.Input = Input{Shape: first.Shape, Step: m.Input.Step, Encoding: c.Name, Seed: c.Seed, Parameter: c.Parameter, Drives: m.Input.Drives}
	m.Cores[0] = Core{Population: first.Population, Shape: first.Shape, First: first.First, Neurons: first.Neurons, Start: first.Start, Source: true, Routes: first.Routes}
}

// drawImage draws an image of a chain of cores, with a drive into the first one.
func drawImage(t *rapid.T) *Image {
	drive := drawConv2d(t)
	drive.First, drive.Neurons = 0, size(drive.Out)
	m := &Image{Chip: "generic8", Steps: rapid.IntRange(1, maxSteps).Draw(t, "steps"),
		Input: Input{Shape: drive.In, Step: rapid.Float64Range(1e-9, 1e9).Draw(t, "step"), Encoding: "constant",
			Drives: []Drive{{Cores: []int{0}, Register: "bias", Shift: uint(rapid.IntRange(0, 31).Draw(t, "shift")), Synapses: drive}}}}
	core := Core{Population: "first", Shape: drive.Out, Neurons: size(drive.Out)}
	for i := range rapid.IntRange(1, 3).Draw(t, "cores") {
		core.Start = rapid.IntRange(0, 9).Draw(t, "start")
		core.Registers = map[string][]int32{"thr": rapid.SliceOfN(rapid.Int32(), core.Neurons, core.Neurons).Draw(t, "thr"), "bias": {rapid.Int32().Draw(t, "bias")}}
		core.InitialV = rapid.SampledFrom([][]int32{nil, {7}, make([]int32, core.Shape[0])}).Draw(t, "initial")
		next := rapid.IntRange(1, 9).Draw(t, "neurons")
		block := Block{Synapses: drawTable(t, core.Neurons, next)}
		if rapid.Bool().Draw(t, "dense") {
			block.Synapses = &Dense{Inputs: core.Neurons, Neurons: next, Weight: rapid.SliceOfN(rapid.Int32Range(-300, 300), core.Neurons*next, core.Neurons*next).Draw(t, "weight")}
		}
		core.Routes = []Route{{Count: core.Neurons, Core: i + 1}}
		m.Cores = append(m.Cores, core)
		core = Core{Population: "next", Shape: [3]int{next, 1, 1}, Neurons: next, Synapses: []Block{block}}
	}
	m.Cores = append(m.Cores, core)
	m.Output = Output{Cores: []int{len(m.Cores) - 1}, Classes: core.Neurons, Readout: "count"}
	return m
}
