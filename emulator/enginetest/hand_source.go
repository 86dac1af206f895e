package enginetest

import (
	"fmt"
	"testing"

	"spikec/emulator"
	"spikec/target/chip"
	"spikec/target/image"
)

// source: the host plays five codes by van der Corput's sequence, whose first eight numbers are 0, ½, ¼, ¾, ⅛, ⅝, ⅜, ⅞,
// into counters with weight 3 behind a latency of one step or none. A code c fires where c/255 is above the number. Sources
// cost no updates of neurons, and what bernoulli draws depends on the picture's index.
func source(t *testing.T, make Constructor) {
	codes := []uint8{0, 1, 64, 192, 255} // above ⅛·255 = 31.9, ¼·255 = 63.75, ¾·255 = 191.25, ⅞·255 = 223.1
	spikes := []int32{0, 1, 3, 7, 8}     // 64: 0, ¼, ⅛; 192: all but ⅞
	p := profile(t, "generic8")
	const steps = 8
	host := image.Core{Population: "input", Shape: [3]int{5, 1, 1}, Neurons: 5, Source: true}
	counter := vector(p, "counter", 5, 1000)
	img := driven(p, steps, host, counter)
	img.Input = image.Input{Shape: host.Shape, Step: 1, Encoding: "van-der-corput"}
	img.Output.Readout = "membrane"
	join(img.Cores, 0, []int32{3, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 3})
	if err := img.Validate(); err != nil {
		t.Fatal(err)
	}
	r := present(t, make, img, p, codes...)
	last := len(r.Steps) - 1
	for n, count := range spikes {
		want(t, "membrane", r.Potentials[last][n], 3*count)
	}
	want(t, "spikes", r.Counters.Spikes, []int64{19, 0})
	want(t, "operations", r.Counters.SynapticOperations, 19)
	want(t, "updates", r.Counters.NeuronUpdates, 5*steps)

	img.Input.Encoding, img.Input.Seed = "bernoulli", 7
	e, err := make(img, p)
	if err != nil {
		t.Fatal(err)
	}
	s := e.NewSession()
	answer := func(picture int) []int32 {
		r, err := s.Run([]uint8{0, 255, 100, 100, 100}, picture)
		if err != nil {
			t.Fatal(err)
		}
		return append([]int32{}, r.Potentials[last]...)
	}
	first, other, again := answer(0), answer(1), answer(0)
	want(t, "picture 0 again", again, first)
	want(t, "codes 0 and 255", first[:2], []int32{0, 3 * steps})
	if first[2] == other[2] && first[3] == other[3] && first[4] == other[4] {
		t.Errorf("pictures 0 and 1 have the same spikes: %v", first)
	}

	for what, broken := range map[string]func(m *image.Image){
		"unknown encoder":         func(m *image.Image) { m.Input.Encoding = "morse" },
		"source without encoder":  func(m *image.Image) { m.Input.Encoding = "regular" },
		"another shape":           func(m *image.Image) { m.Input.Shape = [3]int{1, 5, 1} },
		"parameter of no encoder": func(m *image.Image) { m.Input.Parameter = 3 },
	} {
		m := *img
		broken(&m)
		if _, err := emulator.NewReference(&m, p); err == nil {
			t.Errorf("%s: the reference engine takes the image", what)
		}
		if _, err := make(&m, p); err == nil {
			t.Errorf("%s: the engine takes the image", what)
		}
	}
}

// hosted returns an image of so many steps whose first core is the host's, which plays by van der Corput's sequence; the
// others follow each other.
func hosted(p *chip.Profile, steps, codes int, cores ...image.Core) *image.Image {
	host := image.Core{Population: "input", Shape: [3]int{codes, 1, 1}, Neurons: codes, Source: true}
	img := driven(p, steps, append([]image.Core{host}, cores...)...)
	img.Input = image.Input{Shape: host.Shape, Step: 1, Encoding: "van-der-corput"}
	return img
}

// sourceBeforeStages: the host plays 4 steps, 0, ½, ¼, ¾ of the sequence, and its spikes arrive while the core behind it
// integrates: 2, 3 and 4 spikes of codes 64, 128 and 192, each worth 3 against the threshold 4. In the four steps of its
// second stage the core fires 1, 2 and 3 times. By the first spike all classes are there in one step, and the highest
// membrane decides.
func sourceBeforeStages(t *testing.T, make Constructor) {
	for latency := range 3 {
		own := *profile(t, "generic8-staged")
		own.Execution.Latency = latency
		counter := vector(&own, "counter", 3, 4)
		counter.Start = latency
		img := hosted(&own, 4, 3, counter)
		join(img.Cores, 0, []int32{3, 0, 0, 0, 3, 0, 0, 0, 3})
		what := fmt.Sprintf("latency %d: ", latency)
		run := engineRun{make, img, &own}
		want(t, what+"the host", did(t, run, 0, 64, 128, 192), "0:1 0; 1:0 0; 2:1 0; 3:0 0; ")
		want(t, what+"the core", did(t, run, 1, 64, 128, 192), "0:0 3; 1:0 3; 2:0 6; 3:0 6; 4:1 2; 5:0 2; 6:0 2; 7:0 2; ")
		want(t, what+"steps of a picture", img.Duration(&own), latency+8)
		img.Output.Readout = image.FirstSpike
		r := present(t, make, img, &own, 64, 128, 192)
		want(t, what+"checkpoints", r.Steps, []int{1, 2, 3, 4})
		want(t, what+"counts", r.Counts, [][]int32{{1, 1, 1}, {1, 2, 2}, {1, 2, 3}, {1, 2, 3}})
		want(t, what+"membranes", r.Potentials, [][]int32{{2, 5, 8}, {2, 1, 4}, {2, 1, 0}, {2, 1, 0}})
		want(t, what+"counters", []any{r.Counters.Spikes, r.Counters.SynapticOperations, r.Counters.NeuronUpdates}, []any{[]int64{9, 6}, 9, 8 * 3})
		want(t, what+"first spike", emulator.Decide(&img.Output, r, 4), emulator.Decision{Class: 2, Step: 1, Tied: true})
	}
}

// sourceOfSigned: the host's spikes of code 64 in steps 0 and 2, of +1 only, bring 8 each to a neuron of threshold 4 that
// loses 3 a step: 5 fires, 1; −2 is taken back, 2; 7 fires, 3; 0. What is behind it gets 5, loses it and gets it again. By the
// first spike class 0 answers after one step.
func sourceOfSigned(t *testing.T, make Constructor) {
	p := profile(t, "generic8-signed")
	taking, behind := vector(p, "taking", 1, 4), vector(p, "behind", 2, 5)
	taking.Registers["bias"] = []int32{-3}
	img := hosted(p, 4, 1, taking, behind)
	join(img.Cores, 0, []int32{8})
	join(img.Cores, 1, []int32{5, 1})
	run := engineRun{make, img, p}
	want(t, "the host", did(t, run, 0, 64), "0:1 0; 1:0 0; 2:1 0; 3:0 0; ")
	want(t, "what takes back", did(t, run, 1, 64), "0:1 1; 1:-1 2; 2:1 3; 3:0 0; ")
	want(t, "what is behind", did(t, run, 2, 64), "0:1 0; 1:-1 0; 2:1 0; 3:0 0; ")
	r := present(t, make, img, p, 64)
	want(t, "counters", []any{r.Counters.Spikes, r.Counters.SynapticOperations}, []any{[]int64{2, 3, 3}, 2 + 2*3})
	// Behind the delay of one step the count of class 0 goes to −1, back to 0, and never above it: the membrane decides.
	for delay, decision := range map[int]emulator.Decision{0: {Class: 0, Step: 1}, 1: {Class: 1, Step: 4, Tied: true}} {
		img.Output.Readout, img.Output.Delay = image.FirstSpike, delay
		r = present(t, make, img, p, 64)
		want(t, fmt.Sprintf("counts from %d on", delay), r.Counts, [][]int32{{1, 0}, {0, 0}, {1, 0}, {1, 0}})
		want(t, fmt.Sprintf("first spike behind %d", delay), emulator.Decide(&img.Output, r, 4), decision)
	}
}
