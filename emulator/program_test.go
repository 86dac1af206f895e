package emulator_test

import (
	"strings"
	"testing"

	"spikec/emulator"
	"spikec/emulator/enginetest"
	"spikec/target/chip"
	"spikec/target/image"
)

// chain is a network of three dense layers on a profile.
func chain(p *chip.Profile) *image.Image {
	img := &image.Image{Chip: p.ID, Steps: 9, Input: image.Input{Shape: [3]int{5, 1, 1}, Step: 1, Encoding: "regular"},
		Output: image.Output{Cores: []int{2}, Classes: 5, Readout: "count"}}
	for i := range 3 {
		c := image.Core{Population: string(rune('a' + i)), Shape: [3]int{5, 1, 1}, Neurons: 5, Start: i * p.Execution.Latency,
			Registers: map[string][]int32{p.Registers.Bias: {1, -2, 30, 0, 7}}}
		for name, v := range p.Registers.Constants {
			c.Registers[name] = []int32{v}
		}
		c.Registers[p.Registers.Threshold] = []int32{40, 50, 60, 70, 80}
		if i > 0 {
			d := &image.Dense{Inputs: 5, Neurons: 5}
			for k := range int32(25) {
				d.Weight = append(d.Weight, (k*7%23-8)*2)
			}
			c.Synapses = []image.Block{{Synapses: d}}
		}
		if i < 2 {
			c.Routes = []image.Route{{Count: 5, Core: i + 1}}
		}
		img.Cores = append(img.Cores, c)
	}
	img.Input.Drives = []image.Drive{{Cores: []int{0}, Register: p.Registers.Bias, Synapses: &image.Identity{N: 5}}}
	return img
}

// with returns a profile with another program.
func with(t *testing.T, id string, edit func(ops []chip.MicroOp) []chip.MicroOp) *chip.Profile {
	t.Helper()
	p, err := chip.Load(id)
	if err != nil {
		t.Fatal(err)
	}
	q := *p
	q.Program = edit(append([]chip.MicroOp(nil), p.Program...))
	return &q
}

// TestPrograms: which programs come to a rule, which ones to passes and why, and which ones the fast engine refuses.
func TestPrograms(t *testing.T) {
	set := func(i int, f func(m *chip.MicroOp)) func([]chip.MicroOp) []chip.MicroOp {
		return func(ops []chip.MicroOp) []chip.MicroOp { f(&ops[i]); return ops }
	}
	insert := func(i int, m chip.MicroOp) func([]chip.MicroOp) []chip.MicroOp {
		return func(ops []chip.MicroOp) []chip.MicroOp {
			return append(ops[:i:i], append([]chip.MicroOp{m}, ops[i:]...)...)
		}
	}
	arithmetic := func(a string) func([]chip.MicroOp) []chip.MicroOp { // of the membrane
		return func(ops []chip.MicroOp) []chip.MicroOp { ops[1].Arith, ops[3].Arith = a, a; return ops }
	}
	for _, c := range []struct {
		name, chip string
		edit       func([]chip.MicroOp) []chip.MicroOp
		because    string // why it comes to no rule
	}{
		{"as it is", "generic8", insert(0, chip.MicroOp{Op: "clear", Var: "a"}), ""},
		{"sum wraps beyond its range", "generic8", set(0, func(m *chip.MicroOp) { m.Arith = "wrap16" }), ""},
		{"sum may wrap", "generic8", set(0, func(m *chip.MicroOp) { m.Arith = "wrap5" }), "which wrap5 changes"},
		{"weights shifted", "generic8", set(0, func(m *chip.MicroOp) { m.Shift = "2" }), ""},
		{"weights doubled", "generic8", set(0, func(m *chip.MicroOp) { m.From = "w + w" }), "no passes: not the weights themselves"},
		{"sum into the membrane", "generic8", func(ops []chip.MicroOp) []chip.MicroOp {
			ops[0].Into, ops[0].Arith, ops[1].Term = "v", "sat16", "bias"
			return ops
		}, "not zero before"},
		{"sum in two variables", "generic8", insert(1, chip.MicroOp{Op: "integrate", From: "w", Into: "b"}), "no passes: summed twice"},
		{"24 bits", "generic8", arithmetic("sat24"), ""},
		{"sums beyond 32 bits", "generic8", func(ops []chip.MicroOp) []chip.MicroOp {
			arithmetic("sat24")(ops)[0].Shift = "16"
			return append(ops[:1:1], append([]chip.MicroOp{{Op: "shift", Var: "a", By: "8"}}, ops[1:]...)...)
		}, ""},
		{"sums and membranes of 32 bits", "generic8", arithmetic("sat32"), ""},
		{"membranes of 31 bits", "generic8", arithmetic("sat31"), ""},
		{"large sums and membranes of 32 bits", "generic8", func(ops []chip.MicroOp) []chip.MicroOp {
			arithmetic("sat32")(ops)[0].Shift = "16"
			return append(ops[:1:1], append([]chip.MicroOp{{Op: "shift", Var: "a", By: "7"}}, ops[1:]...)...)
		}, ""},
		{"membranes of 33 bits", "generic8", arithmetic("sat33"), "no passes: leave 32 bits"},
		{"12 bits", "generic8", set(1, func(m *chip.MicroOp) { m.Arith = "sat12" }), ""},
		{"unsigned", "generic8", set(1, func(m *chip.MicroOp) { m.Arith = "satu9" }), ""},
		{"membrane wraps", "generic8", set(1, func(m *chip.MicroOp) { m.Arith = "wrap9" }), "it wraps"},
		{"membrane without limit", "generic8", set(1, func(m *chip.MicroOp) { m.Arith = "int" }), "no passes: does not compare the membrane after"},
		{"product", "generic8", set(1, func(m *chip.MicroOp) { m.Term = "a * 2" }), "is not a sum"},
		{"difference", "generic8", set(1, func(m *chip.MicroOp) { m.Term = "a - bias" }), "is not a sum"},
		{"sum twice", "generic8", set(1, func(m *chip.MicroOp) { m.Term = "a + a" }), "added twice"},
		{"limited again, wider", "generic8", insert(2, chip.MicroOp{Op: "clamp", Var: "v", Min: "-40000", Max: "40000"}), ""},
		{"limited again, narrower", "generic8", insert(2, chip.MicroOp{Op: "clamp", Var: "v", Min: "-100", Max: "100"}), "limited twice"},
		{"sum limited beyond its range", "generic8", insert(1, chip.MicroOp{Op: "clamp", Var: "a", Min: "-400", Max: "400"}), ""},
		{"sum limited", "generic8", insert(1, chip.MicroOp{Op: "clamp", Var: "a", Min: "-4", Max: "40"}), "it may change a"},
		{"further condition", "generic8", set(2, func(m *chip.MicroOp) { m.Also = "v >= 45" }), "further condition"},
		{"fires above", "generic8", set(2, func(m *chip.MicroOp) { m.Compare = "gt" }), ""},
		{"subtracts something else", "generic8", set(3, func(m *chip.MicroOp) { m.Value = "thr + 1" }), "and subtracts"},
		{"resets to a value", "generic8", set(3, func(m *chip.MicroOp) { m.Mode, m.Value = "value", "5" }), "want subtract or zero"},
		{"leaks after the reset", "generic8", insert(4, chip.MicroOp{Op: "decay", Var: "v", Mul: "1", Shift: "1"}), "follows the reset"},
		{"emits before the reset", "generic8", func(ops []chip.MicroOp) []chip.MicroOp { ops[3], ops[4] = ops[4], ops[3]; return ops }, ""},
		{"emits before it fires", "generic8", func(ops []chip.MicroOp) []chip.MicroOp {
			return append([]chip.MicroOp{ops[4]}, ops[:4]...)
		}, "those of the step before"},
		{"emits twice", "generic8", insert(0, chip.MicroOp{Op: "emit"}), ""},
		{"clears after the reset", "generic8", insert(5, chip.MicroOp{Op: "clear", Var: "a"}), ""},
		{"current with memory", "loihi1", set(2, func(m *chip.MicroOp) { m.Mul = "2000" }), "decays by the factor"},
		{"current of the last step", "loihi1", func(ops []chip.MicroOp) []chip.MicroOp { return append(ops[:2:2], ops[3:]...) }, "no passes: what the step before left"},
		{"membrane leaks", "loihi1", set(4, func(m *chip.MicroOp) { m.Mul = "4000" }), "decays by the factor"},
		{"membrane kept", "generic8", insert(0, chip.MicroOp{Op: "decay", Var: "v", Mul: "4", Shift: "2", Arith: "sat16"}), ""},
		{"membrane kept in fewer bits", "generic8", insert(0, chip.MicroOp{Op: "decay", Var: "v", Mul: "4", Shift: "2", Arith: "sat5"}), "sat5 may change the membrane"},
		{"sum kept", "generic8", insert(1, chip.MicroOp{Op: "decay", Var: "a", Mul: "1", Shift: "0", Arith: "sat16"}), ""},
		{"sum kept in fewer bits", "generic8", insert(1, chip.MicroOp{Op: "decay", Var: "a", Mul: "1", Shift: "0", Arith: "sat5"}), "sat5 may change a"},
		{"rounding shift", "loihi1", set(1, func(m *chip.MicroOp) { m.By = "-1" }), "want 0.."},
		{"lava", "loihi1", func(ops []chip.MicroOp) []chip.MicroOp {
			ops[1].By, ops[3].Term, ops[3].Arith = "weight_exp", "a << 6", "wrap_once24"
			return ops
		}, ""},
		{"nengo without refractory", "loihi1", func(ops []chip.MicroOp) []chip.MicroOp {
			ops[0].Arith, ops[3].Arith = "wrap22", "wrap24"
			second := chip.MicroOp{Op: "add", Var: "u2", Term: "u + (bias_mant << bias_exp)", Arith: "wrap24"}
			ops[5].Term = "u2"
			return append(ops[:4:4], append([]chip.MicroOp{second}, ops[4:]...)...)
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := with(t, c.chip, c.edit)
			img := chain(p)
			e, err := emulator.NewFast(img, p)
			because, refused := strings.CutPrefix(c.because, "no passes: ")
			if refused {
				if err == nil || !strings.Contains(err.Error(), because) {
					t.Errorf("refused with %v, want %q", err, because)
				}
			} else if err != nil {
				t.Error(err)
			} else if text := e.Explain()[2]; strings.Contains(text, "no simple rule") != (because != "") || !strings.Contains(text, because) {
				t.Errorf("explained by %q, want %q", text, because)
			}
			enginetest.NoDiff(t, img, p, []uint8{3, 40, 0, 255, 60}, []uint8{255, 255, 255, 255, 255})
		})
	}
}

// TestRefused: programs that no engine runs.
func TestRefused(t *testing.T) {
	for want, m := range map[string]chip.MicroOp{
		`value: "" is not an expression`:                        {Op: "hold", Var: "v"},
		`compare "gt": want lt or le`:                           {Op: "lower_fire", Against: "0", Compare: "gt"},
		`toward "one": want zero or floor`:                      {Op: "leak", Var: "v", By: "1", Toward: "one"},
		"state gives a no least value":                          {Op: "leak", Var: "a", By: "1", Toward: "floor"},
		"operation 1, for_each, is not emul":                    {Op: "for_each"},
		"float32: not supported":                                {Op: "add", Var: "v", Term: "1", Arith: "float32"},
		`unknown name "shifted"`:                                {Op: "integrate", From: "w + shifted", Into: "v"},
		"combine with 1 memories and 0 shifts":                  {Op: "integrate", From: "w", Into: "v", Combine: "sat16"},
		`synapses in a memory "": the chip has ["winp" "wrec"]`: {Op: "integrate", From: "winp, wrec", Into: "v", Shift: "1, 2", Combine: "sat16"},
		`"" is no variable`:                                     {Op: "clear"},
		"thr is both a register and a variable":                 {Op: "clear", Var: "thr"},
		`compare "lt": want ge or gt`:                           {Op: "fire", Var: "v", Against: "thr", Compare: "lt"},
		`mode "other": want subtract`:                           {Op: "reset", Mode: "other"},
		`unknown rounding "up"`:                                 {Op: "shift", Var: "v", By: "1", Round: "up"},
		`against: "" is not an expression`:                      {Op: "fire", Var: "v", Compare: "ge"},
	} {
		p := with(t, "generic8", func(ops []chip.MicroOp) []chip.MicroOp { return append([]chip.MicroOp{m}, ops...) })
		for _, name := range emulator.Names() {
			if _, err := emulator.New(name, chain(p), p); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", name, err, want)
			}
		}
	}
}

// TestBadImages: images that break the promises of package image are errors.
func TestBadImages(t *testing.T) {
	p := with(t, "generic8", func(ops []chip.MicroOp) []chip.MicroOp { return ops })
	for want, edit := range map[string]func(*image.Image){
		"register thr is missing":           func(m *image.Image) { delete(m.Cores[1].Registers, "thr") },
		"register bias: 3 values":           func(m *image.Image) { m.Cores[1].Registers["bias"] = []int32{1, 2, 3} },
		"initial membranes: 2 values":       func(m *image.Image) { m.Cores[1].InitialV = []int32{1, 2} },
		"image of 0 steps":                  func(m *image.Image) { m.Steps = 0 },
		"spikes go to core 0":               func(m *image.Image) { m.Cores[1].Routes[0].Core = 0 },
		"spikes go to core 3":               func(m *image.Image) { m.Cores[1].Routes[0].Core = 3 },
		"leaves 5 neurons or 5 axons":       func(m *image.Image) { m.Cores[1].Routes[0].Axon = 1 },
		"does not read a picture":           func(m *image.Image) { m.Input.Drives[0].Synapses = &image.Identity{N: 4} },
		"drive 0: it reaches no core":       func(m *image.Image) { m.Input.Drives[0].Cores = nil },
		"drive 0: core 7":                   func(m *image.Image) { m.Input.Drives[0].Cores = []int{7} },
		"output core 2: want each":          func(m *image.Image) { m.Output.Cores = []int{2, 2} },
		"output of 5 neurons for 4 classes": func(m *image.Image) { m.Output.Classes = 4 },
		"window from step -1":               func(m *image.Image) { m.Cores[2].Start = -1 },
	} {
		for _, name := range emulator.Names() {
			img := chain(p)
			edit(img)
			if _, err := emulator.New(name, img, p); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", name, err, want)
			}
		}
	}
	if _, err := emulator.New("slow", chain(p), p); err == nil || !strings.Contains(err.Error(), "want one of auto, reference, fast") {
		t.Error(err)
	}
	q := *p
	q.Execution.Kind = "photonic"
	if _, err := emulator.New("auto", chain(&q), &q); err == nil || !strings.Contains(err.Error(), `execution "photonic" is not emulated`) {
		t.Error(err)
	}
}

// TestBeyond: a variable that leaves what is emulated is an error of the picture, not a wrong answer.
func TestBeyond(t *testing.T) {
	p := with(t, "generic8", func(ops []chip.MicroOp) []chip.MicroOp {
		ops[1].Arith, ops[3].Arith = "int", "int"
		return append(ops[:2:2], append([]chip.MicroOp{{Op: "shift", Var: "v", By: "15"}}, ops[2:]...)...)
	})
	e, err := emulator.New("auto", chain(p), p)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(e.Explain()[0], "because the fast engine cannot run it: no simple rule will do: operation 3, shift") {
		t.Errorf("explained by %q", e.Explain()[0])
	}
	if _, err := e.NewSession().Run([]uint8{1, 2, 3, 4, 5}, 0); err == nil || !strings.Contains(err.Error(), "is beyond what is emulated") {
		t.Error(err)
	}
}
