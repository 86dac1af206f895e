package emulator_test

import (
	"context"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"spikec/emulator"
	"spikec/emulator/enginetest"
	"spikec/internal/parallel"
	"spikec/internal/simd"
	"spikec/target/chip"
	"spikec/target/image"
)

func TestFast(t *testing.T) { enginetest.Run(t, emulator.NewFast) }

// TestFastHolding: an engine that lets spikes go after a few steps gives the same answers, and so does one that computes
// synapses in the other way.
func TestFastHolding(t *testing.T) {
	refused := 0
	for seed := range uint64(300) {
		img, p := enginetest.RandomImage(seed)
		ref, err := emulator.NewReference(img, p)
		if err != nil {
			t.Fatal(err)
		}
		for name, make := range map[string]enginetest.Constructor{
			"1 step held": emulator.NewFastHolding(1), "5 steps held": emulator.NewFastHolding(5),
			"gathering": emulator.NewFastBy(true), "not gathering": emulator.NewFastBy(false),
		} {
			e, err := make(img, p)
			if err != nil {
				refused++
				continue
			}
			if err := enginetest.Diff(img, ref, e, enginetest.RandomCodes(img, seed), enginetest.RandomCodes(img, seed+1)); err != nil {
				t.Errorf("seed %d, %s: %v", seed, name, err)
			}
		}
	}
	if refused > 4*300/20 {
		t.Errorf("%d of %d engines refused, want at most a few", refused, 4*300)
	}
}

// TestLevels takes the fast engine through the suite at every other level of vector instructions. Kernels are chosen when
// a program starts, so each level has a process of its own.
func TestLevels(t *testing.T) {
	if os.Getenv(simd.Variable) != "" {
		t.Skip("one level is asked for")
	}
	for level := range simd.Best() {
		t.Run(level.String(), func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestFast$", "-test.v")
			cmd.Env = append(os.Environ(), simd.Variable+"="+level.String())
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			for line := range strings.Lines(string(out)) {
				if strings.Contains(line, "networks accepted") {
					t.Log(strings.TrimSpace(line))
				}
			}
		})
	}
}

// TestConcurrent: sessions of one engine do not disturb each other, whatever they ran before.
func TestConcurrent(t *testing.T) {
	for _, id := range []string{"generic8", "reckon-style"} {
		img, p := enginetest.RandomImage(5, id)
		for _, name := range emulator.Names() {
			concurrent(t, name, img, p)
		}
	}
}

// concurrent presents pictures in several sessions at once.
func concurrent(t *testing.T, name string, img *image.Image, p *chip.Profile) {
	t.Helper()
	e, err := emulator.New(name, img, p)
	if err != nil {
		t.Fatal(err)
	}
	const pictures = 24
	var want [pictures]*emulator.Result
	for i := range want {
		if want[i], err = e.NewSession().Run(enginetest.RandomCodes(img, uint64(i)), i); err != nil {
			t.Fatal(err)
		}
	}
	sessions := []emulator.Session{e.NewSession(), e.NewSession(), e.NewSession()}
	err = parallel.For(context.Background(), pictures, len(sessions), func(worker, i int) error {
		r, err := sessions[worker].Run(enginetest.RandomCodes(img, uint64(i)), i)
		if err == nil && !reflect.DeepEqual(r, want[i]) {
			t.Errorf("%s: picture %d: %+v, want %+v", name, i, r, want[i])
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestAllocations: what a session allocates does not depend on the number of steps, and the fast engine's second
// picture allocates nothing.
func TestAllocations(t *testing.T) {
	p, err := chip.Load("generic8")
	if err != nil {
		t.Fatal(err)
	}
	a := readAnchor(t)
	picture := make([]uint8, 784)
	for i := range picture {
		picture[i] = uint8(i)
	}
	for _, name := range []string{"reference", "fast"} {
		var n [2]float64
		for i, steps := range []int{1, 6} {
			e, err := emulator.New(name, a.pools(steps), p)
			if err != nil {
				t.Fatal(err)
			}
			s := e.NewSession()
			n[i] = testing.AllocsPerRun(2, func() {
				if _, err := s.Run(picture, 0); err != nil {
					t.Fatal(err)
				}
			})
		}
		if n[0] != n[1] || name == "fast" && n[0] != 0 {
			t.Errorf("%s: %v allocations for 1 step, %v for 6", name, n[0], n[1])
		}
	}
}

// TestStyleAllocations: whatever the neurons are, the second picture allocates nothing but what the plain loop of a drive
// takes.
func TestStyleAllocations(t *testing.T) {
	for _, id := range enginetest.Profiles() {
		for seed := range uint64(5) {
			img, p := enginetest.RandomImage(seed, id)
			e, err := emulator.NewFast(img, p)
			if err != nil && p.Execution.Merge {
				continue // several spikes on an axon, which the engine does not merge
			}
			if err != nil {
				t.Fatal(err)
			}
			s, codes := e.NewSession(), enginetest.RandomCodes(img, seed)
			if n := testing.AllocsPerRun(2, func() { s.Run(codes, 0) }); n > 2 {
				t.Errorf("%s, seed %d: %v allocations", id, seed, n)
			}
		}
	}
}

// TestManySteps: counters of all kinds hold the most steps that a picture may have, taken a few hundred at once or all.
func TestManySteps(t *testing.T) {
	p, err := chip.Load("generic8")
	if err != nil {
		t.Fatal(err)
	}
	img := chain(p)
	img.Steps = 1 << 16
	ref, err := emulator.NewReference(img, p)
	if err != nil {
		t.Fatal(err)
	}
	for _, held := range []int{100, 512, img.Steps} {
		e, err := emulator.NewFastHolding(held)(img, p)
		if err != nil {
			t.Fatal(err)
		}
		if err := enginetest.Diff(img, ref, e, []uint8{255, 255, 9, 255, 0}); err != nil {
			t.Errorf("%d steps at once: %v", held, err)
		}
	}
}

// TestExplain: the reports name the methods and the reasons.
func TestExplain(t *testing.T) {
	p, err := chip.Load("generic8")
	if err != nil {
		t.Fatal(err)
	}
	a := readAnchor(t)
	var got []string
	for _, img := range []*image.Image{a.pools(4), a.folded(4)} {
		e, err := emulator.NewFastBy(true)(img, p)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e.Explain()...)
	}
	want := `core 0 (conv1): fast, nothing but a constant current arrives; 6912 neurons, membranes in lanes of 16 bits
core 1 (pool1): fast, adds up a convolution that keeps channels apart by masks of spikes; sums of a step in 0..4; 1728 neurons, membranes in lanes of 16 bits
core 2 (conv2): fast, gathers the events of a convolution, 300 rows of 64 bytes, into sums of 16 bits (scatters them in steps when fewer than 1 in 125 axons spikes); sums of a step in -4700..2965; 4096 neurons, membranes in lanes of 16 bits
core 3 (pool2): fast, adds up a convolution that keeps channels apart by masks of spikes; sums of a step in 0..4; 1024 neurons, membranes in lanes of 16 bits
core 0 (conv1): fast, nothing but a constant current arrives; 6912 neurons, membranes in lanes of 16 bits
core 1 (conv2): fast, gathers the events of a convolution, 300 rows of 64 bytes, into sums of 16 bits; sums of a step in -18800..11860; 4096 neurons, membranes in lanes of 16 bits
core 2 (out): fast, gathers the events of a convolution, 1024 rows of 32 bytes, into sums of 32 bits; sums of a step in -35828..25916; 10 neurons, membranes in lanes of 16 bits, 10 channels filled up to 12 lanes`
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("explained by\n%s\nwant\n%s", text, want)
	}
}

// TestFastStages: all steps of both stages of a window are held, so that very many are left to the reference engine; and
// where the program of a window of two stages is no rule.
func TestFastStages(t *testing.T) {
	img, p := enginetest.RandomImage(1, "generic8-staged")
	other := *p
	other.Program = slices.Insert(slices.Clone(p.Program), 2, chip.MicroOp{Op: "leak", Var: "v", By: "1", Toward: "zero", Stage: chip.StageIntegrate})
	for want, make := range map[string]func() (emulator.Engine, error){
		"two stages of 4097 steps: want at most 4096": func() (emulator.Engine, error) {
			long := *img
			long.Steps = 4097
			return emulator.NewFast(&long, p)
		},
		"of passes there is one stage": func() (emulator.Engine, error) { return emulator.NewFast(img, &other) },
	} {
		if _, err := make(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	e, err := emulator.New("auto", img, &other)
	if err != nil || e.Name() != "reference" {
		t.Errorf("auto: %v, %v", e, err)
	}
}

// TestExplainSigned: the reports say which methods take the spikes of which sign.
func TestExplainSigned(t *testing.T) {
	p, err := chip.Load("generic8-signed")
	if err != nil {
		t.Fatal(err)
	}
	core := func(n int) image.Core {
		return image.Core{Population: "layer", Shape: [3]int{n, 1, 1}, Neurons: n, Registers: map[string][]int32{"thr": {4}, "bias": {1}}}
	}
	img := &image.Image{Chip: p.ID, Steps: 4, Cores: []image.Core{core(2), core(1)}, Input: image.Input{Shape: [3]int{2, 1, 1}, Step: 1, Encoding: "regular"},
		Output: image.Output{Cores: []int{1}, Classes: 1, Readout: "count"}}
	img.Cores[0].Routes = []image.Route{{Count: 2, Core: 1}}
	img.Cores[1].Synapses = []image.Block{{Synapses: &image.Dense{Inputs: 2, Neurons: 1, Weight: []int32{3, -8}}}}
	e, err := emulator.NewFastBy(true)(img, p)
	if err != nil {
		t.Fatal(err)
	}
	const want = "core 1 (layer): fast, gathers the events of a matrix, 2 rows of 32 bytes, into sums of 16 bits; for spikes of −1 with the signs of the weights changed; " +
		"gathers the events of a matrix, 2 rows of 32 bytes, into sums of 16 bits; sums of a step in -11..11; 1 neurons, one pass over columns of 32 bits"
	if got := e.Explain()[1]; got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}

// TestCountsOfTheLongestDelay: neurons that fire in each of 2^16 steps, read after the longest delay and at the end.
func TestCountsOfTheLongestDelay(t *testing.T) {
	const steps = 1 << 16
	p, err := chip.Load("generic8")
	if err != nil {
		t.Fatal(err)
	}
	c := vector(p, "output", 3, 1)
	c.Registers[p.Registers.Bias] = []int32{1}
	img := watched(p, steps, c)
	img.Output.Readout, img.Output.EarlyExit, img.Output.Delay = image.Count, "", steps-1
	e, err := emulator.NewFast(img, p)
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.NewSession().Run(make([]uint8, 3), 0)
	if err != nil {
		t.Fatal(err)
	}
	if want := [][]int32{{steps - 1, steps - 1, steps - 1}, {steps, steps, steps}}; !slices.EqualFunc(r.Counts, want, slices.Equal) {
		t.Errorf("counts %v after %v steps, want %v", r.Counts, r.Steps, want)
	}
}
