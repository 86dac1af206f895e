package emulator_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"spikec/emulator"
	"spikec/emulator/enginetest"
	"spikec/target/chip"
	"spikec/target/image"
)

// exits returns the exit of an image, and an engine.
func exits(t *testing.T, img *image.Image, p *chip.Profile) (*emulator.Exit, emulator.Session) {
	t.Helper()
	x, err := emulator.NewExit(img, p)
	if err != nil {
		t.Fatal(err)
	}
	e, err := emulator.NewFast(img, p)
	if err != nil {
		t.Fatal(err)
	}
	return x, e.NewSession()
}

// vector is a core of n neurons with the threshold thr.
func vector(p *chip.Profile, name string, n int, thr int32) image.Core {
	c := image.Core{Population: name, Shape: [3]int{n, 1, 1}, Neurons: n, Registers: map[string][]int32{}}
	for name, v := range p.Registers.Constants {
		c.Registers[name] = []int32{v}
	}
	c.Registers[p.Registers.Threshold], c.Registers[p.Registers.Bias] = []int32{thr}, []int32{0}
	return c
}

// watched is an image with a code for every neuron of the first core, and an exact exit by the membranes of the last one.
func watched(p *chip.Profile, steps int, cores ...image.Core) *image.Image {
	n, last := cores[0].Neurons, len(cores)-1
	return &image.Image{Chip: p.ID, Steps: steps, Cores: cores,
		Input: image.Input{Shape: [3]int{n, 1, 1}, Step: 1, Encoding: "regular",
			Drives: []image.Drive{{Cores: []int{0}, Register: p.Registers.Bias, Synapses: &image.Identity{N: n}}}},
		Output: image.Output{Cores: []int{last}, Classes: cores[last].Neurons, Readout: image.Membrane, EarlyExit: image.ExitExact}}
}

// classifier is a random network whose output adds up what arrives: biased weights, so that classes differ early or late,
// and where tight membranes that come to their limits and thresholds.
func classifier(t *testing.T, target string, seed uint64, tight bool) (*image.Image, *chip.Profile) {
	t.Helper()
	p, err := chip.Load(target)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(seed, 1))
	inputs, hidden, classes := 6+r.IntN(10), 4+r.IntN(20), 2+r.IntN(6)
	matrix := func(from, to, most int) *image.Dense {
		d := &image.Dense{Inputs: from, Neurons: to, Weight: make([]int32, from*to)}
		for i := range d.Weight {
			d.Weight[i] = int32(r.IntN(2*most+1) - most)
		}
		return d
	}
	cores := []image.Core{vector(p, "spikes", inputs, 200), vector(p, "hidden", hidden, 200), vector(p, "output", classes, 32767)}
	cores[0].Routes = []image.Route{{Count: inputs, Core: 1}}
	// Spikes of the first layer reach the output too, and a few on axons that others take.
	cores[0].Routes = append(cores[0].Routes, image.Route{Count: min(inputs, hidden), Core: 2})
	cores[1].Routes = []image.Route{{Count: hidden, Core: 2}}
	cores[1].Synapses = []image.Block{{Synapses: matrix(inputs, hidden, 127)}}
	cores[2].Synapses = []image.Block{{Synapses: matrix(hidden, classes, 1+r.IntN(127))}}
	bias := make([]int32, classes)
	for k := range bias {
		bias[k] = int32(r.IntN(41) - 20)
	}
	cores[2].Registers[p.Registers.Bias] = bias
	if tight {
		cores[2].InitialV = make([]int32, classes)
		for k := range cores[2].InitialV {
			cores[2].InitialV[k] = int32([]int{-32768, -32000, 0, 32000, 32700}[r.IntN(5)])
		}
		cores[2].Registers[p.Registers.Threshold] = []int32{int32([]int{32767, 32700, 500}[r.IntN(3)])}
	}
	img := watched(p, 4+r.IntN(60), cores...)
	if r.IntN(2) == 0 {
		img.Output.Delay = r.IntN(img.Steps)
	}
	if err := img.Validate(); err != nil {
		t.Fatal(err)
	}
	return img, p
}

// TestExactExitByMembrane: an exact exit never decides other than the whole run, also where membranes come to their limits
// or fire, and it is of use.
func TestExactExitByMembrane(t *testing.T) {
	for _, c := range []struct {
		target string
		tight  bool
	}{{"generic8", false}, {"generic8", true}, {"generic8-signed", false}, {"generic8-signed", true}} {
		runs, early, tight := 0, 0, c.tight
		for seed := range uint64(300) {
			img, p := classifier(t, c.target, seed, tight)
			x, session := exits(t, img, p)
			for k := range 10 {
				r, err := session.Run(enginetest.RandomCodes(img, seed*100+uint64(k)), k)
				if err != nil {
					t.Fatal(err)
				}
				exit, whole := x.Decide(r), emulator.Decide(&img.Output, r, img.Steps)
				if exit.Class != whole.Class {
					t.Fatalf("seed %d, picture %d: class %d after %d steps, %d after %d", seed, k, exit.Class, exit.Step, whole.Class, whole.Step)
				}
				if exit.Step <= img.Output.Delay || exit.Step > img.Steps {
					t.Fatalf("seed %d: exit after %d of %d..%d steps", seed, exit.Step, img.Output.Delay+1, img.Steps)
				}
				if runs++; exit.Step < img.Steps {
					early++
				}
			}
		}
		t.Logf("%+v: %d of %d runs ended early", c, early, runs)
		if early < runs/5 && !tight || early == 0 {
			t.Errorf("%+v: %d of %d runs ended early", c, early, runs)
		}
	}
}

// TestExactExitOfRandomNetworks: the same on all chips and networks of the engines' suite, by spikes on all of them, and by
// membranes where there is a bound.
func TestExactExitOfRandomNetworks(t *testing.T) {
	refused, early := 0, map[string]int{}
	for seed := range uint64(400) {
		img, p := enginetest.RandomImage(seed)
		img.Output.EarlyExit = image.ExitExact
		for _, img.Output.Readout = range []string{image.Count, image.Membrane} {
			x, err := emulator.NewExit(img, p)
			if err != nil {
				refused++
				continue
			}
			e, err := emulator.New("auto", img, p)
			if err != nil {
				t.Fatal(err)
			}
			session := e.NewSession()
			for k := range 3 {
				r, err := session.Run(enginetest.RandomCodes(img, seed*100+uint64(k)), k)
				if err != nil {
					break // beyond what is emulated
				}
				exit, whole := x.Decide(r), emulator.Decide(&img.Output, r, img.Steps)
				if exit.Class != whole.Class {
					t.Fatalf("seed %d, %s: class %d after %d steps, %d after %d", seed, img.Output.Readout, exit.Class, exit.Step, whole.Class, whole.Step)
				}
				if exit.Step < img.Steps {
					early[img.Output.Readout]++
				}
			}
		}
	}
	t.Logf("%d refused, early exits %v", refused, early)
	if refused == 0 || early[image.Count] == 0 || early[image.Membrane] == 0 {
		t.Errorf("%d refused, early exits %v", refused, early)
	}
}

// TestExitBoundByHand: two sources, each of which fires in every step or never, T = 10. Source 0 brings 5 to class 0 and 3 to
// class 1, source 1 brings the weight to class 1 alone.
func TestExitBoundByHand(t *testing.T) {
	const plain, signed = "generic8", "generic8-signed"
	for _, c := range []struct {
		target string
		weight int32
		code   uint8 // of source 1: 1 fires in every step
		bias   int32 // of class 1
		want   int   // steps
	}{
		{plain, -1, 1, 0, 1}, // class 0 gains 5, class 1 gains 2, and on class 0 at most (3−5)⁺ + (−1)⁺ = 0
		{plain, 4, 0, 0, 7},  // class 0 leads by 2 a step, class 1 may gain 4 on it: 2t > 4·(10 − t)
		{plain, 4, 1, 0, 6},  // class 1 leads by 2 a step, class 0 may gain (5−3)⁺ + (0−4)⁺ = 2 on it: 2t > 2·(10 − t)
		{plain, -1, 1, 1, 4}, // class 0 leads by 2 a step, class 1 may gain its bias: 2t > 10 − t
		{plain, -1, 1, 9, 1}, // class 1 leads by 6 a step, class 0 can only lose: (5−3)⁺ + (0+1)⁺ − 9
		// Sources may send spikes of −1.
		{signed, -1, 1, 0, 6}, // class 0 leads by 3 a step, class 1 may gain |3−5| + |−1| = 3 on it: 3t > 3·(10 − t)
		{signed, 4, 0, 0, 8},  // class 0 leads by 2 a step, class 1 may gain |3−5| + |4| = 6 on it: 2t > 6·(10 − t)
	} {
		p, err := chip.Load(c.target)
		if err != nil {
			t.Fatal(err)
		}
		cores := []image.Core{vector(p, "spikes", 2, 1), vector(p, "output", 2, 32767)}
		cores[0].Routes = []image.Route{{Count: 2, Core: 1}}
		cores[1].Synapses = []image.Block{{Synapses: &image.Dense{Inputs: 2, Neurons: 2, Weight: []int32{5, 3, 0, c.weight}}}}
		cores[1].Registers[p.Registers.Bias] = []int32{0, c.bias}
		x, session := exits(t, watched(p, 10, cores...), p)
		r, err := session.Run([]uint8{1, c.code}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := x.Decide(r); got.Step != c.want {
			t.Errorf("%+v: exit after %d steps; membranes %v", c, got.Step, r.Potentials)
		}
	}
}

// TestMarginExit: the first step with the lead, behind the delay; spikes and membranes by hand.
func TestMarginExit(t *testing.T) {
	r := &emulator.Result{Steps: []int{1, 2, 3, 4},
		Counts:     [][]int32{{1, 0}, {1, 0}, {2, 0}, {2, 3}},
		Potentials: [][]int32{{50, 0}, {10, 30}, {10, 40}, {90, 0}}}
	for _, c := range []struct {
		readout       string
		delay, margin int
		want          emulator.Decision
	}{
		{image.Count, 0, 1, emulator.Decision{Class: 0, Step: 1}},
		{image.Count, 0, 2, emulator.Decision{Class: 0, Step: 3}},
		{image.Count, 0, 3, emulator.Decision{Class: 1, Step: 4}},
		{image.Count, 1, 1, emulator.Decision{Class: 0, Step: 3}},
		{image.Membrane, 0, 50, emulator.Decision{Class: 0, Step: 1}},
		{image.Membrane, 1, 70, emulator.Decision{Class: 1, Step: 2}},
		{image.Membrane, 1, 71, emulator.Decision{Class: 1, Step: 3}},
		{image.Membrane, 2, 100, emulator.Decision{Class: 0, Step: 4}},
	} {
		img := &image.Image{Steps: 4, Output: image.Output{Readout: c.readout, Delay: c.delay, EarlyExit: image.ExitMargin, Margin: int32(c.margin), Classes: 2}}
		x, err := emulator.NewExit(img, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := x.Decide(r); got != c.want {
			t.Errorf("%s, delay %d, margin %d: %+v, want %+v", c.readout, c.delay, c.margin, got, c.want)
		}
	}
}

// TestExitRefuses names what keeps a bound from being shown.
func TestExitRefuses(t *testing.T) {
	for want, change := range map[string]func(*image.Image, *chip.Profile){
		"core 2 (output): the host drives it": func(m *image.Image, _ *chip.Profile) {
			m.Input.Drives[0].Cores[0], m.Cores[2].Shape = 2, m.Cores[0].Shape
		},
		"read from step": func(m *image.Image, _ *chip.Profile) { m.Output.Delay = m.Steps },
		"begin at different steps": func(m *image.Image, _ *chip.Profile) {
			m.Output.Cores, m.Output.Classes, m.Cores[1].Start = []int{2, 1}, m.Cores[1].Neurons+m.Cores[2].Neurons, 1
		},
		"operation 2, integrate": func(_ *image.Image, p *chip.Profile) { p.Program = append(p.Program[:1:1], p.Program...) },
	} {
		img, p := classifier(t, "generic8", 1, false)
		change(img, p)
		if _, err := emulator.NewExit(img, p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestExactExitOfSignedCounts: a class that leads may lose a spike in every step, and another one gain one.
func TestExactExitOfSignedCounts(t *testing.T) {
	r := &emulator.Result{Steps: []int{1, 2, 3, 4, 5, 6}, Counts: [][]int32{{1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 0}, {6, 0}}}
	for range r.Steps {
		r.Potentials = append(r.Potentials, make([]int32, 2))
	}
	for target, want := range map[string]int{
		"generic8":        4, // 4 > 2
		"generic8-signed": 5, // 5 > 2·1
	} {
		p, err := chip.Load(target)
		if err != nil {
			t.Fatal(err)
		}
		x, err := emulator.NewExit(&image.Image{Steps: 6, Output: image.Output{Readout: image.Count, EarlyExit: image.ExitExact, Classes: 2}}, p)
		if err != nil {
			t.Fatal(err)
		}
		if got := x.Decide(r); got.Step != want {
			t.Errorf("%s: exit after %d steps, want %d", target, got.Step, want)
		}
	}
}

// TestExitOfClassesThatTakeBack: class 1 fired once and is below 0. As long as it may get its threshold of 100 back, no exit
// is sure.
func TestExitOfClassesThatTakeBack(t *testing.T) {
	p, err := chip.Load("generic8-signed")
	if err != nil {
		t.Fatal(err)
	}
	cores := []image.Core{vector(p, "spikes", 1, 1), vector(p, "output", 2, 100)}
	cores[0].Routes = []image.Route{{Count: 1, Core: 1}}
	cores[1].Synapses = []image.Block{{Synapses: &image.Dense{Inputs: 1, Neurons: 2, Weight: []int32{0, 1}}}}
	x, _ := exits(t, watched(p, 3, cores...), p)
	for fired, want := range map[int32]int{0: 1, 1: 3} {
		r := &emulator.Result{Steps: []int{1, 2, 3}, Counts: [][]int32{{0, fired}, {0, fired}, {0, 0}},
			Potentials: [][]int32{{0, -50}, {0, -50}, {0, 50 * fired}}}
		if got := x.Decide(r); got.Step != want || got.Class != int(fired) {
			t.Errorf("%d spikes to take back: class %d after %d steps", fired, got.Class, got.Step)
		}
	}
}
