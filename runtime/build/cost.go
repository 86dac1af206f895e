package build

import (
	"fmt"
	"slices"
	"strings"

	"spikec/emulator"
	"spikec/internal/diag"
	"spikec/internal/simd"
	"spikec/models/snn"
	"spikec/quantize"
	"spikec/runtime/evaluate"
	"spikec/runtime/ladder"
	"spikec/target/chip"
	"spikec/target/image"
)

// describe enters what an image is, before anything is counted on it.
func describe(doc *ladder.Ladder, img *image.Image, r image.Resources, p *chip.Profile) {
	doc.Duration = img.Duration(p)
	doc.Resources = ladder.Resources{Cores: r.Cores, Neurons: r.Neurons, Synapses: r.Synapses, WeightBytes: r.WeightBytes,
		SynapseBits: r.SynapseBits, WeightBits: p.Weight.Bits}
	if p.State.V != nil {
		doc.Resources.StateBits = p.State.V.Bits
	}
	for _, d := range img.Input.Drives {
		if conv, ok := d.Synapses.(*image.Conv2d); ok {
			doc.Resources.HostWeights += int64(len(conv.Weight))
		}
	}
	if onCores(p) {
		doc.Resources.CoresThere = *p.Capacity.Cores
	}
	describePasses(doc, img, p)
	describeOneCore(doc, img, p)
	describeReadout(doc, &img.Output)
	doc.Energy.Terms = energyTerms(p)
	doc.Layers = []ladder.Layer{}
	for i := range img.Cores {
		c := &img.Cores[i]
		k := slices.IndexFunc(doc.Layers, func(l ladder.Layer) bool { return l.Name == c.Population })
		if k < 0 {
			k = len(doc.Layers)
			doc.Layers = append(doc.Layers, ladder.Layer{Name: c.Population, Shape: c.Shape, Host: c.Source, Engine: []string{}})
		}
		doc.Layers[k].Neurons += c.Neurons
		doc.Layers[k].Cores = append(doc.Layers[k].Cores, i)
	}
	describeUse(doc, img, p)
}

// explain enters how each layer is emulated, every way once.
func explain(doc *ladder.Ladder, e emulator.Engine) {
	doc.Engine, doc.Instructions = e.Name(), ""
	if doc.Engine != "reference" {
		doc.Instructions = simd.Best().String()
	}
	lines := e.Explain()
	for k := range doc.Layers {
		l := &doc.Layers[k]
		l.Engine = []string{}
		for _, i := range l.Cores {
			if i >= len(lines) {
				continue
			}
			_, how, _ := strings.Cut(lines[i], "): ")
			if !slices.Contains(l.Engine, how) {
				l.Engine = append(l.Engine, how)
			}
		}
	}
}

// rounding enters what quantisation did to each layer.
func rounding(doc *ladder.Ladder, net *quantize.Network) {
	host := map[string]bool{} // layers whose weights are the host's alone
	for _, p := range net.Projections {
		name := net.Populations[p.Target].Name
		alone, seen := host[name]
		host[name] = p.Source == 0 && (alone || !seen)
	}
	reports := net.Report
	for k := range doc.Layers {
		i := slices.IndexFunc(reports, func(r quantize.LayerReport) bool { return r.Population == doc.Layers[k].Name })
		if i < 0 {
			continue
		}
		r := reports[i]
		doc.Layers[k].Quantisation = &ladder.Quantisation{Bits: r.Bits, Host: host[r.Population], SQNR: r.SQNR, Clipped: r.Clipped, Zeroed: r.Zeroed,
			ThresholdMin: r.ThresholdLo, ThresholdMax: r.ThresholdHi, SumMax: r.Positive, SumMin: r.Negative, AccumulatorBits: r.AccumulatorBits}
	}
}

// The figures of a profile that an emulation has a count for.
const (
	costOperation = "sop"
	costUpdate    = "neuron_update"
)

// energyTerms lists the figures of the profile that can be used.
func energyTerms(p *chip.Profile) []ladder.Term {
	var terms []ladder.Term
	for _, name := range []string{costOperation, costUpdate} {
		c := p.Cost[name]
		if c == nil {
			continue
		}
		value, ok := c.Picojoule()
		if !ok {
			continue
		}
		t := ladder.Term{Name: name, Picojoule: value, Source: c.Source, Status: c.Status}
		for i := range c.Others {
			o := &c.Others[i]
			if value, ok := o.Picojoule(); ok {
				t.Others = append(t.Others, ladder.Figure{Picojoule: value, Source: o.Source, Status: o.Status})
			}
		}
		terms = append(terms, t)
	}
	return terms
}

// conclude enters what was counted on the images of the last stage.
func conclude(doc *ladder.Ladder, p *evaluate.Partial) {
	n := float64(max(1, p.Images()))
	doc.AccuracyBySteps = []ladder.AtSteps{}
	for k, steps := range p.Steps {
		doc.AccuracyBySteps = append(doc.AccuracyBySteps, ladder.AtSteps{Steps: steps, Accuracy: float64(p.Correct[k]) / n})
	}
	concludeReadout(doc, p)
	if len(p.Counts) > 0 {
		doc.CountsSHA256 = p.CountsSHA256()
	}
	var spikes int64
	for _, s := range p.Spikes {
		spikes += s
	}
	doc.PerImage.Cost = costOf(p.Work, spikes, n, &doc.Resources)
	for k := range doc.Layers {
		l := &doc.Layers[k]
		var fired int64
		var work emulator.Work
		l.Saturations = 0
		for _, i := range l.Cores {
			fired += p.Spikes[i]
			l.Saturations += p.Saturations[i]
			work.Add(p.UnitWork[i])
		}
		l.PerImage = costOf(work, fired, n, &doc.Resources)
		l.Rate = float64(fired) / (n * float64(l.Neurons) * float64(doc.Steps))
		if mute := doc.Options.Readout == snn.Membrane && k == len(doc.Layers)-1; fired == 0 && !mute {
			doc.Diagnostics.Add(diag.Diagnostic{ID: idSilent, Severity: diag.Warning, Subject: l.Name, Message: "silent: not one spike on all images",
				Remedy: "more steps, or a lower --percentile"})
		}
	}
	concludePasses(doc)
	concludeOneCore(doc)
	concludeEnergy(doc)
}

// costOf is what was counted on n images, as means.
func costOf(w emulator.Work, spikes int64, n float64, r *ladder.Resources) ladder.Cost {
	c := ladder.Cost{SynapticOperations: float64(w.SynapticOperations) / n, Spikes: float64(spikes) / n, NeuronUpdates: float64(w.NeuronUpdates) / n,
		LowerResets: float64(w.LowerResets) / n, HostMACs: float64(w.HostMACs) / n, Events: float64(w.Events) / n}
	c.MemoryAccesses = float64(w.SynapticOperations+2*w.NeuronUpdates) / n
	c.MemoryBytes = (c.SynapticOperations*float64(r.WeightBits) + 2*c.NeuronUpdates*float64(r.StateBits)) / 8
	return c
}

// concludeEnergy multiplies counts by figures, those of the whole and those of each layer.
func concludeEnergy(doc *ladder.Ladder) {
	e := &doc.Energy
	if len(e.Terms) == 0 {
		return
	}
	total := func(t *ladder.Term) float64 { return countOf(t, operations(doc), &doc.PerImage.Cost) }
	var sources []string
	for i := range e.Terms {
		t := &e.Terms[i]
		t.Count = total(t)
		words := fmt.Sprintf("%s %g pJ (%s)", t.Name, t.Picojoule, quoted(t.Source, t.Status))
		for _, o := range t.Others {
			words += fmt.Sprintf(" or %g pJ (%s)", o.Picojoule, quoted(o.Source, o.Status))
		}
		sources = append(sources, words)
	}
	words := strings.Join(sources, ", ")
	e.Source = &words
	e.SNNNanojoule, e.SNNRange = energyOf(e.Terms, total)
	for k := range doc.Layers {
		l := &doc.Layers[k]
		l.Energy.SNNNanojoule, l.Energy.SNNRange = energyOf(e.Terms, func(t *ladder.Term) float64 { return countOf(t, layerOperations(doc, l), &l.PerImage) })
	}
}

// countOf is how many of what a term is the energy of there are, with the operations as figures of energy count them.
func countOf(t *ladder.Term, operations float64, c *ladder.Cost) float64 {
	if t.Name == costUpdate {
		return c.NeuronUpdates
	}
	return operations
}

// energyOf is the sum of counts times figures in nanojoules, and the least and the most of it where sources disagree.
func energyOf(terms []ladder.Term, count func(*ladder.Term) float64) (*float64, *[2]float64) {
	total, least, most, disputed := 0.0, 0.0, 0.0, false
	for i := range terms {
		t := &terms[i]
		lo, hi := t.Picojoule, t.Picojoule
		for _, o := range t.Others {
			lo, hi, disputed = min(lo, o.Picojoule), max(hi, o.Picojoule), true
		}
		n := count(t) / 1000
		total, least, most = total+n*t.Picojoule, least+n*lo, most+n*hi
	}
	if !disputed {
		return &total, nil
	}
	return &total, &[2]float64{least, most}
}

// quoted words how a figure comes from its source.
func quoted(source, status string) string {
	switch status {
	case "memory":
		return source + ", quoted from memory"
	case "secondary":
		return source + ", at second hand"
	case "derived":
		return "derived from " + source
	}
	return source + ", " + status
}
