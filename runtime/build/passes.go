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
}

// cyclesOfRow returns how many cycles the chip takes for an event of an axon, without what the receiver of its spikes makes it
// wait, where the profile has a figure: a number, or an expression of constant registers, their names in capital letters.
func cyclesOfRow(p *chip.Profile) (cycles float64, source string, ok bool) {
	c := p.Cost[costRow]
	if c == nil || c.Unit != "cycles" {
		return 0, "", false
	}
	switch v := c.Value.(type) {
	case float64:
		return v, c.Source, true
	case string:
		e, err := chip.ParseExpr(v)
		if err != nil {
			return 0, "", false
		}
		var values []int64
		f, err := e.Compile(func(name string) (int, bool) {
			x, ok := p.Registers.Constants[strings.ToLower(name)]
			values = append(values, int64(x))
			return len(values) - 1, ok
		})
		if err != nil {
			return 0, "", false
		}
		return float64(f(values)), c.Source, true
	}
	return 0, "", false
}

// concludePasses enters what was counted.
func concludePasses(doc *ladder.Ladder, events float64) {
	if p := doc.Passes; p != nil {
		p.Events = events
		if p.RowCycles != nil {
			cycles := events * *p.RowCycles
			p.Cycles = &cycles
		}
	}
}
