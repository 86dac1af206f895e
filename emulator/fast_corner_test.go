package emulator_test

import (
	"testing"

	"spikec/emulator"
	"spikec/emulator/enginetest"
	"spikec/internal/window"
	"spikec/target/chip"
	"spikec/target/image"
)

// vectorCore is a core of neurons in a row.
func vectorCore(name string, n int, registers map[string][]int32, synapses ...image.Synapses) image.Core {
	c := image.Core{Population: name, Shape: [3]int{n, 1, 1}, Neurons: n, Registers: registers}
	for _, s := range synapses {
		c.Synapses = append(c.Synapses, image.Block{Synapses: s})
	}
	return c
}

// cornerImage chains cores behind the first one, which takes a drive.
func cornerImage(id string, steps int, in [3]int, d image.Drive, cores ...image.Core) *image.Image {
	for i := range cores[1:] {
		cores[i].Routes = []image.Route{{Count: cores[i].Neurons, Core: i + 1}}
	}
	d.Cores = []int{0}
	last := len(cores) - 1
	return &image.Image{Chip: id, Steps: steps, Cores: cores, Input: image.Input{Shape: in, Step: 1, Encoding: "constant", Drives: []image.Drive{d}},
		Output: image.Output{Cores: []int{last}, Classes: cores[last].Neurons, Readout: "count"}}
}

// thresholds are the registers of generic8.
func thresholds(thr, bias int32) map[string][]int32 {
	return map[string][]int32{"thr": {thr}, "bias": {bias}}
}

// ramp returns n codes.
func ramp(n int) []uint8 {
	codes := make([]uint8, n)
	for i := range codes {
		codes[i] = uint8(5 + 3*i)
	}
	return codes
}

// TestCorners compares engines on images that random ones are unlikely to be.
func TestCorners(t *testing.T) {
	one := func(n int) image.Drive { return image.Drive{Register: "bias", Synapses: &image.Identity{N: n}} }
	for _, n := range []int{40, 100, 130} { // neurons behind the last one that an axon reaches
		check(t, cornerImage("generic8", 12, [3]int{10, 1, 1}, one(10),
			vectorCore("input", 10, thresholds(100, 0)), vectorCore("output", n, thresholds(40, 7), &image.Identity{N: 10})), ramp(10))
	}
	// A picture that lies in the padding of every window but one, or of all.
	for _, pad := range []int{5, 9, 10} {
		w := window.Window2d{Kernel: [2]int{1, 1}, Stride: [2]int{1, 10}, Dilation: [2]int{1, 1}, PadBegin: [2]int{0, pad}}
		out, err := w.Output([2]int{1, 11})
		if err != nil {
			t.Fatal(err)
		}
		d := image.Drive{Register: "bias", Synapses: &image.Conv2d{In: [3]int{1, 1, 11}, Out: [3]int{1, out[0], out[1]},
			Neurons: out[0] * out[1], Groups: 1, Weight: []int32{3}, Window: w}}
		core := vectorCore("conv", out[0]*out[1], thresholds(300, 0))
		core.Shape = [3]int{1, out[0], out[1]}
		check(t, cornerImage("generic8", 4, [3]int{1, 1, 11}, d, core), ramp(11))
	}
	// Currents that a left shift takes beyond 32 bits: such an image is refused, or right.
	weight := make([]int32, 784*2)
	for i := range weight {
		weight[i] = 250
	}
	check(t, cornerImage("loihi1", 4, [3]int{1, 28, 28}, image.Drive{Register: "bias_mant", Synapses: &image.Dense{Inputs: 784, Neurons: 2, Weight: weight}},
		vectorCore("dense", 2, map[string][]int32{"vth": {3000}, "bias_mant": {0}, "bias_exp": {7}, "du": {4095}, "dv": {0}, "weight_exp": {0}})), ramp(784))
}

// TestLongPictures: counters hold whatever the number of steps is, also where a core is far ahead of the next.
func TestLongPictures(t *testing.T) {
	d := image.Drive{Register: "bias", Synapses: &image.Identity{N: 3}}
	for _, steps := range []int{1<<13 + 1, 1 << 16} {
		for _, start := range []int{0, 20000} {
			cores := []image.Core{vectorCore("input", 3, thresholds(1, 0)), vectorCore("output", 3, thresholds(2, 0), &image.Identity{N: 3})}
			cores[1].Start = start
			img := cornerImage("generic8", steps, [3]int{3, 1, 1}, d, cores...)
			if start > 0 && steps > 1<<13+1 && !enginetest.Long() {
				continue
			}
			check(t, img, []uint8{1, 2, 255})
		}
	}
	img := cornerImage("generic8", 1<<16+1, [3]int{3, 1, 1}, d, vectorCore("output", 3, thresholds(1, 0)))
	p, err := chip.Load("generic8")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range emulator.Names() {
		if _, err := emulator.New(name, img, p); err == nil {
			t.Errorf("engine %s takes %d steps", name, img.Steps)
		}
	}
}

// check compares the answers of all engines that run an image, twice in one session.
func check(t *testing.T, img *image.Image, codes []uint8) {
	t.Helper()
	p, err := chip.Load(img.Chip)
	if err != nil {
		t.Fatal(err)
	}
	enginetest.SameAnswers(t, img, p, codes, codes)
}
