// Package report prints results as plain text for people. The same numbers as JSON are package ladder's.
package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"spikec/internal/spelling"
	"spikec/runtime/ladder"
)

// proofs says what each class of proof stands for.
var proofs = map[string]string{
	"A": "the emulator equals the chip's released RTL bit by bit",
	"B": "the emulator equals a published emulator of the chip bit by bit",
	"C": "the emulator follows the chip's documents; there is nothing to compare it with",
	"D": "a definition of ours, no chip claimed",
}

// Proof words a class of proof.
func Proof(class string) string {
	if text, ok := proofs[class]; ok {
		return "proof class " + class + ": " + text
	}
	return "proof class " + class
}

// Text prints a ladder: the stages, what the re-fit was worth, candidates that were tried, accuracy by steps, cost, resources,
// engine, layers and their costs, what became of the trained network's activations in them, and what there is to say about it all.
func Text(w io.Writer, l *ladder.Ladder) error {
	var b bytes.Buffer
	head(&b, l)
	stages(&b, l)
	remarks(&b, l)
	auto(&b, l)
	bySteps(&b, l)
	latency(&b, l)
	cost(&b, l)
	engine(&b, l)
	layers(&b, l)
	costs(&b, l)
	use(&b, l)
	diagnosis(&b, l)
	Diagnostics(&b, l.Diagnostics)
	_, err := w.Write(b.Bytes())
	return err
}

// head says what was done with what.
func head(b *bytes.Buffer, l *ladder.Ladder) {
	b.WriteString(l.Model)
	if l.Target != "" {
		b.WriteString(" on " + l.Target)
	}
	if rules := l.Rules; rules != "none" { // nothing was converted
		fmt.Fprintf(b, ", rules %s", rules)
	}
	fmt.Fprintf(b, ", T = %d", l.Steps)
	if l.Duration > l.Steps {
		fmt.Fprintf(b, " (%d steps an image, until the last layer is done)", l.Duration)
	}
	fmt.Fprintf(b, "\n%s\n", Choices(l))
	if len(l.Options.Disabled) > 0 {
		fmt.Fprintf(b, "left out: %s\n", strings.Join(l.Options.Disabled, ", "))
	}
	fmt.Fprintf(b, "%s: %d images", l.Data.Name, l.Data.N)
	if c := l.Calibration; c != nil {
		fmt.Fprintf(b, "; calibrated with %d images of %s", c.N, c.Name)
		if c.Seed != nil {
			fmt.Fprintf(b, ", seed %d", *c.Seed)
		}
	}
	if s := l.ScaleFactors; s != nil {
		fmt.Fprintf(b, "; scale factors from %s (T = %d", s.File, s.Steps)
		if s.Images != nil {
			fmt.Fprintf(b, ", %d images of %s", s.Images.N, s.Images.Name)
		}
		b.WriteByte(')')
	}
	b.WriteString("\n\n")
}

// Choices words what was chosen.
func Choices(l *ladder.Ladder) string {
	o := &l.Options
	scope := "layer"
	if o.PerChannel {
		scope = "channel"
	}
	normal := ", normalised by " + o.Normalization + " of each " + scope
	switch o.Normalization {
	case "": // nothing was converted
		normal = ""
	case "model":
		normal = ", normalised by model"
	case "data":
		normal = fmt.Sprintf(", normalised by percentile %g of each %s", o.Percentile, scope)
	case "error":
		normal = ", normalised by least error of each " + scope
	}
	pooling := ""
	if o.KeptPools > 0 {
		pooling = ", max pooling kept by comparisons"
	}
	if l.Rules == "best" && o.Biases == "zero" {
		pooling += ", without biases"
	}
	weights := "real weights"
	if o.Bits > 0 && l.Last().Stage != ladder.SNN {
		weights = fmt.Sprintf("%d-bit weights", o.Bits)
	}
	return fmt.Sprintf("%s input, %s read-out%s, reset by %s, membranes from %s, %s%s%s",
		codingText(*o), o.Readout, delayText(o.ReadoutDelay), resetText(o.Reset), initialText(o.Initial), weights, normal, pooling)
}

func delayText(steps int) string {
	if steps == 0 {
		return ""
	}
	return fmt.Sprintf(" of what happens after step %d", steps)
}

func resetText(mode string) string {
	if mode == "subtract" {
		return "subtraction"
	}
	return "setting to " + mode
}

func initialText(initial string) string {
	if initial == "half" {
		return "half a threshold"
	}
	return initial
}

// stages prints the ladder itself, and beside it what its last rung is worth.
func stages(b *bytes.Buffer, l *ladder.Ladder) {
	t := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	fmt.Fprintln(t, "STAGE\tACCURACY\tIMAGES\t95 % INTERVAL\tAGREEMENT\t")
	shared := ""
	for _, s := range l.Stages {
		agreement := "-"
		if s.Agreement != nil {
			agreement = percent(*s.Agreement)
		}
		if s.SharedWith != "" {
			shared = s.Stage + ": the image read back from the files equals the one written, byte for byte, so its emulation is the same\n"
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%.2f .. %.2f %%\t%s\t\n", s.Stage, percent(s.Accuracy), s.N, 100*s.CI95[0], 100*s.CI95[1], agreement)
	}
	t.Flush()
	trim(b)
	b.WriteString(shared)
	if l.OnChip() {
		if l.ProofClaimed {
			fmt.Fprintf(b, "proof class %s: %s\n", l.Proof, l.ProofSource)
		} else {
			fmt.Fprintf(b, "%s\n", Proof(l.Proof))
		}
	}
}

// trim removes blanks at the ends of lines, which a table without a last cell leaves.
func trim(b *bytes.Buffer) {
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	b.Reset()
	b.WriteString(strings.Join(lines, "\n"))
}

// percent prints a share with two decimals, aligned up to 100 %.
func percent(share float64) string { return fmt.Sprintf("%6.2f %%", 100*share) }

// remarks prints what stands beside the ladder.
func remarks(b *bytes.Buffer, l *ladder.Ladder) {
	if tailored, ok := l.Stage(ladder.Tailored); ok && l.Naive != nil {
		fmt.Fprintf(b, "the rules alone %.2f %%", 100*l.Naive.Accuracy)
		if !slices.Contains(l.Options.Disabled, "refit") {
			fmt.Fprintf(b, ", re-fitted %.2f %%", 100*tailored.Accuracy)
		}
		b.WriteByte('\n')
	}
	if len(l.Readouts) > 1 {
		var parts []string
		for name, share := range l.Readouts {
			parts = append(parts, fmt.Sprintf("%s %.2f %%", name, 100*share))
		}
		slices.Sort(parts)
		fmt.Fprintf(b, "read-outs at stage snn: %s\n", strings.Join(parts, ", "))
	}
	if c := l.Check; c != nil {
		fmt.Fprintf(b, "recorded in %s: %.2f %% on %d images; ", c.Folder, 100*c.Recorded.Accuracy, c.Recorded.N)
		switch {
		case c.CountsCompared:
			b.WriteString("every output count and potential is what was recorded\n")
		case c.FirstOnly:
			fmt.Fprintf(b, "only the first %d of the %d recorded images, so the recorded hash was not compared\n", l.Data.N, c.Recorded.N)
		default:
			b.WriteString("other images than the recorded ones, so the recorded hash was not compared\n")
		}
	}
}

// bySteps prints accuracy against the number of steps.
func bySteps(b *bytes.Buffer, l *ladder.Ladder) {
	if len(l.AccuracyBySteps) == 0 {
		return
	}
	t := tabwriter.NewWriter(b, 0, 0, 3, ' ', tabwriter.AlignRight)
	steps, shares := "steps\t", "accuracy %\t"
	for _, a := range l.AccuracyBySteps {
		steps += fmt.Sprintf("%d\t", a.Steps)
		shares += fmt.Sprintf("%.2f\t", 100*a.Accuracy)
	}
	fmt.Fprintf(t, "%s\n%s\n", steps, shares)
	b.WriteByte('\n')
	t.Flush()
}

// cost prints what an image costs and what the network takes.
func cost(b *bytes.Buffer, l *ladder.Ladder) {
	c, r := &l.PerImage, &l.Resources
	fmt.Fprintf(b, "\nan image: %s synaptic operations, %s spikes", Amount(c.SynapticOperations), Amount(c.Spikes))
	if l.OnChip() {
		fmt.Fprintf(b, ", %s neuron updates, %s bytes moved; %s MACs on the host", Amount(c.NeuronUpdates), Amount(c.MemoryBytes), Amount(c.HostMACs))
	}
	if c.MACs > 0 {
		fmt.Fprintf(b, "; the trained network: %s MACs", Amount(float64(c.MACs)))
	}
	b.WriteByte('\n')
	if !l.OnChip() {
		int8Network(b, l)
		return
	}
	if e := l.Energy.SNNNanojoule; e != nil && l.Energy.Source != nil {
		fmt.Fprintf(b, "energy: %s%s an image, from %s\n", Joule(*e), between(l.Energy.SNNRange), *l.Energy.Source)
	} else {
		b.WriteString("energy: unknown, the target has no published figures\n")
	}
	int8Network(b, l)
	if c := l.OneCore; c != nil {
		fmt.Fprintf(b, "in one core: %d inputs, %d neurons, %d outputs; an image: %d ticks, %s spikes taken", c.Inputs, c.Neurons, c.Outputs, c.Ticks, Amount(c.Active))
		if c.Cycles > 0 {
			fmt.Fprintf(b, ", at most %s cycles and %s operations, as a spike walks all neurons (%s)", Amount(c.Cycles), Amount(c.Operations), c.Source)
		}
		b.WriteByte('\n')
	}
	if p := l.Passes; p != nil {
		fmt.Fprintf(b, "in %d passes: the one core is programmed for one layer after the other, and the host replays the spikes of a pass in the next; an image: %s events", p.Count, Amount(p.Events))
		if p.Cycles != nil {
			fmt.Fprintf(b, ", %s cycles (%g an event: %s)", Amount(*p.Cycles), *p.RowCycles, p.Source)
		}
		if p.RowOperations != nil { // what the energy is of, and more than the synaptic operations above
			fmt.Fprintf(b, ", %s operations (%g an event, as it walks all neurons)", Amount(p.Events**p.RowOperations), *p.RowOperations)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(b, "on the chip: %s, %d neurons, %d synapses, %d bytes of weights; on the host: %d weights\n",
		Cores(r), r.Neurons, r.Synapses, r.WeightBytes, r.HostWeights)
	if t := r.Traffic; t != nil {
		grid, hops := "", ""
		if t.Grid != nil {
			grid = fmt.Sprintf(" on a grid of %d x %d", t.Grid[0], t.Grid[1])
			hops = fmt.Sprintf(" over %.2f hops each", t.Hops/max(1, t.Packets))
		}
		fmt.Fprintf(b, "traffic of an image%s, mean of the first %d: %s packets between cores%s, %s packets from the host\n",
			grid, t.N, Amount(t.Packets), hops, Amount(t.HostPackets))
	}
}

// Cores says how many cores are taken, and of how many where that is limited.
func Cores(r *ladder.Resources) string {
	if r.CoresThere > 0 {
		return fmt.Sprintf("%d of %s", r.Cores, spelling.Count(r.CoresThere, "core"))
	}
	return spelling.Count(r.Cores, "core")
}

// int8Network prints what the trained network in 8-bit integers decides and costs.
func int8Network(b *bytes.Buffer, l *ladder.Ladder) {
	if l.Int8 == nil {
		return
	}
	fmt.Fprintf(b, "without spikes, in 8-bit integers: %.2f %%; %s MACs, %s bytes moved", 100*l.Int8.Accuracy, Amount(float64(l.Int8.MACs)), Amount(float64(l.Int8.MemoryBytes)))
	if e := l.Energy.ANNInt8Nanojoule; e != nil {
		fmt.Fprintf(b, "; %s%s an image, from %s", Joule(*e), between(l.Energy.ANNInt8Range), l.Energy.ANNInt8Source)
	}
	b.WriteByte('\n')
}

// between words a range of energies, if there is one.
func between(nano *[2]float64) string {
	if nano == nil {
		return ""
	}
	return fmt.Sprintf(" (%s .. %s)", Joule(nano[0]), Joule(nano[1]))
}

// Amount prints a number with four significant digits, and a decimal prefix where it has more before the point.
func Amount(x float64) string {
	for _, p := range []struct {
		from, unit float64
		prefix     string
	}{{1e9, 1e9, "G"}, {1e6, 1e6, "M"}, {9999.5, 1e3, "k"}} {
		if x >= p.from {
			return fmt.Sprintf("%.4g %s", x/p.unit, p.prefix)
		}
	}
	return fmt.Sprintf("%.4g", x)
}

// Joule prints nanojoules in a unit that suits them.
func Joule(nano float64) string {
	switch {
	case nano >= 1e6:
		return fmt.Sprintf("%.4g mJ", nano/1e6)
	case nano >= 1e3:
		return fmt.Sprintf("%.4g µJ", nano/1e3)
	}
	return fmt.Sprintf("%.4g nJ", nano)
}

// codingText names the input coding, with its parameter and seed.
func codingText(o ladder.Options) string {
	text := o.Encoding
	if o.EncodingParameter != 0 {
		text += fmt.Sprintf(" %d", o.EncodingParameter)
	}
	if o.EncodingSeed != nil {
		text += fmt.Sprintf(" (seed %d)", *o.EncodingSeed)
	}
	return text
}
