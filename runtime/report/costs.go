package report

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"spikec/runtime/ladder"
)

// costColumn is a column of the table of costs; it is left out where no layer has any.
type costColumn struct {
	heading string
	of      func(p *ladder.Layer) (text string, has bool)
}

// costs prints what an image costs in each layer. All layers together are what is printed of the whole.
func costs(b *bytes.Buffer, l *ladder.Ladder) {
	amount := func(of func(c *ladder.Cost) float64) func(p *ladder.Layer) (string, bool) {
		return func(p *ladder.Layer) (string, bool) {
			x := of(&p.PerImage)
			return Amount(x), x > 0
		}
	}
	columns := []costColumn{
		{"OPERATIONS", amount(func(c *ladder.Cost) float64 { return c.SynapticOperations })},
		{"SHARE", func(p *ladder.Layer) (string, bool) {
			own, all := p.PerImage.SynapticOperations, l.PerImage.SynapticOperations
			return fmt.Sprintf("%.1f %%", 100*own/max(all, 1)), own > 0
		}},
		{"EVENTS", amount(func(c *ladder.Cost) float64 { return c.Events })},
		{"SPIKES", amount(func(c *ladder.Cost) float64 { return c.Spikes })},
		{"UPDATES", amount(func(c *ladder.Cost) float64 { return c.NeuronUpdates })},
		{"BYTES", amount(func(c *ladder.Cost) float64 { return c.MemoryBytes })},
		{"HOST MACS", amount(func(c *ladder.Cost) float64 { return c.HostMACs })},
		{"ENERGY", func(p *ladder.Layer) (string, bool) {
			if p.Energy.SNNNanojoule == nil {
				return "unknown", false
			}
			return Joule(*p.Energy.SNNNanojoule) + between(p.Energy.SNNRange), true
		}},
	}
	columns = slices.DeleteFunc(columns, func(c costColumn) bool {
		return !slices.ContainsFunc(l.Layers, func(p ladder.Layer) bool { _, has := c.of(&p); return has })
	})
	if len(columns) == 0 {
		return
	}
	b.WriteString("\nan image, layer by layer: synaptic operations, spikes, neuron updates, bytes moved\n")
	t := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	line := func(name string, of func(c *costColumn) string) {
		cells := []string{name}
		for i := range columns {
			cells = append(cells, of(&columns[i]))
		}
		fmt.Fprintln(t, strings.Join(cells, "\t")+"\t")
	}
	line("LAYER", func(c *costColumn) string { return c.heading })
	for i := range l.Layers {
		p := &l.Layers[i]
		line(p.Name, func(c *costColumn) string { text, _ := c.of(p); return text })
	}
	t.Flush()
	trim(b)
	if !slices.ContainsFunc(columns, func(c costColumn) bool { return c.heading == "ENERGY" }) {
		return
	}
	switch {
	case l.Passes != nil && l.Passes.RowOperations != nil:
		b.WriteString("ENERGY: of a layer's events, each of which walks all neurons of the core\n")
	case l.OneCore != nil && l.OneCore.Operations > 0:
		b.WriteString("ENERGY: of the spikes that a layer sends, each of which walks all neurons of the core\n")
	}
}
