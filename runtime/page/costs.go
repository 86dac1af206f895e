package page

import (
	"fmt"

	"spikec/runtime/ladder"
	"spikec/runtime/report"
)

// layerCosts shows what an image costs in each layer.
func layerCosts(l *ladder.Ladder) []block {
	if len(l.Layers) == 0 {
		return nil
	}
	all := max(1, l.PerImage.SynapticOperations)
	columns, titles := []string{"layer", "#synaptic operations", "#share", "#spikes", "#neuron updates", "#memory accesses", "#bytes moved", "#host multiplications"},
		[]string{"", "weights added to its neurons because a spike arrived", "of the synaptic operations", "that its neurons sent", "neurons × steps, or × events", "weights read, membranes read and written", "of weights read, membranes read and written", "for its drives"}
	if l.PerImage.Events > 0 {
		columns, titles = append(columns, "#events"), append(titles, "that its cores served")
	}
	if l.Energy.SNNNanojoule != nil {
		columns, titles = append(columns, "#energy [nJ]"), append(titles, "from the figures below")
	}
	if l.Energy.SNNRange != nil {
		columns, titles = append(columns, "#least [nJ]", "#most [nJ]"), append(titles, "where sources disagree", "where sources disagree")
	}
	t := newTable("An image, layer by layer: means over all images, which add up to those above", "layer-costs", columns...)
	for i, title := range titles {
		t.Columns[i].Title = title
	}
	nano := func(v float64) cell { return number(v, "%.1f") }
	var operations, energy []bar
	var most, dearest bar
	for i := range l.Layers {
		x := &l.Layers[i]
		c, e := &x.PerImage, &x.Energy
		row := []any{x.Name, amount(c.SynapticOperations), percent(c.SynapticOperations / all), amount(c.Spikes), amount(c.NeuronUpdates), amount(c.MemoryAccesses), amount(c.MemoryBytes), amount(c.HostMACs)}
		if l.PerImage.Events > 0 {
			row = append(row, amount(c.Events))
		}
		if l.Energy.SNNNanojoule != nil {
			row = append(row, maybe(e.SNNNanojoule, nano))
		}
		span := [2]float64{}
		if e.SNNRange != nil {
			span = *e.SNNRange
		} else if e.SNNNanojoule != nil {
			span = [2]float64{*e.SNNNanojoule, *e.SNNNanojoule}
		}
		if l.Energy.SNNRange != nil {
			row = append(row, nano(span[0]), nano(span[1]))
		}
		t.row(row...)
		b := bar{x.Name, c.SynapticOperations, c.SynapticOperations, c.SynapticOperations}
		operations = append(operations, b)
		if b.x >= most.x {
			most = b
		}
		if e.SNNNanojoule != nil {
			b := bar{x.Name, *e.SNNNanojoule / 1e3, span[0] / 1e3, span[1] / 1e3}
			energy = append(energy, b)
			if b.x >= dearest.x {
				dearest = b
			}
		}
	}
	words := fmt.Sprintf("Most are in %s: %s of %s.", most.name, report.Amount(most.x), report.Amount(l.PerImage.SynapticOperations))
	unit := "synaptic operations an image"
	if most.x >= 1e6 {
		unit = "synaptic operations [millions an image]"
		for i := range operations {
			b := &operations[i]
			b.x, b.low, b.high = b.x/1e6, b.low/1e6, b.high/1e6
		}
	}
	plots := []*figure{barPlot("Synaptic operations of an image in each layer", unit, words, "layer-operations", operations)}
	if len(energy) > 0 && l.Energy.SNNNanojoule != nil {
		words := fmt.Sprintf("Most is taken by %s: %s of %s.", dearest.name, report.Joule(1e3*dearest.x), report.Joule(*l.Energy.SNNNanojoule))
		plots = append(plots, barPlot("Energy of an image in each layer", "energy [µJ an image]", words, "layer-energy", energy))
	}
	return []block{{Table: t}, {Plots: plots}}
}
