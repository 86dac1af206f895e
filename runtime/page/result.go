package page

import (
	"fmt"
	"math"
	"slices"

	"spikec/internal/diag"
	"spikec/runtime/evaluate"
	"spikec/runtime/ladder"
	"spikec/runtime/report"
)

// newResultPage begins the page of a result: what is seen first.
func newResultPage(l *ladder.Ladder) *page {
	p := &page{Title: l.Model, About: fmt.Sprintf("Rules %s, T = %d time steps an image; %s. Measured on %d images of %s.", l.Rules, l.Steps, report.Choices(l), l.Data.N, l.Data.Name)}
	if l.Target != "" {
		p.Title += " on " + l.Target
	}
	last := l.Last()
	p.Figures = append(p.Figures, fact{Name: "Accuracy, stage " + last.Stage, Value: share(last.Accuracy), Note: interval(last) + fmt.Sprintf(", n = %d", last.N)})
	if trained, ok := l.Stage(ladder.ANN); ok {
		lost := 100 * (trained.Accuracy - last.Accuracy)
		p.Figures = append(p.Figures, fact{Name: "Lost against the trained network", Value: fmt.Sprintf("%.2f points", lost), Note: "it has " + share(trained.Accuracy), Bad: lost > 1})
	}
	if last.Agreement != nil {
		p.Figures = append(p.Figures, fact{Name: "Decided as by the trained network", Value: share(*last.Agreement), Note: "of the images"})
	}
	if l.OnChip() {
		p.Figures = append(p.Figures, fact{Name: "On the chip", Value: report.Cores(&l.Resources), Note: fmt.Sprintf("%d neurons, %s synapses", l.Resources.Neurons, report.Amount(float64(l.Resources.Synapses)))})
	}
	p.Figures = append(p.Figures, fact{Name: "Synaptic operations an image", Value: report.Amount(l.PerImage.SynapticOperations), Note: report.Amount(l.PerImage.Spikes) + " spikes"})
	if e := l.Energy.SNNNanojoule; e != nil {
		p.Figures = append(p.Figures, fact{Name: "Energy an image", Value: report.Joule(*e), Note: "an estimate; its source is below"})
	} else if l.OnChip() {
		p.Figures = append(p.Figures, fact{Name: "Energy an image", Value: "unknown", Note: "the target has no published figures"})
	}
	if n := worth(l.Diagnostics); n > 0 {
		p.Figures = append(p.Figures, fact{Name: "To look at", Value: fmt.Sprint(n), Note: "of warnings and errors", Bad: true})
	}
	return p
}

// worth is how many diagnostics ask for something.
func worth(l diag.List) int {
	n := 0
	for _, d := range l {
		if d.Severity > diag.Info {
			n++
		}
	}
	return n
}

// share prints a share in per cent.
func share(x float64) string { return fmt.Sprintf("%.2f %%", 100*x) }

// interval prints the 95 % interval of a stage.
func interval(s ladder.Stage) string {
	return fmt.Sprintf("95 %% interval %.2f – %.2f %%", 100*s.CI95[0], 100*s.CI95[1])
}

// found lists diagnostics.
func found(l diag.List) section {
	s := section{ID: "found", Title: "What was noticed"}
	if len(l) == 0 {
		s.add(text("Nothing: no error, no warning."))
		return s
	}
	s.add(block{Found: l})
	return s
}

// stageWords says what each stage is.
var stageWords = map[string]string{
	ladder.ANN: "the trained network in float32", ladder.Tailored: "after the rules and the re-fit, without time", ladder.SNN: "spikes, real numbers",
	ladder.Fixed: "spikes, integers", ladder.Image: "on the chip's cores, emulated", ladder.Files: "read back from the files, emulated",
}

// rungs shows the ladder.
func rungs(l *ladder.Ladder) section {
	s := section{ID: "ladder", Title: "Accuracy of every stage"}
	t := newTable("The ladder", "ladder", "stage", "what it is", "#accuracy", "#correct", "#images", "#from", "#to", "#agreement")
	t.Columns[5].Title, t.Columns[6].Title = "lower end of the 95 % interval", "upper end of the 95 % interval"
	t.Columns[7].Title = "share of images decided as by the trained network"
	c := curve{name: "accuracy with 95 % interval"}
	words := "From stage to stage:"
	names := []string{}
	for i, r := range l.Stages {
		t.row(r.Stage, stageWords[r.Stage], percent(r.Accuracy), r.Correct, r.N, percent(r.CI95[0]), percent(r.CI95[1]), maybe(r.Agreement, percent))
		c.x, c.y = append(c.x, float64(i)), append(c.y, 100*r.Accuracy)
		c.low, c.high = append(c.low, 100*r.CI95[0]), append(c.high, 100*r.CI95[1])
		words += fmt.Sprintf(" %s %s,", r.Stage, share(r.Accuracy))
		names = append(names, r.Stage)
	}
	s.add(block{Table: t})
	if len(names) > 1 {
		s.add(block{Plots: []*figure{stagePlot(c, names, words[:len(words)-1]+".")}})
	}
	s.add(remarks(l)...)
	return s
}

// remarks are what stands beside the ladder.
func remarks(l *ladder.Ladder) []block {
	var facts []fact
	if l.OnChip() {
		proof := report.Proof(l.Proof)
		if l.ProofClaimed {
			proof = "proof class " + l.Proof + ": " + l.ProofSource
		}
		facts = append(facts, fact{Name: "how far the emulator is proven", Value: proof})
	}
	if l.Naive != nil {
		facts = append(facts, fact{Name: "the rules alone", Value: share(l.Naive.Accuracy), Note: "before the re-fit"})
	}
	if len(l.Readouts) > 1 {
		var names []string
		for name := range l.Readouts {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			facts = append(facts, fact{Name: "stage snn, read-out " + name, Value: share(l.Readouts[name])})
		}
	}
	if l.Ties != nil {
		facts = append(facts, fact{Name: "not decided by output spikes alone", Value: fmt.Sprintf("%d of %d images", *l.Ties, l.Last().N), Note: "there membranes decide"})
	}
	for _, r := range l.Stages {
		if r.SharedWith != "" {
			facts = append(facts, fact{Name: "stage " + r.Stage, Value: "the image read back equals the one written, byte for byte, so its emulation is that of stage " + r.SharedWith})
		}
	}
	if c := l.Check; c != nil {
		outcome := "other images than the recorded ones: the recorded outputs were not compared"
		switch {
		case c.CountsCompared:
			outcome = "every output count and potential is what was recorded"
		case c.FirstOnly:
			outcome = "the first of the recorded images only: the recorded outputs were not compared"
		}
		facts = append(facts, fact{Name: "checked against " + c.Folder, Value: outcome, Note: fmt.Sprintf("recorded: %s on %d images", share(c.Recorded.Accuracy), c.Recorded.N)})
	}
	if len(facts) == 0 {
		return nil
	}
	return []block{{Facts: facts}}
}

// bySteps shows accuracy against the number of steps, and when decisions were there.
func bySteps(l *ladder.Ladder) section {
	s := section{ID: "steps", Title: "Accuracy against time steps"}
	if len(l.AccuracyBySteps) == 0 {
		s.add(text("Not measured."))
		return s
	}
	c := curve{name: "stage " + l.Last().Stage}
	t := newTable("The last stage, read after fewer steps", "steps", "#steps", "#accuracy", "#from", "#to")
	n := l.Last().N
	for _, a := range l.AccuracyBySteps {
		ci := evaluate.Wilson(int64(math.Round(a.Accuracy*float64(n))), n)
		c.x, c.y = append(c.x, float64(a.Steps)), append(c.y, 100*a.Accuracy)
		c.low, c.high = append(c.low, 100*ci[0]), append(c.high, 100*ci[1])
		t.row(a.Steps, percent(a.Accuracy), percent(ci[0]), percent(ci[1]))
	}
	curves := []curve{c}
	first, last := l.AccuracyBySteps[0], l.AccuracyBySteps[len(l.AccuracyBySteps)-1]
	if trained, ok := l.Stage(ladder.ANN); ok {
		a := 100 * trained.Accuracy
		curves = append(curves, curve{name: "trained network", x: []float64{float64(first.Steps), float64(last.Steps)}, y: []float64{a, a}, guide: true})
	}
	words := fmt.Sprintf("%s after %d steps, %s after %d.", share(first.Accuracy), first.Steps, share(last.Accuracy), last.Steps)
	s.add(block{Plots: []*figure{lines("Accuracy against time steps", "steps of an image", "accuracy [%]", words, "accuracy-by-steps", true, curves)}}, block{Table: t})
	if d := l.Latency; d != nil {
		s.add(latency(l, d)...)
	}
	return s
}

// latency shows when decisions were there.
func latency(l *ladder.Ladder, d *ladder.Latency) []block {
	facts := []fact{{Name: "decided by", Value: d.Of}, {Name: "steps to the decision", Value: fmt.Sprintf("mean %.2f, median %d, 90 %% within %d, 99 %% within %d, at most %d", d.Mean, d.Median, d.P90, d.P99, d.Max)}}
	if x := d.Exit; x != nil {
		facts = append(facts, fact{Name: "accuracy at the exit", Value: share(x.Accuracy), Note: fmt.Sprintf("%d images decided otherwise than after T = %d; %s", x.Changed, l.Steps, x.Note)})
	}
	c := curve{name: "images decided by then"}
	seen := int64(0)
	for _, h := range d.Histogram {
		seen += h.Images
		c.x, c.y = append(c.x, float64(h.Steps)), append(c.y, 100*float64(seen)/float64(max(1, l.Last().N)))
	}
	words := fmt.Sprintf("Half of the images are decided within %d steps, all within %d.", d.Median, d.Max)
	return []block{{Heading: "When decisions were there", Facts: facts}, {Plots: []*figure{lines("Images decided by then", "steps", "images [%]", words, "latency", false, []curve{c})}}}
}

// cost shows what an image costs, and what that is taken from.
func cost(l *ladder.Ladder) section {
	s := section{ID: "cost", Title: "Cost and energy of an image"}
	c := &l.PerImage
	t := newTable("Means over all images", "cost", "what", "#an image", "unit")
	type quantity struct {
		name, unit string
		x          float64
	}
	list := []quantity{{"synaptic operations", "weights added because a spike arrived", c.SynapticOperations}, {"spikes", "", c.Spikes}}
	if l.OnChip() {
		list = append(list, quantity{"neuron updates", "neurons × steps", c.NeuronUpdates}, quantity{"memory accesses", "weights read, membranes read and written", c.MemoryAccesses},
			quantity{"memory moved", "bytes of these", c.MemoryBytes}, quantity{"multiplications of the host", "for its drives", c.HostMACs})
	}
	if c.MACs > 0 {
		list = append(list, quantity{"multiplications of the trained network", "to compare with", float64(c.MACs)})
	}
	for _, r := range list {
		t.row(r.name, amount(r.x), r.unit)
	}
	s.add(block{Table: t})
	s.add(layerCosts(l)...)
	s.add(energy(l)...)
	s.add(int8Network(l)...)
	return s
}

// energy estimates what the spiking network takes.
func energy(l *ladder.Ladder) []block {
	e := &l.Energy
	if !l.OnChip() {
		return []block{text("Energy: unknown. The network is on no chip yet.")}
	}
	if e.SNNNanojoule == nil {
		return []block{text("Energy: unknown. The target's profile has no figures for what was counted.")}
	}
	t := newTable("Energy, estimated from the profile's figures", "energy", "what", "#count", "#each [pJ]", "#an image [nJ]", "figure", "source")
	for _, x := range e.Terms {
		for _, f := range append([]ladder.Figure{{Picojoule: x.Picojoule, Source: x.Source, Status: x.Status}}, x.Others...) {
			t.row(x.Name, amount(x.Count), number(f.Picojoule, "%g"), number(x.Count*f.Picojoule/1000, "%.1f"), statusWords[f.Status], f.Source)
		}
	}
	total := text("Together %s an image. It is an estimate: count times figure, and no better than the figure's source.", report.Joule(*e.SNNNanojoule))
	if e.SNNRange != nil {
		total.Text += fmt.Sprintf(" Sources disagree: from %s to %s.", report.Joule(e.SNNRange[0]), report.Joule(e.SNNRange[1]))
	}
	return []block{{Table: t}, total}
}

// int8Network shows what the same network decides and costs without spikes.
func int8Network(l *ladder.Ladder) []block {
	q, e := l.Int8, &l.Energy
	if q == nil {
		return nil
	}
	facts := []fact{
		{Name: "accuracy", Value: fmt.Sprintf("%.2f %%", 100*q.Accuracy), Note: fmt.Sprintf("%.2f .. %.2f %%, %d images", 100*q.CI95[0], 100*q.CI95[1], q.N)},
		{Name: "multiplications", Value: report.Amount(float64(q.MACs)), Note: "of two bytes"},
		{Name: "bytes moved", Value: report.Amount(float64(q.MemoryBytes)), Note: "if nothing moves twice"},
	}
	if e.ANNInt8Nanojoule != nil && e.ANNInt8Range != nil {
		facts = append(facts, fact{Name: "energy an image", Value: report.Joule(*e.ANNInt8Nanojoule),
			Note: fmt.Sprintf("%s .. %s, from %s", report.Joule(e.ANNInt8Range[0]), report.Joule(e.ANNInt8Range[1]), e.ANNInt8Source)})
	}
	return []block{{Heading: "The same network without spikes, in 8-bit integers", Facts: facts}}
}

// statusWords says how a figure comes from its source.
var statusWords = map[string]string{"published": "published", "secondary": "at second hand", "memory": "quoted from memory", "derived": "derived from it"}

// choices shows what was chosen, and tried.
func choices(l *ladder.Ladder) section {
	s := section{ID: "choices", Title: "Choices"}
	o := &l.Options
	onOff := map[bool]string{true: "yes", false: "no"}
	facts := []fact{{Name: "rules", Value: l.Rules}, {Name: "time steps T", Value: fmt.Sprint(l.Steps), Note: fmt.Sprintf("%d until the last layer is done", max(l.Steps, l.Duration))}}
	if o.Normalization != "" { // the network was converted
		facts = append(facts, fact{Name: "max pooling", Value: o.Pooling}, fact{Name: "neurons of average pools", Value: onOff[o.PoolNeurons]}, fact{Name: "biases", Value: o.Biases},
			fact{Name: "normalisation", Value: o.Normalization}, fact{Name: "scale of each channel", Value: onOff[o.PerChannel]})
	}
	facts = append(facts, fact{Name: "input coding", Value: o.Encoding}, fact{Name: "read-out", Value: o.Readout}, fact{Name: "reset", Value: o.Reset}, fact{Name: "membranes at the start", Value: o.Initial})
	if o.Bits > 0 {
		facts = append(facts, fact{Name: "bits of a weight", Value: fmt.Sprint(o.Bits)})
	}
	if o.Percentile != 0 {
		facts = append(facts, fact{Name: "percentile", Value: fmt.Sprint(o.Percentile)})
	}
	if o.ReadoutDelay > 0 {
		facts = append(facts, fact{Name: "read-out counts after step", Value: fmt.Sprint(o.ReadoutDelay)})
	}
	if len(o.Disabled) > 0 {
		facts = append(facts, fact{Name: "passes left out", Value: fmt.Sprint(o.Disabled)})
	}
	if c := l.Calibration; c != nil {
		facts = append(facts, fact{Name: "calibrated with", Value: fmt.Sprintf("%d images of %s", c.N, c.Name)})
	}
	if f := l.ScaleFactors; f != nil {
		facts = append(facts, fact{Name: "scale factors taken from", Value: f.File})
	}
	facts = append(facts, fact{Name: "emulator", Value: l.Engine})
	s.add(block{Facts: facts})
	if a := l.Auto; a != nil {
		t := newTable(fmt.Sprintf("Tried: fitted to %d calibration images, compared on %d others by agreement with the trained network", a.Fitted, a.N), "tried", "choice", "#agreement", "#synaptic operations", "flags", "what became of it")
		for _, c := range a.Candidates {
			outcome := c.Refused + c.Why
			if c.Chosen {
				outcome = "chosen"
			}
			t.row(c.Name+": "+c.About, maybe(c.Agreement, percent), amount(c.SynapticOperations), c.Flags, outcome)
		}
		s.add(block{Table: t})
	}
	return s
}
