package verify

import (
	"fmt"
	"testing"

	"spikec/emulator"
	"spikec/target/chip"
	"spikec/target/image"
)

// lavaCore is one compartment with an axon for every weight.
func lavaCore(registers map[string]int32, weights ...int32) image.Core {
	c := image.Core{Population: "lif", Shape: [3]int{1, 1, 1}, Neurons: 1, Registers: map[string][]int32{},
		Synapses: []image.Block{{Synapses: &image.Dense{Inputs: len(weights), Neurons: 1, Weight: weights}}}}
	for name, v := range map[string]int32{"vth": 1 << 16, "bias_mant": 0, "bias_exp": 0, "weight_exp": 0, "du": 4095, "dv": 0} {
		c.Registers[name] = []int32{v}
	}
	for name, v := range registers {
		c.Registers[name] = []int32{v}
	}
	return c
}

// lavaCase is a core, the axons on which a spike arrives in each step, and what the current and the membrane are then.
type lavaCase struct {
	name  string
	core  image.Core
	sends [][]int
	u, v  []int64
	fired int // steps with a spike, as bits
}

// lavaCases were computed by hand from the loop of lava/proc/lif/models.py and lava/proc/dense/models.py.
func lavaCases() []lavaCase {
	big := make([]int32, 1024) // a sum of 1024·128 is a current of 2^23
	for i := range big {
		big[i] = 128
	}
	all := make([]int, len(big))
	for i := range all {
		all[i] = i
	}
	minus := make([]int32, 1024)
	for i := range minus {
		minus[i] = -128
	}
	return []lavaCase{
		{name: "a negative exponent shifts the sum and rounds it down", core: lavaCore(map[string]int32{"weight_exp": -2}, 2, 2, -6),
			sends: [][]int{{0, 1}, {0}, {2}}, u: []int64{64, 0, -128}, v: []int64{64, 64, -64}}, // 4>>2, 2>>2, −6>>2 = −2
		{name: "a positive exponent shifts the sum", core: lavaCore(map[string]int32{"weight_exp": 3}, 2), sends: [][]int{{0}}, u: []int64{1024}, v: []int64{1024}},
		{name: "+2^23 stays", core: lavaCore(nil, big...), sends: [][]int{all}, u: []int64{1 << 23}, v: []int64{0}, fired: 1},
		{name: "-2^23 becomes +2^23", core: lavaCore(nil, minus...), sends: [][]int{all}, u: []int64{1 << 23}, v: []int64{0}, fired: 1},
		{name: "the membrane is limited", core: lavaCore(nil, append(minus[:1023:1023], -126)...), sends: [][]int{all, all},
			u: []int64{128 - 1<<23, 128 - 1<<23}, v: []int64{128 - 1<<23, 1 - 1<<23}},
		{name: "one correction of the current", core: lavaCore(map[string]int32{"vth": 131071}, append(big, 2)...), sends: [][]int{append(all, 1024)},
			u: []int64{1<<23 + 128 - 1<<24}, v: []int64{1<<23 + 128 - 1<<24}},
		{name: "the current decays towards zero", core: lavaCore(map[string]int32{"du": 2047}, -2), sends: [][]int{{0}, {}, {}}, u: []int64{-128, -64, -32}, v: []int64{-128, -192, -224}},
		{name: "the membrane decays towards zero, before the current comes", core: lavaCore(map[string]int32{"dv": 1024}, -2), sends: [][]int{{0}, {}, {0}},
			u: []int64{-128, 0, -128}, v: []int64{-128, -96, -200}},
		{name: "a bias that the threshold is equal to, and one above", core: lavaCore(map[string]int32{"vth": 1, "bias_mant": 32, "bias_exp": 1}, 2), sends: [][]int{{}, {0}, {}},
			u: []int64{0, 128, 0}, v: []int64{64, 0, 64}, fired: 2},
	}
}

// run returns what differs from the case, or "".
func (c *lavaCase) run(p *chip.Profile) string {
	s, err := emulator.NewStepper([]image.Core{c.core}, p)
	if err != nil {
		return err.Error()
	}
	for t, axons := range c.sends {
		for _, a := range axons {
			if err := s.Send(0, a); err != nil {
				return err.Error()
			}
		}
		if err := s.Step(); err != nil {
			return err.Error()
		}
		u, _ := s.Values(0, "u")
		v, _ := s.Values(0, "v")
		if fired := s.Spikes(0)[0] != 0; u[0] != c.u[t] || v[0] != c.v[t] || fired != (c.fired>>t&1 != 0) {
			return fmt.Sprintf("step %d: u %d, v %d, spike %t, want %d, %d", t, u[0], v[0], fired, c.u[t], c.v[t])
		}
	}
	return ""
}

func TestLava(t *testing.T) {
	p, err := chip.Load("loihi1-lava")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range lavaCases() {
		if d := c.run(p); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

// TestLavaMutated: each rule is one that a case depends on.
func TestLavaMutated(t *testing.T) {
	for name, change := range map[string]func(p []chip.MicroOp){
		"the exponent rounds toward zero": func(p []chip.MicroOp) { p[1].Round = "toward_zero" },
		"the current does not wrap":       func(p []chip.MicroOp) { p[3].Arith = "int" },
		"the current wraps at 24 bits":    func(p []chip.MicroOp) { p[3].Arith = "wrap24" },
		"the current rounds down":         func(p []chip.MicroOp) { p[2].Mul = "4095-(du+1)" },
		"the membrane does not decay":     func(p []chip.MicroOp) { p[4].Mul = "4096" },
		"the membrane has 24 bits":        func(p []chip.MicroOp) { p[6].Min = "-8388608" },
		"fires at the threshold":          func(p []chip.MicroOp) { p[7].Compare = "ge" },
		"subtracts":                       func(p []chip.MicroOp) { p[8].Mode, p[8].Value = "subtract", "vth << 6" },
	} {
		p, err := chip.Load("loihi1-lava")
		if err != nil {
			t.Fatal(err)
		}
		change(p.Program)
		failed := false
		for _, c := range lavaCases() {
			failed = failed || c.run(p) != ""
		}
		if !failed {
			t.Errorf("%s: no case fails", name)
		}
	}
}
