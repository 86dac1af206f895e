package page

import (
	"cmp"
	"fmt"
	"slices"

	"spikec/models/snn"
	"spikec/runtime/build"
	"spikec/runtime/ladder"
)

func init() {
	register(kind{name: "a folder of a conversion", holds: build.IsConversion, read: readConversion, beside: build.ReportFile})
}

// readConversion makes the page of a conversion.
func readConversion(dir string) (*page, error) {
	c, err := build.LookAtConversion(dir)
	if err != nil {
		return nil, err
	}
	l := c.Ladder
	p := newResultPage(l)
	p.Sections = []section{found(l.Diagnostics), rungs(l), bySteps(l), populations(c), fidelity(l), cost(l), choices(l)}
	s := section{ID: "reproduce", Title: "How to reproduce it"}
	s.add(command(c.Manifest.Command, "convert")...)
	s.add(origin(c.Manifest)...)
	p.Sections = append(p.Sections, s)
	return p, nil
}

// populations shows what the spiking network is made of.
func populations(c *build.Conversion) section {
	s := section{ID: "network", Title: "The spiking network"}
	t := newTable("Populations", "populations", "name", "shape C×H×W", "#neurons", "what they do", "#scale from", "#scale to")
	t.Columns[4].Title, t.Columns[5].Title = "activation that one spike a step stands for, over channels", "activation that one spike a step stands for, over channels"
	for i := range c.Scales.Populations {
		x := &c.Scales.Populations[i]
		low, high := none, none
		if len(x.Scale) > 0 {
			low, high = number(slices.Min(x.Scale), "%.4g"), number(slices.Max(x.Scale), "%.4g")
		}
		t.row(x.Name, fmt.Sprintf("%d×%d×%d", x.Shape[0], x.Shape[1], x.Shape[2]), x.Shape[0]*x.Shape[1]*x.Shape[2], neuronWords[x.Neuron], low, high)
	}
	s.add(block{Table: t}, text("Populations and projections, as network.txt has them:"), block{Command: c.Network})
	return s
}

// neuronWords says what neurons do.
var neuronWords = map[snn.Neuron]string{snn.Source: "play spikes as the input is coded", snn.Input: "hold the input, constant over its steps",
	snn.IF: "add up, fire at their threshold and reset", snn.Integrator: "add up, and never fire"}

// fidelity shows how rates follow activations, layer by layer.
func fidelity(l *ladder.Ladder) section {
	s := section{ID: "layers", Title: "Rates against activations"}
	d := l.Diagnosis
	if d == nil {
		s.add(text("Not measured: there were no calibration images."))
		return s
	}
	s.add(diagnosis(l)...)
	var agreement, correlation []bar
	for i := range d.Layers {
		x := &d.Layers[i]
		a := 100 * x.Agreement
		agreement = append(agreement, bar{x.Name, a, a, a})
		if x.Correlation != nil {
			correlation = append(correlation, bar{x.Name, *x.Correlation, *x.Correlation, *x.Correlation})
		}
	}
	if len(d.Layers) == 0 {
		return s
	}
	last := agreement[len(agreement)-1]
	words := fmt.Sprintf("Images still decided as by the trained network after each layer; %.2f %% after %s, the last one.", last.x, last.name)
	plots := []*figure{barPlot("Agreement after each layer", "images decided as by the trained network [%]", words, "agreement-by-layer", agreement)}
	if len(correlation) > 0 {
		worst := slices.MinFunc(correlation, func(a, b bar) int { return cmp.Compare(a.x, b.x) })
		words := fmt.Sprintf("The least is %.3f, in %s.", worst.x, worst.name)
		plots = append(plots, barPlot("How rates follow activations in each layer", "correlation", words, "correlation-by-layer", correlation))
	}
	s.add(block{Plots: plots})
	return s
}
