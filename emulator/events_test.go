package emulator_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"spikec/emulator"
	"spikec/internal/window"
	"spikec/target/chip"
	"spikec/target/image"
)

// eventImage draws an image for a chip of serial events: a source, and cores that take spikes of any core before them, by one
// route or two.
func eventImage(t *rapid.T, p *chip.Profile) *image.Image {
	r := rand.New(rand.NewPCG(rapid.Uint64Range(0, 1<<32).Draw(t, "seed"), 1))
	lo, hi := int32(p.State.V.Min), int32(p.State.V.Max)
	most := rapid.SampledFrom([]int32{4, 30, hi}).Draw(t, "largest threshold")
	img := &image.Image{Chip: p.ID, Steps: 5, Input: image.Input{Shape: [3]int{1, 3, 4}, Step: 1, Encoding: "bernoulli", Seed: 7}}
	img.Cores = []image.Core{{Population: "x", Shape: [3]int{1, 3, 4}, Neurons: 12, Source: true}}
	for i := range rapid.IntRange(1, 3).Draw(t, "cores") {
		n := rapid.IntRange(1, 9).Draw(t, "neurons")
		c := image.Core{Population: string(rune('a' + i)), Shape: [3]int{n, 1, 1}, Neurons: n, Registers: map[string][]int32{}}
		for name, v := range p.Registers.Constants {
			c.Registers[name] = []int32{v}
		}
		for range n {
			c.Registers[p.Registers.Threshold] = append(c.Registers[p.Registers.Threshold], 1+r.Int32N(most))
			c.InitialV = append(c.InitialV, min(max(r.Int32N(2*most)-most/2, lo), hi))
		}
		if rapid.Bool().Draw(t, "some send nothing") {
			c.Registers["disable"] = make([]int32, n)
			for k := range n {
				c.Registers["disable"][k] = r.Int32N(2)
			}
		}
		if _, ok := c.Registers["max_neur"]; ok && rapid.Bool().Draw(t, "not all neurons are walked") {
			c.Registers["max_neur"] = []int32{r.Int32N(int32(n))}
		}
		if _, ok := c.Registers["threshold_low"]; ok {
			c.Registers["threshold_low"], c.Registers["reset"] = []int32{-r.Int32N(-lo)}, []int32{r.Int32N(2)}
		}
		img.Cores = append(img.Cores, c)
		axons := 0
		for s := range i + 1 {
			routes := r.IntN(3)
			if s == i {
				routes = 1 + r.IntN(2)
			}
			for range routes {
				from := &img.Cores[s]
				from.Routes = append(from.Routes, image.Route{First: 0, Count: from.Neurons, Core: i + 1, Axon: axons})
				axons += from.Neurons
			}
		}
		table := &image.Table{RowStart: []int32{0}}
		for a := range axons {
			for k := range int32(n) {
				for range r.IntN(3) { // several synapses of one neuron add up
					table.Target, table.Weight = append(table.Target, k), append(table.Weight, p.Weight.Min+r.Int32N(p.Weight.Max-p.Weight.Min+1))
					if p.Weight.Min == 0 && a%2 == 0 {
						table.Weight[len(table.Weight)-1] *= -1
					}
				}
			}
			table.Row, table.Base, table.RowStart = append(table.Row, int32(a)), append(table.Base, 0), append(table.RowStart, int32(len(table.Target)))
		}
		img.Cores[i+1].Synapses = []image.Block{{Synapses: table}}
	}
	last := len(img.Cores) - 1
	img.Output = image.Output{Cores: []int{last}, Classes: img.Cores[last].Neurons, Readout: image.Count}
	return img
}

// eventStep is what a core did in a step.
type eventStep struct {
	Core, Step int
	Spikes     []int8
	V          []int32
}

// history runs an image and keeps every step.
func history(t *rapid.T, e emulator.Engine, codes []uint8, picture int) ([]eventStep, *emulator.Result) {
	var steps []eventStep
	r, err := e.NewSession().Trace(codes, picture, func(core, step int, spikes []int8, v []int32) {
		steps = append(steps, eventStep{core, step, slices.Clone(spikes), slices.Clone(v)})
	})
	if err != nil {
		t.Fatal(err)
	}
	return steps, r
}

// TestEnginesOfEventsAgree: the rule gives the spikes, membranes and counters of the interpreted program.
func TestEnginesOfEventsAgree(t *testing.T) {
	for _, id := range []string{"tinyodin", "odin", "speck2f"} {
		p, err := chip.Load(id)
		if err != nil {
			t.Fatal(err)
		}
		spikes, saturations := int64(0), int64(0)
		rapid.Check(t, func(t *rapid.T) {
			img := eventImage(t, p)
			reference, err := emulator.NewReference(img, p)
			if err != nil {
				t.Fatal(err)
			}
			fast, err := emulator.New("auto", img, p)
			if err != nil {
				t.Fatal(err)
			}
			if fast.Name() != "fast" {
				t.Fatalf("not the fast engine: %v", fast.Explain())
			}
			codes := make([]uint8, 12)
			for i := range codes {
				codes[i] = uint8(i * 23)
			}
			for picture := range 2 {
				want, a := history(t, reference, codes, picture)
				got, b := history(t, fast, codes, picture)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatal(diff)
				}
				if diff := cmp.Diff(a, b); diff != "" {
					t.Fatal(diff)
				}
				for i := range a.Counters.Spikes[1:] {
					spikes, saturations = spikes+a.Counters.Spikes[i+1], saturations+a.Counters.Saturations[i+1]
				}
			}
		})
		if (spikes == 0 || saturations == 0) && !testing.Short() {
			t.Errorf("%s: %d spikes and %d saturations were drawn", id, spikes, saturations)
		}
	}
}

// oneCore is an image of four pixels and one core of two neurons, whose axons are the pixels.
func oneCore(p *chip.Profile, thr, v []int32, weights []int32) *image.Image {
	c := image.Core{Population: "a", Shape: [3]int{2, 1, 1}, Neurons: 2, InitialV: v, Registers: map[string][]int32{"thr": thr},
		Synapses: []image.Block{{Synapses: &image.Dense{Inputs: 4, Neurons: 2, Weight: weights}}}}
	for name, v := range p.Registers.Constants {
		c.Registers[name] = []int32{v}
	}
	return &image.Image{Chip: p.ID, Steps: 2, Input: image.Input{Shape: [3]int{1, 2, 2}, Step: 1, Encoding: "burst", Parameter: 1},
		Cores:  []image.Core{{Population: "x", Shape: [3]int{1, 2, 2}, Neurons: 4, Source: true, Routes: []image.Route{{Count: 4, Core: 1}}}, c},
		Output: image.Output{Cores: []int{1}, Classes: 2, Readout: image.Count}}
}

// TestEventsByHand: all pixels fire in both steps. Neuron 0 of threshold 10 takes 7, 7, −3, 7 and fires once a step; neuron 1
// starts at its threshold, which the first event tests, and takes 3, 3, −6, 3 against a threshold of 3.
func TestEventsByHand(t *testing.T) {
	p, err := chip.Load("tinyodin")
	if err != nil {
		t.Fatal(err)
	}
	img := oneCore(p, []int32{10, 3}, []int32{0, 3}, []int32{7, 0, 7, 3, -3, -6, 7, 3})
	for _, name := range []string{"reference", "fast"} {
		e, err := emulator.New(name, img, p)
		if err != nil {
			t.Fatal(err)
		}
		// Neuron 0: 7, 14 → 0, −3, 4 | 11 → 0, 7, 4, 11 → 0. Neuron 1: 3 → 0, 3 → 0, −6, −3 | −3, 0, −6, −3.
		want := []eventStep{{0, 0, []int8{1, 1, 1, 1}, []int32{0, 0, 0, 0}}, {1, 0, []int8{1, 2}, []int32{4, -3}},
			{0, 1, []int8{1, 1, 1, 1}, []int32{0, 0, 0, 0}}, {1, 1, []int8{2, 0}, []int32{0, -3}}}
		var got []eventStep
		r, err := e.NewSession().Trace([]uint8{255, 255, 255, 255}, 0, func(core, step int, spikes []int8, v []int32) {
			got = append(got, eventStep{core, step, slices.Clone(spikes), slices.Clone(v)})
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if c := r.Counters; c.SynapticOperations != 14 || c.NeuronUpdates != 16 || c.Spikes[1] != 5 {
			t.Errorf("%s: counters %+v", name, c)
		}
	}
}

// TestEventsUnderKernel by hand: two pixels side by side fire in both steps, each over a kernel of two taps, 9 and 0, into two neurons
// of threshold 4 and one that no kernel reaches but at its start, limited to −2 below. What is above the threshold waits for the
// next event under whose kernel the neuron lies, whatever the weight is; neuron 2 waits for ever.
func TestEventsUnderKernel(t *testing.T) {
	p, err := chip.Load("speck2f")
	if err != nil {
		t.Fatal(err)
	}
	conv := &image.Conv2d{In: [3]int{1, 1, 2}, Out: [3]int{1, 1, 4}, Neurons: 4, Groups: 1, Weight: []int32{0, 9, -9},
		Window: window.Window2d{Kernel: [2]int{1, 3}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, PadBegin: [2]int{0, 2}, PadEnd: [2]int{0, 2}}}
	img := &image.Image{Chip: p.ID, Steps: 2, Input: image.Input{Shape: [3]int{1, 1, 2}, Step: 1, Encoding: "burst", Parameter: 1},
		Cores: []image.Core{{Population: "x", Shape: [3]int{1, 1, 2}, Neurons: 2, Source: true, Routes: []image.Route{{Count: 2, Core: 1}}},
			{Population: "a", Shape: [3]int{1, 1, 4}, Neurons: 4, InitialV: []int32{0, 0, 0, 5}, Synapses: []image.Block{{Synapses: conv}},
				Registers: map[string][]int32{"threshold_high": {4}, "threshold_low": {-2}}}},
		Output: image.Output{Cores: []int{1}, Classes: 4, Readout: image.Count}}
	// Pixel 0 reaches neurons 0, 1, 2 by −9, 9, 0; pixel 1 neurons 1, 2, 3 by the same.
	// Step 0: −9 → −2, 9 → 5 fires, 0 | 5−9 → −2, 9 → 5 fires, 5 fires → 1.
	// Step 1: −2−9 → −2, −2+9 = 7 → 3 fires, 5 → 1 fires | 3−9 → −2, 1+9 → 6 fires, 1.
	want := []eventStep{{0, 0, []int8{1, 1}, []int32{0, 0}}, {1, 0, []int8{0, 1, 1, 1}, []int32{-2, -2, 5, 1}},
		{0, 1, []int8{1, 1}, []int32{0, 0}}, {1, 1, []int8{0, 1, 2, 0}, []int32{-2, -2, 6, 1}}}
	for _, name := range []string{"reference", "fast"} {
		e, err := emulator.New(name, img, p)
		if err != nil {
			t.Fatal(err)
		}
		var got []eventStep
		r, err := e.NewSession().Trace([]uint8{255, 255}, 0, func(core, step int, spikes []int8, v []int32) {
			got = append(got, eventStep{core, step, slices.Clone(spikes), slices.Clone(v)})
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if c := r.Counters; c.SynapticOperations != 8 || c.NeuronUpdates != 12 || c.Saturations[1] != 4 {
			t.Errorf("%s: counters %+v", name, c)
		}
	}
}

// TestEventsRefused: what is no image for a chip of events is refused, and what is no plain rule is left to the reference engine.
func TestEventsRefused(t *testing.T) {
	load := func() *chip.Profile {
		p, err := chip.Load("tinyodin")
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for want, change := range map[string]func(p *chip.Profile, img *image.Image){
		"with latency":           func(p *chip.Profile, _ *image.Image) { p.Execution.Latency = 1 },
		"window of a core opens": func(_ *chip.Profile, img *image.Image) { img.Cores[1].Start = 1 },
		"no event of an axon": func(p *chip.Profile, _ *image.Image) {
			p.Program[0].Event = chip.EventTimeRef
			p.Program = p.Program[:1]
		},
		"register thr is missing": func(_ *chip.Profile, img *image.Image) { delete(img.Cores[1].Registers, "thr") },
		"the host drives neurons": func(_ *chip.Profile, img *image.Image) {
			img.Input.Drives = []image.Drive{{Cores: []int{1}, Synapses: &image.Dense{Inputs: 4, Neurons: 2, Weight: make([]int32, 8)}}}
		},
		"operation 1, unknown, is not": func(p *chip.Profile, _ *image.Image) { p.Program[0].Do[0] = chip.MicroOp{Op: "unknown"} },
	} {
		p := load()
		img := oneCore(p, []int32{10, 3}, nil, make([]int32, 8))
		change(p, img)
		if _, err := emulator.NewReference(img, p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	for want, change := range map[string]func(p *chip.Profile, img *image.Image){
		"integrate, fire, reset and emit": func(p *chip.Profile, _ *image.Image) {
			p.Program[0].Do = slices.Insert(p.Program[0].Do, 0, chip.MicroOp{Op: "leak", Var: "v", By: "leak", Toward: "zero"})
		},
		"fire at its threshold":  func(p *chip.Profile, _ *image.Image) { p.Program[0].Do[1].Compare = "gt" },
		"membrane that saturate": func(p *chip.Profile, _ *image.Image) { p.Program[0].Do[0].Arith = "wrap12" },
		"fires at rest":          func(_ *chip.Profile, img *image.Image) { img.Cores[1].Registers["thr"] = []int32{0} },
		"not once":               func(p *chip.Profile, _ *image.Image) { p.Program[0].Do = append(p.Program[0].Do, p.Program[0].Do[3]) },
	} {
		p := load()
		img := oneCore(p, []int32{10, 3}, nil, make([]int32, 8))
		change(p, img)
		e, err := emulator.New("auto", img, p)
		if err != nil {
			t.Errorf("%s: %v", want, err)
			continue
		}
		if lines := strings.Join(e.Explain(), "\n"); e.Name() != "reference" || !strings.Contains(lines, want) {
			t.Errorf("got %s: %s, want %q", e.Name(), lines, want)
		}
		if _, err := e.NewSession().Run(make([]uint8, 4), 0); err != nil {
			t.Error(err)
		}
	}
	// A core of an image has no queue of its own.
	p := load()
	img := oneCore(p, []int32{10, 3}, nil, []int32{7, 0, 7, 0, 7, 0, 7, 0})
	img.Cores[1].Registers["open_loop"] = []int32{0}
	e, err := emulator.New("auto", img, p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.NewSession().Run([]uint8{255, 255, 255, 255}, 0); err == nil || !strings.Contains(err.Error(), "own queue") {
		t.Errorf("closed loop: got %v", err)
	}
}
