package verify

import (
	"context"
	"encoding/json"
	"fmt"

	"spikec/emulator"
	"spikec/target/chip"
	"spikec/target/image"
)

func init() {
	register(chipCases{name: "loihi1", about: "blocks of compartments of Intel Loihi 1, recorded from the nengo-loihi emulator", find: findLoihi1})
}

// loihi1Profile is the dialect that the answers were recorded in.
const loihi1Profile = "loihi1-nengo"

// loihi1Case is a recorded block: integer parameters as nengo-loihi has them after discretisation (thresholds and biases whole,
// not as mantissas), the input's spikes, and the answer. An input spike of step t acts at step t+1.
type loihi1Case struct {
	Inputs           int       `json:"inputs"`
	Compartments     int       `json:"compartments"`
	Steps            int       `json:"steps"`
	DecayU           []int32   `json:"decay_u"`
	DecayV           []int32   `json:"decay_v"`
	Threshold        []int32   `json:"vth"`
	Bias             []int32   `json:"bias"`
	VMin             int32     `json:"vmin"`
	VMax             int32     `json:"vmax"`
	RefractDelay     []int32   `json:"refract_delay"`
	WeightExp        int       `json:"weight_exp"` // of the inputs' weights; that of the recurrent ones is 0
	InputWeights     [][]int32 `json:"input_weights"`
	RecurrentWeights [][]int32 `json:"recurrent_weights"`
	InputSpikes      [][]int   `json:"input_spikes"`
	Voltage          [][]int64 `json:"voltage"`
	Current          [][]int64 `json:"current"`
	Spiked           [][]int   `json:"spiked"`
}

// findLoihi1 takes every loihi1_*.json, and the one file that a path names.
func findLoihi1(f *Files) ([]Case, error) {
	return f.jsonCases("loihi1_", func(ctx context.Context, data []byte) (string, error) {
		var c loihi1Case
		if err := json.Unmarshal(data, &c); err != nil {
			return "", err
		}
		if err := c.check(); err != nil {
			return "", err
		}
		p, err := chip.Load(loihi1Profile)
		if err != nil {
			return "", err
		}
		return c.run(ctx, p)
	}), nil
}

// Bounds of a case: those of a core of the chip, and of what a recording takes.
const (
	mostCompartments = 1024
	mostInputs       = 4096
	mostCaseSteps    = 1 << 16
)

// check reports what keeps a case from being run.
func (c *loihi1Case) check() error {
	n := c.Compartments
	if n < 1 || n > mostCompartments || c.Inputs < 0 || c.Inputs > mostInputs || c.Steps < 0 || c.Steps > mostCaseSteps {
		return fmt.Errorf("%d inputs, %d compartments, %d steps: want up to %d, 1..%d, up to %d", c.Inputs, n, c.Steps, mostInputs, mostCompartments, mostCaseSteps)
	}
	for _, l := range []struct {
		key       string
		got, want int
	}{
		{"decay_u", len(c.DecayU), n}, {"decay_v", len(c.DecayV), n}, {"vth", len(c.Threshold), n}, {"bias", len(c.Bias), n},
		{"refract_delay", len(c.RefractDelay), n}, {"input_weights", len(c.InputWeights), c.Inputs}, {"recurrent_weights", len(c.RecurrentWeights), n},
		{"input_spikes", len(c.InputSpikes), c.Steps}, {"voltage", len(c.Voltage), c.Steps}, {"current", len(c.Current), c.Steps}, {"spiked", len(c.Spiked), c.Steps},
	} {
		if l.got != l.want {
			return fmt.Errorf("%s: %d entries, want %d", l.key, l.got, l.want)
		}
	}
	for i, row := range append(append([][]int32{}, c.InputWeights...), c.RecurrentWeights...) {
		if len(row) != n {
			return fmt.Errorf("weights, row %d: %d entries, want %d", i, len(row), n)
		}
	}
	for t := range c.Steps {
		if len(c.Voltage[t]) != n || len(c.Current[t]) != n {
			return fmt.Errorf("step %d: %d voltages and %d currents, want %d", t, len(c.Voltage[t]), len(c.Current[t]), n)
		}
	}
	for i, v := range c.Threshold {
		if v%64 != 0 {
			return fmt.Errorf("vth[%d] is %d, no multiple of 64", i, v)
		}
	}
	if c.WeightExp < 0 || c.WeightExp > 7 {
		return fmt.Errorf("weight_exp %d: want 0..7", c.WeightExp)
	}
	return nil
}

// core is the block as a core: its inputs' axons, then one axon a compartment, which it sends to itself.
func (c *loihi1Case) core() image.Core {
	n := c.Compartments
	thresholds := make([]int32, n)
	for i, v := range c.Threshold {
		thresholds[i] = v >> 6
	}
	weights := make([]int32, 0, (c.Inputs+n)*n)
	for _, row := range c.InputWeights {
		for _, w := range row {
			weights = append(weights, w<<c.WeightExp)
		}
	}
	for _, row := range c.RecurrentWeights {
		weights = append(weights, row...)
	}
	return image.Core{
		Population: "block", Shape: [3]int{n, 1, 1}, Neurons: n,
		Registers: map[string][]int32{"vth": thresholds, "bias_mant": c.Bias, "bias_exp": {0}, "weight_exp": {0}, "du": c.DecayU, "dv": c.DecayV,
			"vmin": {c.VMin}, "vmax": {c.VMax}, "refract_delay": c.RefractDelay},
		Synapses: []image.Block{{Synapses: &image.Dense{Inputs: c.Inputs + n, Neurons: n, Weight: weights}}},
		Routes:   []image.Route{{Count: n, Axon: c.Inputs}},
	}
}

// run compares the current, the voltage and the spikes of every compartment after every step.
func (c *loihi1Case) run(ctx context.Context, p *chip.Profile) (string, error) {
	s, err := emulator.NewStepper([]image.Core{c.core()}, p)
	if err != nil {
		return "", err
	}
	for t := range c.Steps {
		if err := context.Cause(ctx); err != nil {
			return "", err
		}
		if err := s.Step(); err != nil {
			return "", err
		}
		for _, k := range []struct {
			variable, name string
			want           []int64
		}{{"u", "current", c.Current[t]}, {"v", "voltage", c.Voltage[t]}} {
			got, _ := s.Values(0, k.variable)
			for i := range got {
				if got[i] != k.want[i] {
					return fmt.Sprintf("step %d, compartment %d: %s %d, recorded %d", t, i, k.name, got[i], k.want[i]), nil
				}
			}
		}
		if d := sameSpikes(s.Spikes(0), c.Spiked[t]); d != "" {
			return fmt.Sprintf("step %d, %s", t, d), nil
		}
		for _, i := range c.InputSpikes[t] {
			if i < 0 || i >= c.Inputs {
				return "", fmt.Errorf("step %d: spike of input %d of %d", t, i, c.Inputs)
			}
			if err := s.Send(0, i); err != nil {
				return "", err
			}
		}
	}
	return "", nil
}

// sameSpikes compares spikes with a recorded list of neurons; "" where they are the same.
func sameSpikes(got []int8, recorded []int) string {
	want := make([]bool, len(got))
	for _, n := range recorded {
		if n < 0 || n >= len(got) {
			return fmt.Sprintf("recorded spike of neuron %d of %d", n, len(got))
		}
		want[n] = true
	}
	for n, spike := range got {
		if (spike != 0) != want[n] {
			return fmt.Sprintf("neuron %d: spike %v, recorded %v", n, spike != 0, want[n])
		}
	}
	return ""
}
