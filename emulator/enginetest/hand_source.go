package enginetest

import (
	"testing"

	"spikec/emulator"
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
