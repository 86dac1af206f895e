package enginetest

import (
	"fmt"
	"slices"
	"testing"

	"spikec/emulator"
	"spikec/target/chip"
	"spikec/target/image"
)

// handCases are small networks whose answers are worked out by hand, so that the reference engine is checked too.
var handCases = []struct {
	name string
	run  func(t *testing.T, make Constructor)
}{
	{"soft reset staircase", softStaircase},
	{"hard reset staircase", hardStaircase},
	{"one saturation a step", saturation},
	{"thresholds at the rails", rails},
	{"latency", latency},
	{"windows", windows},
	{"operations", operations},
	{"overlapping pool", overlappingPool},
	{"drive", drive},
	{"source", source},
	{"source before two stages", sourceBeforeStages},
	{"source of signed neurons", sourceOfSigned},
	{"signed spikes", signedSpikes},
	{"two stages", twoStages},
	{"two stages and latency", stagesAndLatency},
}

// profile returns a built-in profile.
func profile(t testing.TB, id string) *chip.Profile {
	t.Helper()
	p, err := chip.Load(id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// vector returns a core of n neurons with the registers of an integrate-and-fire neuron on the chip: threshold thr
// (the register's value), no bias, no decay.
func vector(p *chip.Profile, name string, n, thr int32) image.Core {
	c := image.Core{Population: name, Shape: [3]int{int(n), 1, 1}, Neurons: int(n), Registers: map[string][]int32{}}
	for k, v := range p.Registers.Constants {
		c.Registers[k] = []int32{v}
	}
	c.Registers[p.Registers.Threshold] = []int32{thr}
	c.Registers[p.Registers.Bias] = []int32{0}
	return c
}

// driven returns an image whose first core takes every code of a picture as a current of one of its neurons.
func driven(p *chip.Profile, steps int, cores ...image.Core) *image.Image {
	n := cores[0].Neurons
	last := len(cores) - 1
	return &image.Image{
		Chip: p.ID, Steps: steps, Cores: cores,
		Input: image.Input{Shape: [3]int{n, 1, 1}, Step: 1, Encoding: "regular",
			Drives: []image.Drive{{Cores: []int{0}, Register: p.Registers.Bias, Synapses: &image.Identity{N: n}}}},
		Output: image.Output{Cores: []int{last}, Classes: cores[last].Neurons, Readout: "count"},
	}
}

// join sends the spikes of core i to the axons of core i+1, one by one, through a matrix.
func join(cores []image.Core, i int, weight []int32) {
	from, to := &cores[i], &cores[i+1]
	from.Routes = append(from.Routes, image.Route{Count: from.Neurons, Core: i + 1})
	to.Synapses = append(to.Synapses, image.Block{Synapses: &image.Dense{Inputs: from.Neurons, Neurons: to.Neurons, Weight: weight}})
}

// engineRun is an image for an engine.
type engineRun struct {
	make    Constructor
	img     *image.Image
	profile *chip.Profile
}

// session returns a session of the engine.
func (r engineRun) session(t *testing.T) emulator.Session {
	t.Helper()
	e, err := r.make(r.img, r.profile)
	if err != nil {
		t.Fatal(err)
	}
	return e.NewSession()
}

// present runs one picture.
func present(t *testing.T, make Constructor, img *image.Image, p *chip.Profile, codes ...uint8) *emulator.Result {
	t.Helper()
	e, err := make(img, p)
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.NewSession().Run(codes, 0)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// firing returns, per core, the steps at which neuron 0 fired.
func firing(t *testing.T, make Constructor, img *image.Image, p *chip.Profile, codes ...uint8) [][]int {
	t.Helper()
	e, err := make(img, p)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.Repeat([][]int{nil}, len(img.Cores))
	_, err = e.NewSession().Trace(codes, 0, func(core, step int, spikes []int8, _ []int32) {
		if spikes[0] > 0 {
			at[core] = append(at[core], step)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// want compares what a case gave with what the hand calculation gives.
func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// softStaircase: with reset by subtraction, threshold θ, start at ⌊θ/2⌋ and a current 0 <= z <= θ, the number of
// spikes after n steps is ⌊(n·z + ⌊θ/2⌋) / θ⌋ and the membrane is what is left.
func softStaircase(t *testing.T, make Constructor) {
	p := profile(t, "generic8")
	for _, theta := range []int32{1, 2, 7, 100, 255, 1000} {
		var codes []uint8
		for z := int32(0); z <= min(theta, 255); z += 1 + theta/9 {
			codes = append(codes, uint8(z))
		}
		c := vector(p, "if", int32(len(codes)), theta)
		c.InitialV = []int32{theta / 2}
		r := present(t, make, driven(p, 37, c), p, codes...)
		want(t, "checkpoints", r.Steps, []int{2, 4, 8, 16, 32, 37})
		for i, n := range r.Steps {
			for k, z := range codes {
				sum := int32(n)*int32(z) + theta/2
				want(t, fmt.Sprintf("θ %d, z %d, %d steps: spikes and rest", theta, z, n),
					[2]int32{r.Counts[i][k], r.Potentials[i][k]}, [2]int32{sum / theta, sum % theta})
			}
		}
	}
}

// hardStaircase: with reset to zero, a test v > θ and a current I > 0, the period is ⌊θ/I⌋ + 1. On loihi1 θ = vth·64
// and I = bias_mant·2^bias_exp.
func hardStaircase(t *testing.T, make Constructor) {
	p := profile(t, "loihi1")
	const steps = 50
	for _, vth := range []int32{1, 2, 10, 33} {
		for _, exp := range []int32{0, 3, 6} {
			c := vector(p, "if", 4, vth)
			c.Registers["bias_exp"] = []int32{exp}
			codes := []uint8{1, 16, 64, 255}
			r := present(t, make, driven(p, steps, c), p, codes...)
			for k, z := range codes {
				period := vth*64/(int32(z)<<exp) + 1
				want(t, fmt.Sprintf("vth %d, bias %d·2^%d: spikes", vth, z, exp), r.Counts[len(r.Steps)-1][k], steps/period)
			}
		}
	}
}

// saturation: a membrane of 16 bits that falls by 3·10000 + 10 a step stands at −32768 from the second step on; both
// lanes around it are untouched. The operation changes its value in steps 1 to 4.
func saturation(t *testing.T, make Constructor) {
	p := profile(t, "generic8")
	a, b := vector(p, "in", 3, 1), vector(p, "if", 3, 100)
	b.Registers["bias"] = []int32{0, -10, 1}
	cores := []image.Core{a, b}
	join(cores, 0, []int32{0, -10000, 0, 0, -10000, 0, 0, -10000, 0})
	r := present(t, make, driven(p, 5, cores...), p, 1, 1, 1)
	want(t, "membranes", r.Potentials[len(r.Steps)-1], []int32{0, -32768, 5})
	want(t, "membranes after 2 steps", r.Potentials[0], []int32{0, -32768, 2})
	want(t, "saturations", r.Counters.Saturations, []int64{0, 4})
}

// rails: a threshold at the upper end of the membrane fires when the membrane saturates there.
func rails(t *testing.T, make Constructor) {
	p := profile(t, "generic8")
	c := vector(p, "if", 2, 32767)
	c.Registers["bias"] = []int32{20000, -32768}
	r := present(t, make, driven(p, 3, c), p, 0, 0) // 20000; 40000 → 32767, fires, 0; 20000
	want(t, "spikes", r.Counts[1], []int32{1, 0})
	want(t, "membranes", r.Potentials[1], []int32{20000, -32768})
	want(t, "saturations", r.Counters.Saturations, []int64{3}) // one up; down from −32768 in steps 1 and 2
}

// latency: a neuron that fires in every step of its window drives the next one by weight 2 against threshold 4 (on
// loihi1 by 2·2^6 against 3·64, tested by >). Windows open one latency later, so local steps do not show it.
func latency(t *testing.T, make Constructor) {
	for _, id := range []string{"generic8", "loihi1"} {
		p := profile(t, id)
		cores := []image.Core{vector(p, "in", 1, 1), vector(p, "a", 1, 4), vector(p, "b", 1, 2)}
		if id == "loihi1" {
			cores[0].Registers["vth"], cores[1].Registers["vth"], cores[2].Registers["vth"] = []int32{0}, []int32{3}, []int32{1}
			cores[0].Registers["bias_exp"] = []int32{6}
		}
		join(cores, 0, []int32{2})
		join(cores, 1, []int32{2})
		for i := range cores {
			cores[i].Start = i * p.Execution.Latency
		}
		at := firing(t, make, driven(p, 6, cores...), p, 1)
		want(t, id+": steps of spikes", at, [][]int{{0, 1, 2, 3, 4, 5}, {1, 3, 5}, {1, 3, 5}})
	}
}

// windows: spikes that arrive outside the window of the core that they go to are lost. With latency 1 and both
// windows from step 0, the spikes of steps 0..4 arrive in steps 1..5 and that of step 5 after the end; with the second
// window from step 3, those of steps 2..5 arrive in local steps 0..3.
func windows(t *testing.T, make Constructor) {
	p := profile(t, "loihi1")
	for start, fired := range map[int][]int{0: {1, 2, 3, 4, 5}, 3: {0, 1, 2, 3}, 9: nil} {
		cores := []image.Core{vector(p, "in", 1, 0), vector(p, "if", 1, 1)}
		cores[0].Registers["bias_exp"] = []int32{6}
		join(cores, 0, []int32{2})
		cores[1].Start = start
		at := firing(t, make, driven(p, 6, cores...), p, 1)
		want(t, fmt.Sprintf("window from step %d", start), at[1], fired)
	}
}

// operations: 3 inputs, of which the first two fire in all 4 steps, over a matrix with 2, 1 and 2 weights that are not
// zero: 4·(2+1) synaptic operations, 4·(3+2) updates of neurons, 3 multiplications of the host.
func operations(t *testing.T, make Constructor) {
	p := profile(t, "generic8")
	cores := []image.Core{vector(p, "in", 3, 1), vector(p, "if", 2, 100)}
	join(cores, 0, []int32{1, 2, 0, 3, 4, 5})
	r := present(t, make, driven(p, 4, cores...), p, 1, 1, 0)
	want(t, "counters", r.Counters, emulator.Counters{Spikes: []int64{8, 0}, Saturations: []int64{0, 0},
		Work:  emulator.Work{SynapticOperations: 12, NeuronUpdates: 20, HostMACs: 3},
		Cores: []emulator.Work{{NeuronUpdates: 12, HostMACs: 3}, {SynapticOperations: 12, NeuronUpdates: 8}}})
	want(t, "membranes", r.Potentials, [][]int32{{2, 10}, {4, 20}})
}
