package build

import (
	"strings"

	"spikec/runtime/ladder"
	"spikec/target/chip"
	"spikec/target/image"
)

// costRow is the profile's figure for an event that walks the neurons of a core.
const costRow = "row"

// describePasses enters how often the one core of a chip is programmed for an image whose layers share it.
func describePasses(doc *ladder.Ladder, img *image.Image, p *chip.Profile) {
	if p.Execution.LayersIn() != chip.LayersInPasses {
		return
	}
	doc.Passes = &ladder.Passes{}
	for i := range img.Cores {
		if !img.Cores[i].Source {
			doc.Passes.Count++
		}
	}
	doc.Resources.Cores = 1
	if cycles, source, ok := cyclesOfRow(p); ok {
		doc.Passes.RowCycles, doc.Passes.Source = &cycles, source
	}
	if operations, ok := ofConstants(p.SOPs, p); ok {
		doc.Passes.RowOperations = &operations
	}
}

// cyclesOfRow returns how many cycles the chip takes for an event of an axon, without what the receiver of its spikes makes it
// wait, where the profile has a figure.
func cyclesOfRow(p *chip.Profile) (cycles float64, source string, ok bool) {
	c := p.Cost[costRow]
	if c == nil || c.Unit != "cycles" {
		return 0, "", false
	}
	if v, ok := c.Value.(float64); ok {
		return v, c.Source, true
	}
	text, _ := c.Value.(string)
	cycles, ok = ofConstants(text, p)
	return cycles, c.Source, ok
}

// ofConstants computes an expression of constant registers, their names in capital letters, and of one row_events.
func ofConstants(text string, p *chip.Profile) (float64, bool) {
	e, err := chip.ParseExpr(text)
	if err != nil {
		return 0, false
	}
	var values []int64
	f, err := e.Compile(func(name string) (int, bool) {
		x, ok := p.Registers.Constants[strings.ToLower(name)]
		if name == "row_events" {
			x, ok = 1, true
		}
		values = append(values, int64(x))
		return len(values) - 1, ok
	})
	if err != nil {
		return 0, false
	}
	return float64(f(values)), true
}

// operations returns the synaptic operations of an image as the chip's figures count them: on a chip that walks all neurons for
// every event, those without a synapse too.
func operations(doc *ladder.Ladder) float64 {
	if p := doc.Passes; p != nil && p.RowOperations != nil {
		return p.Events * *p.RowOperations
	}
	if c := doc.OneCore; c != nil && c.Operations > 0 {
		return c.Operations
	}
	return doc.PerImage.SynapticOperations
}

// layerOperations is operations for a layer. In the one core of a recurrent chip, where any spike walks all neurons, those of a
// layer are of the spikes that it sends; elsewhere of what its neurons get.
func layerOperations(doc *ladder.Ladder, l *ladder.Layer) float64 {
	if p := doc.Passes; p != nil && p.RowOperations != nil {
		return l.PerImage.Events * *p.RowOperations
	}
	if c := doc.OneCore; c != nil && c.Operations > 0 {
		each := c.SpikeOperations
		if !l.Host {
			each += c.NeuronOperations
		}
		return l.PerImage.Spikes * each
	}
	return l.PerImage.SynapticOperations
}

// concludePasses enters what was counted.
func concludePasses(doc *ladder.Ladder) {
	if p := doc.Passes; p != nil {
		p.Events = doc.PerImage.Events
		if p.RowCycles != nil {
			cycles := p.Events * *p.RowCycles
			p.Cycles = &cycles
		}
	}
}
