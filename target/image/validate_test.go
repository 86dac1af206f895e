package image

import (
	"math"
	"strings"
	"testing"

	"spikec/emulator/encoder"
)

func TestValidate(t *testing.T) {
	if err := sample().Validate(); err != nil {
		t.Fatal(err)
	}
	for want, breakIt := range map[string]func(m *Image){
		`chip: name ""`:                               func(m *Image) { m.Chip = "" },
		"chip: name \"\\xff\"":                        func(m *Image) { m.Chip = "\xff" },
		"0 steps, want 1..65536":                      func(m *Image) { m.Steps = 0 },
		"no cores":                                    func(m *Image) { m.Cores = nil },
		"shape [3 0 4]":                               func(m *Image) { m.Cores[0].Shape[1] = 0 },
		"shape [65536 32768 1]":                       func(m *Image) { m.Cores[0].Shape = [3]int{1 << 16, 1 << 15, 1} },
		"shape [4611686018427387904 2 2]":             func(m *Image) { m.Cores[0].Shape = [3]int{1 << 62, 2, 2} },
		"25 neurons from 36 on of a population of 60": func(m *Image) { m.Cores[1].Neurons = 25 },
		"24 neurons from -1 on":                       func(m *Image) { m.Cores[1].First = -1 },
		"9223372036854775807 neurons from 36 on":      func(m *Image) { m.Cores[1].Neurons = math.MaxInt },
		"start at step -1":                            func(m *Image) { m.Cores[1].Start = -1 },
		"initial membranes: 2 values, want 1, one a channel (3) or one a neuron (36)": func(m *Image) { m.Cores[0].InitialV = []int32{1, 2} },
		"register thr: 2 values":                               func(m *Image) { m.Cores[1].Registers["thr"] = []int32{1, 2} },
		"register bias: 0 values":                              func(m *Image) { m.Cores[1].Registers["bias"] = nil },
		`register: name ""`:                                    func(m *Image) { m.Cores[1].Registers[""] = []int32{1} },
		"synapses of type <nil> cannot be stored":              func(m *Image) { m.Cores[2].Synapses[0].Synapses = nil },
		"synapses 1: 3 axons from -1 on":                       func(m *Image) { m.Cores[4].Synapses[1].FirstAxon = -1 },
		"synapses 1: 3 axons from 2147483645 on":               func(m *Image) { m.Cores[4].Synapses[1].FirstAxon = math.MaxInt32 - 2 },
		"route 0 goes to core 0, want a later one":             func(m *Image) { m.Cores[0].Routes[0].Core = 0 },
		"route 0 goes to core 5":                               func(m *Image) { m.Cores[0].Routes[0].Core = 5 },
		"route 0 takes 37 neurons from 0 on":                   func(m *Image) { m.Cores[0].Routes[0].Count = 37 },
		"route 0 takes 0 neurons":                              func(m *Image) { m.Cores[0].Routes[0].Count = 0 },
		"route 0 takes 36 neurons from 9223372036854775807 on": func(m *Image) { m.Cores[0].Routes[0].First = math.MaxInt },
		"route 0 takes 36 axons from 25 on, core 2 has 60":     func(m *Image) { m.Cores[0].Routes[0].Axon = 25 },
		"route 0 with a delay of 1, want none":                 func(m *Image) { m.Cores[0].Routes[0].Delay = 1 },
		`synapses 0: memory: name "\xff"`:                      func(m *Image) { m.Cores[2].Synapses[0].Name = "\xff" },
		"input: shape [0 5 4]":                                 func(m *Image) { m.Input.Shape[0] = 0 },
		"input: step 0":                                        func(m *Image) { m.Input.Step = 0 },
		"input: step NaN":                                      func(m *Image) { m.Input.Step = math.NaN() },
		"input: step +Inf":                                     func(m *Image) { m.Input.Step = math.Inf(1) },
		`input: encoding "morse"`:                              func(m *Image) { m.Input.Encoding = "morse" },
		"input: encoding constant with seed 1 and parameter 0": func(m *Image) { m.Input.Seed = 1 },
		"input: core 0 is a source of spikes, which encoding constant does not play":                      func(m *Image) { m.Cores[0].Source = true },
		"input: encoding bernoulli without a source of spikes":                                            func(m *Image) { m.Input.Encoding = "bernoulli" },
		`input: encoding "burst": constant and regular play no spikes, and: parameter 0 of encoder burst`: func(m *Image) { m.Input.Encoding = "burst" },
		"input: core 4 is a source of shape [3 1 1] for a picture of shape [2 5 4]":                       func(m *Image) { m.Input.Encoding, m.Cores[4].Source = "poisson", true },
		"input: core 0 is a source of spikes and has registers": func(m *Image) {
			m.Input.Encoding, m.Input.Shape, m.Cores[0].Source = "poisson", m.Cores[0].Shape, true
		},
		"input: drive 0: core 0 is a source of spikes and takes no current": func(m *Image) { play(m, encoder.Coding{Name: "bernoulli"}) },
		"output: core 0 is a source of spikes, not an answer": func(m *Image) {
			play(m, encoder.Coding{Name: "bernoulli"})
			m.Input.Drives, m.Output.Cores = nil, []int{0}
		},
		`input: drive 0: register: name ""`:                                         func(m *Image) { m.Input.Drives[0].Register = "" },
		"input: drive 0: shift 32":                                                  func(m *Image) { m.Input.Drives[0].Shift = 32 },
		"input: drive 0: it reaches no core":                                        func(m *Image) { m.Input.Drives[0].Cores = nil },
		"input: drive 0: core 5 of 5":                                               func(m *Image) { m.Input.Drives[0].Cores[1] = 5 },
		"input: drive 0: core 0 holds conv1 [3 5 4] and core 2 holds conv2 [4 2 1]": func(m *Image) { m.Input.Drives[0].Cores[1] = 2 },
		"input: drive 0: cores 1 and 0 are not in ascending order":                  func(m *Image) { m.Input.Drives[0].Cores = []int{1, 0} },
		"input: drive 0: conv2d: in [2 5 4], the picture is [2 4 5]":                func(m *Image) { m.Input.Shape = [3]int{2, 4, 5} },
		"input: drive 0: 40 axons for a picture of 41 codes": func(m *Image) {
			m.Input.Shape = [3]int{1, 1, 41}
			m.Input.Drives[0].Synapses = &Identity{N: 40}
		},
		`output: readout "first"`:                             func(m *Image) { m.Output.Readout = "first" },
		"output: read from step -1 on":                        func(m *Image) { m.Output.Delay = -1 },
		"output: read from step 16 on":                        func(m *Image) { m.Output.Delay = 16 },
		`output: early exit "soon"`:                           func(m *Image) { m.Output.EarlyExit = "soon" },
		`early exit "margin" with a margin of 0`:              func(m *Image) { m.Output.EarlyExit = ExitMargin },
		`early exit "exact" with a margin of 3`:               func(m *Image) { m.Output.EarlyExit, m.Output.Margin = ExitExact, 3 },
		`early exit "" with a margin of -1`:                   func(m *Image) { m.Output.Margin = -1 },
		"output: early exit: the first spike decides already": func(m *Image) { m.Output.Readout, m.Output.EarlyExit = FirstSpike, ExitExact },
		"output: 257 classes in each of 65536 steps":          func(m *Image) { m.Steps, m.Output.Readout, m.Output.Classes = 1<<16, FirstSpike, 257 },
		"output: 4097 classes: want at most 4096":             func(m *Image) { m.Output.EarlyExit, m.Output.Classes = ExitExact, 4097 },
		"output: core 5 of 5, want each once":                 func(m *Image) { m.Output.Cores = []int{5} },
		"output: core 4 of 5, want each once":                 func(m *Image) { m.Output.Cores = []int{4, 4} },
		"output: 3 neurons for 10 classes":                    func(m *Image) { m.Output.Classes = 10 },
		"output: 0 neurons for 0 classes":                     func(m *Image) { m.Output = Output{Readout: "count"} },
	} {
		m := sample()
		breakIt(m)
		if err := m.Validate(); err == nil || !strings.HasPrefix(err.Error(), "image: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestValidateSynapses(t *testing.T) {
	conv := func(m *Image) *Conv2d { return m.Cores[2].Synapses[0].Synapses.(*Conv2d) }
	table := func(m *Image) *Table { return m.Cores[3].Synapses[0].Synapses.(*Table) }
	dense := func(m *Image) *Dense { return m.Cores[4].Synapses[0].Synapses.(*Dense) }
	for want, breakIt := range map[string]func(m *Image){
		"conv2d: in: shape [3 0 4]":                                func(m *Image) { conv(m).In[1] = 0 },
		"conv2d: neurons 0 to 8 of [4 1 2], the target has":        func(m *Image) { conv(m).Out = [3]int{4, 1, 2} },
		"conv2d: neurons 1 to 9 of [4 2 1], the target has 0 to 8": func(m *Image) { conv(m).First = 1 },
		"conv2d: 2 groups of 3 and 4 channels":                     func(m *Image) { conv(m).Groups = 2 },
		"conv2d: 0 groups":                                         func(m *Image) { conv(m).Groups = 0 },
		"conv2d: window: kernel [0 2]: must be at least 1":         func(m *Image) { conv(m).Window.Kernel[0] = 0 },
		"conv2d: window: 40000 in a window, want at most 32768":    func(m *Image) { conv(m).Window.Dilation[0] = 40000 },
		"conv2d: pool: window of [2 6] taps":                       func(m *Image) { conv(m).Pool.Kernel[1] = 6 },
		"conv2d: the window gives [5 3] positions, out has [2 1]":  func(m *Image) { conv(m).Pool = nil },
		"conv2d: 23 weights, want [1 2] × 3 × 4":                   func(m *Image) { conv(m).Weight = conv(m).Weight[1:] },
		"table: no row starts":                                     func(m *Image) { table(m).RowStart = nil },
		"table: 7 bases for 8 axons":                               func(m *Image) { table(m).Base = table(m).Base[1:] },
		"table: 3 weights for 4 synapses":                          func(m *Image) { table(m).Weight = table(m).Weight[1:] },
		"table: rows from synapse 1 to 4, want 0 to 4":             func(m *Image) { table(m).RowStart[0] = 1 },
		"table: row 1 starts at 5 and ends at 4":                   func(m *Image) { table(m).RowStart[1] = 5 },
		"table: synapse 1 reaches neuron -2 below its base":        func(m *Image) { table(m).Target[1] = -2 },
		"table: axon 1 has row 3 of 3":                             func(m *Image) { table(m).Row[1] = 3 },
		"table: axon 1 has row -1 of 3":                            func(m *Image) { table(m).Row[1] = -1 },
		"table: axon 2 reaches neuron 6 of 6":                      func(m *Image) { table(m).Base[2] = 4 },
		"table: axon 2 reaches neuron 2147483649 of 6":             func(m *Image) { table(m).Base[2] = math.MaxInt32 },
		"table: axon 0 reaches neuron 1 of 6":                      func(m *Image) { table(m).Base[0] = -1 },
		"dense: 9223372036854775807 inputs of 4 neurons":           func(m *Image) { dense(m).Neurons, dense(m).Inputs = 4, math.MaxInt },
		"dense: 0 inputs of 3 neurons":                             func(m *Image) { dense(m).Inputs = 0 },
		"dense: 4 neurons, the target has 3":                       func(m *Image) { dense(m).Neurons = 4 },
		"dense: 18 weights, want 5 inputs × 3 neurons":             func(m *Image) { dense(m).Inputs = 5 },
		"identity: 0 axons":                                        func(m *Image) { m.Cores[4].Synapses[1].Synapses = &Identity{} },
	} {
		m := sample()
		breakIt(m)
		if err := m.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
