package page

import (
	"fmt"

	"spikec/runtime/ladder"
	"spikec/runtime/report"
	"spikec/runtime/sample"
)

// layers shows what became of every layer; d may be nil.
func layers(l *ladder.Ladder, d *sample.Document) section {
	s := section{ID: "layers", Title: "Layers"}
	t := newTable("Layers on the chip", "layers", "layer", "shape C×H×W", "#cores", "#rate", "#at a bound", "#weight bits", "#SQNR [dB]", "#clipped", "#to zero", "#threshold from", "#threshold to", "#accumulator bits")
	for i, title := range []string{"", "", "", "spikes a neuron and step", "how often one changed a membrane or a sum, a neuron and step", "", "signal to rounding noise of the weights", "share of weights at the end of their range",
		"share of weights other than 0 that became 0", "in weight units", "in weight units", "signed width that holds every partial sum"} {
		t.Columns[i].Title = title
	}
	for _, x := range l.Layers {
		bounds := none
		if times, ok := report.Bounded(&x, l); ok {
			bounds = number(times, "%.4f")
		}
		row := []any{x.Name, fmt.Sprintf("%d×%d×%d", x.Shape[0], x.Shape[1], x.Shape[2]), len(x.Cores), number(x.Rate, "%.4f"), bounds}
		if q := x.Quantisation; q != nil {
			row = append(row, q.Bits, number(q.SQNR, "%.1f"), percent(q.Clipped), percent(q.Zeroed), int64(q.ThresholdMin), int64(q.ThresholdMax), q.AccumulatorBits)
		} else {
			row = append(row, none, none, none, none, none, none, none)
		}
		t.row(row...)
	}
	if len(l.Layers) > 0 {
		s.add(block{Table: t})
	}
	s.add(diagnosis(l)...)
	if d != nil {
		s.add(histograms(d)...)
	}
	return s
}

// diagnosis shows how rates follow activations.
func diagnosis(l *ladder.Ladder) []block {
	d := l.Diagnosis
	if d == nil {
		return nil
	}
	t := newTable(fmt.Sprintf("Rates against the trained network's activations, on %d calibration images", d.N), "diagnosis", "layer", "#correlation", "#slope", "#NMSE", "#rate", "#dead", "#full rate",
		"#clipping", "#quantisation", "#unevenness", "#drive", "#agreement")
	for i, title := range []string{"", "Pearson's", "of rates over activations", "squares of differences over those of activations", "spikes a neuron and step", "neurons that never fire", "neurons and images with a spike in every step",
		"drives beyond one spike a step, as a share of the squares of what makes rates differ", "T steps have T+1 rates", "spikes too early or too late", "what was different before the layer", "images still decided as by the trained network after this layer"} {
		t.Columns[i].Title = title
	}
	three := func(x float64) cell { return number(x, "%.3f") }
	for i := range d.Layers {
		x := &d.Layers[i]
		row := []any{x.Name, maybe(x.Correlation, three), maybe(x.Slope, three), maybe(x.NMSE, func(v float64) cell { return number(v, "%.4f") })}
		if x.Fires {
			c := &x.Costs
			row = append(row, number(x.Rate, "%.4f"), percent(x.Dead), percent(x.Saturated), percent(c.Clipping), percent(c.Quantisation), percent(c.Unevenness), percent(c.Drive))
		} else {
			row = append(row, none, none, none, none, none, none, none)
		}
		t.row(append(row, percent(x.Agreement))...)
	}
	blocks := []block{{Heading: "What the conversion lost", Table: t}}
	if fall := report.Fall(d); fall != "" {
		blocks = append(blocks, text("The agreement %s.", fall))
	}
	if v := report.Verdict(d); v != "" {
		blocks = append(blocks, text("%s.", capital(v)))
		if d.Next != "" {
			blocks = append(blocks, text("To try next: %s", d.Next))
		}
	}
	return blocks
}

// capital is a sentence with a large first letter of ASCII.
func capital(s string) string {
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]-'a'+'A') + s[1:]
	}
	return s
}

// maxDrawn is how many layers have plots of their own, at most.
const maxDrawn = 50

// histograms shows weights, membranes and rates of every layer.
func histograms(d *sample.Document) []block {
	blocks := []block{text("Below, before quantisation is the network of real numbers, after it the integers of the chip. Membranes and rates are of the first %d images; bars at either end hold what is beyond them too. Rates, and membranes of an output that never fires, are in units of the activation that they stand for.", d.N)}
	by := (len(d.Layers) + maxDrawn - 1) / maxDrawn
	if by > 1 {
		blocks = append(blocks, text("There are %d layers; a page has room for one in %d.", len(d.Layers), by))
	}
	for i := 0; i < len(d.Layers); i += by {
		x := &d.Layers[i]
		b := block{Heading: "Layer " + x.Name}
		for k := range x.Weights {
			w := &x.Weights[k]
			title := fmt.Sprintf("Weights from %s to %s", w.From, x.Name)
			if w.Host {
				title += ", on the host"
			}
			words := fmt.Sprintf("%d weights, on the chip between %g and %g units.", total(w.After), w.Low+0.5, w.Low+w.Width*float64(len(w.After))-0.5)
			b.Plots = append(b.Plots, histogram(title, "weight [units of the chip]", words, fmt.Sprintf("weights-%d-%d", i, k), w.Low, w.Width, w.Before, w.After, false))
		}
		if m := x.Membranes; m != nil {
			words := fmt.Sprintf("%d membranes after a step, between %g and %g thresholds.", total(m.After), m.Low, m.Low+m.Width*float64(len(m.After)))
			b.Plots = append(b.Plots, histogram("Membranes of "+x.Name, "membrane after a step [thresholds]", words, fmt.Sprintf("membranes-%d", i), m.Low, m.Width, m.Before, m.After, true))
		}
		if r := x.Rates; r != nil && len(r.Rates) > 0 {
			as, y := make([]float64, len(r.Rates)), make([]float64, len(r.Rates))
			for k := range as {
				as[k], y[k] = float64(r.Activations[k]), float64(r.Rates[k])
			}
			words := fmt.Sprintf("%d pairs of a neuron and an image, of those %.1f %% that have an activation or a spike.", len(as), 100*r.Active)
			name := "rate on the chip"
			if !r.Fires {
				name = "membrane on the chip"
			}
			b.Plots = append(b.Plots, scatter("Rates against activations of "+x.Name, "activation of the trained network", name, words, fmt.Sprintf("rates-%d", i), as, y))
		}
		if len(b.Plots) > 0 {
			blocks = append(blocks, b)
		}
	}
	return blocks
}

// total is the sum of counts.
func total(counts []int64) int64 {
	sum := int64(0)
	for _, n := range counts {
		sum += n
	}
	return sum
}
