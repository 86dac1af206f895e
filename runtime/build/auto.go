package build

import (
	"context"
	"fmt"
	"strings"
	"time"

	"spikec/convert"
	"spikec/internal/diag"
	"spikec/models/snn"
	"spikec/quantize"
	"spikec/runtime/evaluate"
	"spikec/runtime/ladder"
	"spikec/runtime/tune"
	"spikec/target/place"
)

const (
	// mostFitted bounds the calibration images that candidates are fitted to: to choose, more are not worth their time.
	mostFitted = 200
	// leastCompared is below how many images the comparison of candidates says too little.
	leastCompared = 50
	// mostCompared bounds the images that candidates are compared on.
	mostCompared = 400
)

// auto makes the choices that the user left open. The calibration images, which are in an order that their seed has drawn, are
// divided: every candidate is fitted to the first four fifths, mostFitted at most, and run on those behind them, in the
// emulator or, where the build ends before there is a chip, as a network of real numbers. The one that decides most images
// as the trained network does is kept (tune.Descend); the conversion that follows has all calibration images for it.
func (b *run) auto(ctx context.Context) error {
	if !b.opt.auto || b.Known != nil { // a calibration file holds the choices
		return nil
	}
	open := b.openAxes(ctx)
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if len(open) == 0 {
		return nil
	}
	n := b.Calibration.Len()
	fitted, to := divided(n)
	if to-fitted < leastCompared {
		b.note(diag.List{{ID: idFew, Severity: diag.Warning, Subject: "--auto", Message: "too few calibration images to choose by; the defaults stand",
			Value: n, Limit: fmt.Sprint("at least ", leastAuto()), Remedy: "more of them, or --auto=false"}})
		return nil
	}
	trained, err := evaluate.EvalShard(ctx, evaluate.NewGraph(b.Model.Graph, b.calib.Inputs), evaluate.Data{Labels: make([]int, n)}, fitted, to, evaluate.Options{Jobs: b.Options.Jobs})
	if err != nil {
		return fmt.Errorf("stage auto: %w", err)
	}
	d := trial{run: b, fitted: fitted, to: to, decisions: make([]int, n)}
	for i, class := range trained.Decisions {
		d.decisions[fitted+i] = int(class)
	}
	tries, best, err := tune.Descend(b.opt.choices, "default", "what is best for most networks", open, func(name string, c choices, known *tune.Try[choices, made]) (tune.Score, made, error) {
		begin := time.Now()
		score, m, err := d.try(ctx, name, c, known)
		b.doc.Timing = append(b.doc.Timing, ladder.Timing{Stage: "auto/" + name, Seconds: time.Since(begin).Seconds()})
		return score, m, err
	})
	if err != nil {
		return err
	}
	b.opt.choices = tries[best].Choices
	b.doc.Options = b.opt.document(b.disabled())
	b.doc.Auto = d.document(tries, best)
	return nil
}

// divided divides n calibration images: candidates are fitted to the first fitted ones, and compared on those up to to−1.
func divided(n int) (fitted, to int) {
	fitted = min(n*4/5, mostFitted)
	return fitted, min(n, fitted+mostCompared)
}

// leastAuto is the fewest calibration images of which enough are left to compare candidates on.
func leastAuto() int {
	n := leastCompared
	for fitted, to := divided(n); to-fitted < leastCompared; fitted, to = divided(n) {
		n++
	}
	return n
}

// trial compares candidates.
type trial struct {
	*run
	fitted, to int   // candidates are fitted to images 0..fitted-1, and compared on those up to to-1
	decisions  []int // of the trained network, of all images; those that are fitted to have none
}

// made is what became of a candidate.
type made struct {
	network  *snn.Network
	integers *quantize.Network // nil where there is no chip
}

// readBehind returns the same networks, read behind another step: nothing else in them depends on that.
func (m made) readBehind(step int) made {
	network := *m.network
	network.Readout.Delay = step
	m.network = &network
	if m.integers != nil {
		integers := *m.integers
		integers.Readout.Delay = step
		m.integers = &integers
	}
	return m
}

// try makes a candidate and runs it.
func (d *trial) try(ctx context.Context, name string, c choices, known *tune.Try[choices, made]) (tune.Score, made, error) {
	task := d.Progress.Start("auto: "+name, len(convert.Passes)+d.to-d.fitted)
	defer task.Done()
	m, err := d.make(ctx, c, known, func() { task.Add(1) })
	if err != nil {
		return tune.Score{}, made{}, err
	}
	classifier, err := d.classifier(ctx, m)
	if err != nil {
		return tune.Score{}, made{}, err
	}
	p, err := evaluate.EvalShard(ctx, classifier, evaluate.Data{Labels: d.decisions}, d.fitted, d.to, evaluate.Options{Jobs: d.Options.Jobs, Progress: task.Add})
	if err != nil {
		return tune.Score{}, made{}, err
	}
	task.Enough()
	score := tune.Score{Right: make([]bool, len(p.Decisions)), Operations: p.Work.SynapticOperations}
	for i, class := range p.Decisions {
		score.Right[i] = int(class) == d.decisions[d.fitted+i]
	}
	return score, m, nil
}

// make converts and quantises, calling passed after each pass; or takes what the best candidate so far is made of, where
// that is the same.
func (d *trial) make(ctx context.Context, c choices, known *tune.Try[choices, made], passed func()) (made, error) {
	if known != nil {
		same := known.Choices
		if same.delay = c.delay; same == c {
			return known.Made.readBehind(c.delay), nil
		}
	}
	v := d.opt
	v.choices = c
	opt := v.conversion()
	opt.Rows = convert.FewRows // a column: the fewest that count as many, as time is short
	opt.DumpAfter = func(string, time.Duration, *convert.State) { passed() }
	images := d.calib.Images()
	images.N = d.fitted
	r, err := d.converted(ctx, images, opt)
	if err != nil {
		return made{}, err
	}
	if !d.onChip() {
		return made{network: r.Network}, nil
	}
	q, _, err := quantize.Run(ctx, r.Network, d.Profile, d.quantisation())
	return made{r.Network, q}, err
}

// onChip reports whether candidates are run in the emulator.
func (b *run) onChip() bool { return b.goal != ladder.SNN }

// classifier returns what runs a candidate.
func (d *trial) classifier(ctx context.Context, m made) (evaluate.Classifier, error) {
	if !d.onChip() {
		return evaluate.NewSpiking(m.network, d.calib.Reals)
	}
	img, _, err := place.Run(ctx, m.integers, d.Profile)
	if err != nil {
		return nil, err
	}
	img.Input.Step = d.coding.Step
	engine, _, err := newEngine("auto", img, d.Profile)
	if err != nil {
		return nil, err
	}
	return evaluate.NewEmulated(engine, img, nil, d.calib.Codes), nil
}

// document returns the tries as the result shows them.
func (d *trial) document(tries []tune.Try[choices, made], best int) *ladder.Auto {
	n := d.to - d.fitted
	a := &ladder.Auto{Seed: d.Seed, Fitted: d.fitted, N: int64(n), Stage: ladder.SNN, Flags: tries[best].Choices.flags()}
	if d.onChip() {
		a.Stage = ladder.Image
	}
	for i, t := range tries {
		c := ladder.Candidate{Name: t.Name, About: t.About, Flags: t.Choices.flags(), Why: t.Why, Chosen: i == best}
		if t.Refused != nil {
			c.Refused = reasons(t.Refused)
		} else {
			agreed := t.Score.Agreed()
			share := float64(agreed) / float64(n)
			c.Agreement, c.Agreed, c.SynapticOperations = &share, agreed, float64(t.Score.Operations)/float64(n)
		}
		a.Candidates = append(a.Candidates, c)
	}
	return a
}

// reasons words the errors among the findings, on one line.
func reasons(f *diag.Failure) string {
	var words []string
	for _, x := range f.List {
		if x.Severity == diag.Error {
			x.Remedy = ""
			words = append(words, x.String())
		}
	}
	return strings.Join(words, "; ")
}
