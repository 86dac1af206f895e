package main

import (
	"fmt"
	"strings"

	"spikec/internal/diag"
	"spikec/runtime/build"
	"spikec/runtime/encode"
	"spikec/runtime/ladder"
	"spikec/runtime/report"
)

// networkOnChip is what a section is about.
type networkOnChip struct {
	name, model, target string
	about               string // the layers of the network
	preprocessing       encode.Options
	rows                []row
}

// row is one build.
type row struct {
	rules, pooling string
	steps          int
}

// options are the choices of a row: average pools have neurons of their own, and nothing is chosen by trying.
func (r row) options() build.Options {
	no := false
	return build.Options{Rules: r.rules, Pooling: r.pooling, PoolNeurons: true, Steps: r.steps, Auto: &no}
}

// sections are those of the document, in its order.
var sections = []networkOnChip{
	{name: "cifar_resnet8-loihi1", model: "cifar_resnet8", target: "loihi1",
		about:         "conv3x3x20, three residual blocks of 24, 48 and 96 channels with a 1x1 projection each, global average pool, FC10; BN and ReLU",
		preprocessing: encode.Options{Mean: []float64{0.4914, 0.4822, 0.4465}, Std: []float64{0.247, 0.2435, 0.2616}},
		rows:          []row{{"best", "average", 64}, {"best", "average", 32}, {"strict", "average", 64}}},
	{name: "cifar_vgg_small-loihi1", model: "cifar_vgg_small", target: "loihi1",
		about: "conv3x3x32 - MaxPool2 - conv3x3x64 - MaxPool2 - 2 x conv3x3x96 - MaxPool2 - FC10; each convolution with bias, BN and ReLU",
		rows:  []row{{"best", "average", 64}, {"best", "average", 32}, {"strict", "average", 64}, {"best", "max", 32}}},
}

// text is a section: what was measured, a table with a row for every build, and what the first one takes of the chip.
func (s *networkOnChip) text(results []result) string {
	var b strings.Builder
	var first *ladder.Ladder
	for i := range results {
		if first = results[i].Ladder; first != nil {
			break
		}
	}
	if first != nil {
		trained, _ := first.Stage(ladder.ANN)
		fmt.Fprintf(&b, "%s. The ONNX network reaches %.2f %% on %d images. Calibrated with %d training images, seed %d. SHA-256 of the network %.12s…, of the images %.12s…. Measured by %s.\n\n",
			s.about, 100*trained.Accuracy, trained.N, first.Calibration.N, *first.Calibration.Seed, results[0].Model, first.Data.SHA256, results[0].Tool)
	}
	b.WriteString("| rules | T | steps an image | float spikes | files | cores | packets an image | M SOP | energy an image |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n")
	for i, r := range results {
		what := s.rows[i].rules
		if s.rows[i].pooling == "max" {
			what += ", max pooling"
		}
		fmt.Fprintf(&b, "| %s | %d |", what, s.rows[i].steps)
		l := r.Ladder
		if l == nil {
			b.WriteString(" – | – | – | – | – | – | – |\n")
			continue
		}
		snn, _ := l.Stage(ladder.SNN)
		trained, _ := l.Stage(ladder.ANN)
		files := l.Last()
		packets, energy := "–", "–"
		if t := l.Resources.Traffic; t != nil {
			packets = report.Amount(t.Packets)
		}
		if e := l.Energy.SNNNanojoule; e != nil {
			energy = report.Joule(*e)
		}
		fmt.Fprintf(&b, " %d | %.2f | **%.2f** %+.2f (%.2f..%.2f) | %d of %d | %s | %.4g | %s |\n", l.Duration, 100*snn.Accuracy, 100*files.Accuracy, 100*(files.Accuracy-trained.Accuracy),
			100*files.CI95[0], 100*files.CI95[1], l.Resources.Cores, l.Resources.CoresThere, packets, l.PerImage.SynapticOperations/1e6, energy)
	}
	if first != nil {
		fmt.Fprintf(&b, "\nRules %s, T = %d, layer by layer: shares of what its cores have.\n\n", first.Rules, first.Steps)
		b.WriteString("| layer | neurons | cores | of neurons | of input axons | of output axons | of synapse memory | bound by |\n|---|---:|---:|---:|---:|---:|---:|---|\n")
		for _, p := range first.Layers {
			if u := p.Use; u != nil {
				fmt.Fprintf(&b, "| %s | %d | %d | %.0f %% | %.0f %% | %.0f %% | %.0f %% | %s |\n", p.Name, p.Neurons, len(p.Cores), 100*u.Neurons, 100*u.Axons, 100*u.AxonsOut, 100*u.SynapseMemory, u.Bound)
			}
		}
	}
	for i, r := range results {
		if r.Refused != "" {
			fmt.Fprintf(&b, "\nRules %s with %s pooling are refused:\n\n%s", s.rows[i].rules, s.rows[i].pooling, r.Refused)
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// refusal lists findings, the worst first, as the command prints them.
func refusal(list diag.List) string {
	var b strings.Builder
	for _, d := range list.BySeverity() {
		b.WriteString("    " + strings.ReplaceAll(d.String(), "\n", "\n    ") + "\n")
	}
	return b.String()
}
