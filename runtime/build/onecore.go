package build

import (
	"slices"

	"spikec/runtime/ladder"
	"spikec/target/chip"
	"spikec/target/image"
)

// tickFigures are the figures of a profile for the states of a core in which all layers lie, in cycles a tick: neurons are stepped,
// the winner is counted, spikes are propagated.
var tickFigures = []string{"step", "done", "propagate"}

// coreValues are what such figures may name, see target/chip/profiles/README.md; they are linear in the last two.
type coreValues struct{ lastStepped, lastPropagated, width, lastOutput, active, hidden int64 }

// of computes a figure, a number or an expression; ok is false where it is neither.
func (v coreValues) of(figure any) (x float64, ok bool) {
	switch f := figure.(type) {
	case int:
		return float64(f), true
	case float64:
		return f, true
	case string:
		e, err := chip.ParseExpr(f)
		if err != nil {
			return 0, false
		}
		names := []string{"RO", "PO", "WIDTH", "OUT", "active", "hidden_spikes"}
		compute, err := e.Compile(func(name string) (int, bool) {
			i := slices.Index(names, name)
			return i, i >= 0
		})
		if err != nil {
			return 0, false
		}
		return float64(compute([]int64{v.lastStepped, v.lastPropagated, v.width, v.lastOutput, v.active, v.hidden})), true
	}
	return 0, false
}

// cycles returns those of a tick; ok is false where the profile lacks a figure.
func (v coreValues) cycles(p *chip.Profile) (sum float64, ok bool) {
	for _, name := range tickFigures {
		c := p.Cost[name]
		if c == nil || c.Unit != "cycles" {
			return 0, false
		}
		x, ok := v.of(c.Value)
		if !ok {
			return 0, false
		}
		sum += x
	}
	return sum, true
}

// describeOneCore enters what a network takes of a chip whose layers lie in one core, and the figures that the profile has for it.
// Source: ReckOn, srnn.v (state machine): NUM_REC is programmed odd.
func describeOneCore(doc *ladder.Ladder, img *image.Image, p *chip.Profile) {
	doc.OneCore = nil
	if p.Execution.LayersIn() != chip.LayersRecurrent {
		return
	}
	c := &ladder.OneCore{Ticks: img.Duration(p)}
	doc.OneCore = c
	for i := range img.Cores {
		switch n := img.Cores[i].Neurons; {
		case img.Cores[i].Source:
			c.Inputs += n
		case slices.Contains(img.Output.Cores, i):
			c.Outputs += n
		default:
			c.Neurons += image.Paired(n)
		}
	}
	rest := coreValues{lastPropagated: int64(max(c.Inputs, c.Neurons) - 1), width: int64(c.Neurons), lastOutput: int64(c.Outputs - 1)}
	rest.lastStepped = max(rest.lastPropagated, rest.lastOutput)
	spike, neuron := rest, rest
	spike.active, neuron.hidden = 1, 1
	if tick, ok := rest.cycles(p); ok {
		with, _ := spike.cycles(p)
		c.TickCycles, c.SpikeCycles, c.Source = tick, with-tick, p.Cost["propagate"].Source
	}
	if _, ok := rest.of(p.SOPs); ok {
		c.SpikeOperations, _ = spike.of(p.SOPs)
		c.NeuronOperations, _ = neuron.of(p.SOPs)
	}
}

// concludeOneCore enters what was counted, once layers have it. A picture of T ticks and those
// that its spikes travel ends with one more, in which nothing is propagated.
func concludeOneCore(doc *ladder.Ladder) {
	c := doc.OneCore
	if c == nil {
		return
	}
	hidden := 0.0
	c.Active = 0
	for _, l := range doc.Layers {
		c.Active += l.PerImage.Spikes
		if !l.Host {
			hidden += l.PerImage.Spikes
		}
	}
	c.Cycles = float64(c.Ticks-1)*c.TickCycles + c.Active*c.SpikeCycles
	c.Operations = c.Active*c.SpikeOperations + hidden*c.NeuronOperations
}
