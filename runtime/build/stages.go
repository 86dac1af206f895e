package build

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"spikec/convert"
	"spikec/emulator"
	"spikec/internal/diag"
	"spikec/models/ann"
	"spikec/models/snn"
	"spikec/quantize"
	"spikec/runtime/baseline"
	"spikec/runtime/diagnose"
	"spikec/runtime/evaluate"
	"spikec/runtime/ladder"
	"spikec/runtime/sample"
	"spikec/target/chip"
	"spikec/target/image"
	"spikec/target/place"
)

// measure evaluates a classifier on all images.
func (b *run) measure(ctx context.Context, stage string, c evaluate.Classifier) (*evaluate.Partial, error) {
	n := b.Data.Len()
	task := b.Progress.Start(stage, n)
	defer task.Done()
	p, err := evaluate.EvalShard(ctx, c, b.data, 0, n, evaluate.Options{Jobs: b.Options.Jobs, Progress: task.Add})
	if err != nil {
		return nil, fmt.Errorf("stage %s: %w", stage, err)
	}
	return p, nil
}

// rung makes a stage of the ladder of what was measured.
func rung(stage string, p *evaluate.Partial) ladder.Stage {
	last, n := len(p.Steps)-1, int64(p.Images())
	s := ladder.Stage{Stage: stage, Correct: p.Correct[last], N: n, CI95: evaluate.Wilson(p.Correct[last], n)}
	if n > 0 {
		s.Accuracy = float64(s.Correct) / float64(n)
	}
	if len(p.Agree) > 0 && n > 0 {
		share := float64(p.Agree[last]) / float64(n)
		s.Agreement = &share
	}
	return s
}

// rise measures a classifier and adds its stage to the ladder. Decisions of the first stage are what those of the others are
// compared with.
func (b *run) rise(ctx context.Context, stage string, c evaluate.Classifier) (*evaluate.Partial, error) {
	p, err := b.measure(ctx, stage, c)
	if err != nil {
		return nil, err
	}
	if len(b.doc.Stages) == 0 {
		b.data.Reference = p.Decisions
	}
	r := rung(stage, p)
	if r.Agreement == nil {
		whole := 1.0 // with itself
		r.Agreement = &whole
	}
	b.doc.Stages = append(b.doc.Stages, r)
	return p, nil
}

// ann measures the trained network.
func (b *run) ann(ctx context.Context) error {
	b.doc.PerImage.MACs = b.Model.Graph.MACs()
	_, err := b.rise(ctx, ladder.ANN, evaluate.NewGraph(b.Model.Graph, b.eval.Inputs))
	return err
}

// convert makes the spiking network.
func (b *run) convert(ctx context.Context) error {
	task := b.Progress.Start("convert", len(convert.Passes)-len(b.disabled()))
	defer task.Done()
	opt := b.opt.conversion()
	var images convert.Images
	if b.calib != nil {
		images = b.calib.Images()
	}
	if b.Known != nil {
		opt.Known = b.Known.known()
	}
	opt.DumpAfter = func(pass string, took time.Duration, s *convert.State) {
		task.Add(1)
		if b.DumpAfter != nil {
			b.DumpAfter(pass, took, s)
		}
	}
	var err error
	if b.conversion, err = b.converted(ctx, images, opt); err != nil {
		return err
	}
	b.doc.Options.KeptPools = b.conversion.KeptPools
	for _, t := range b.conversion.Timing {
		b.doc.Timing = append(b.doc.Timing, ladder.Timing{Stage: "convert/" + t.Pass, Seconds: t.Duration.Seconds()})
	}
	b.network = b.conversion.Network
	b.note(b.conversion.Diagnostics)
	return nil
}

// converted makes a spiking network with the options, for the build's target.
func (b *run) converted(ctx context.Context, images convert.Images, opt convert.Options) (*convert.Result, error) {
	opt.Jobs, opt.Recorded = b.Options.Jobs, b.Model.Recorded()
	if b.Profile != nil {
		opt.Round = func(net *snn.Network, population int) error {
			return quantize.Apply(net, population, b.Profile, b.quantisation())
		}
	}
	if b.Profile != nil && quantize.Heeds(b.Profile) {
		b.heed(ctx, images, &opt)
	}
	return convert.Run(ctx, b.Model.Graph, b.coding.Preprocess(), images, b.opt.allowed(), opt)
}

// heed lets a conversion simulate with integers, in the order in which spikes come, where that decides what neurons do.
// Layers that the chip cannot hold are not simulated: they are refused when they are placed.
func (b *run) heed(ctx context.Context, images convert.Images, opt *convert.Options) {
	holds := func(net *snn.Network) bool {
		most := b.Profile.Capacity.Neurons
		return most == nil || !slices.ContainsFunc(net.Populations, func(p snn.Population) bool {
			return p.Neuron != snn.Input && p.Neuron != snn.Source && p.Size() > *most
		})
	}
	opt.Raise = func(net *snn.Network, population int, output bool) ([]float64, error) {
		if !holds(net) {
			return slices.Repeat([]float64{1}, net.Populations[population].Shape[0]), nil
		}
		factors, err := quantize.Raise(ctx, net, population, output, b.Profile, b.quantisation(), quantize.Pictures{N: images.N, Codes: images.Codes})
		if err == nil {
			*net = *quantize.Raised(net, population, factors)
		}
		return factors, err
	}
	opt.Counters = func(net *snn.Network) (func() func([]int32, int) ([][]int32, error), error) {
		if !holds(net) {
			return nil, nil
		}
		return quantize.NewCounters(ctx, net, b.Profile, b.quantisation())
	}
}

// naive measures the tailored network before its re-fit.
func (b *run) naive(ctx context.Context) error {
	if b.LadderAlone {
		return nil
	}
	p, err := b.measure(ctx, "naive", b.student(b.conversion.Naive))
	if err != nil {
		return err
	}
	s := rung("naive", p)
	b.doc.Naive = &s
	return nil
}

// tailored measures the network that obeys the rules, still without time.
func (b *run) tailored(ctx context.Context) error {
	_, err := b.rise(ctx, ladder.Tailored, b.student(b.conversion.Tailored))
	return err
}

// student classifies codes.
func (b *run) student(g *ann.Graph) evaluate.Classifier { return evaluate.NewGraph(g, b.eval.Reals) }

// diagnose looks into the conversion, where there are calibration images.
func (b *run) diagnose(ctx context.Context) error {
	if b.calib == nil || b.LadderAlone {
		return nil
	}
	images := b.calib.Images()
	task := b.Progress.Start("diagnose", min(images.N, diagnose.MaxImages))
	defer task.Done()
	inputs := images.Inputs
	images.Inputs = func(i int, dst []float32) { // which is asked for once an image
		inputs(i, dst)
		task.Add(1)
	}
	d, found, err := diagnose.Run(ctx, b.conversion, images, b.Options.Jobs)
	if err != nil {
		return err
	}
	b.doc.Diagnosis = d
	b.note(found)
	b.note(b.overfit(d))
	return nil
}

// int8 measures the trained network in 8-bit integers, where there are calibration images to take ranges from.
func (b *run) int8(ctx context.Context) error {
	if b.calib == nil || b.LadderAlone {
		return nil
	}
	g, err := baseline.Int8(ctx, b.Model.Graph, b.calib.Len(), b.calib.Inputs, b.Options.Jobs)
	if err != nil {
		return err
	}
	p, err := b.measure(ctx, "int8", evaluate.NewGraph(g, b.eval.Inputs))
	if err != nil {
		return err
	}
	cost := baseline.CostOf(b.Model.Graph)
	r := rung("int8", p)
	b.doc.Int8 = &ladder.Int8{Accuracy: r.Accuracy, Correct: r.Correct, N: r.N, CI95: r.CI95, Agreement: r.Agreement, MACs: cost.MACs, MemoryBytes: cost.Bytes}
	e := cost.Energy()
	b.doc.Energy.ANNInt8Nanojoule, b.doc.Energy.ANNInt8Range, b.doc.Energy.ANNInt8Source = &e.Middle, &[2]float64{e.Least, e.Most}, baseline.Source
	return nil
}

// snn measures the spiking network in real numbers.
func (b *run) snn(ctx context.Context) error {
	c, err := evaluate.NewSpiking(b.network, b.eval.Reals)
	if err != nil {
		return err
	}
	p, err := b.rise(ctx, ladder.SNN, c)
	if err != nil {
		return err
	}
	b.last = p
	if len(p.Readouts) > 1 {
		b.doc.Readouts = map[string]float64{}
		for i, name := range p.Readouts {
			b.doc.Readouts[name] = float64(p.ReadoutCorrect[i]) / float64(p.Images())
		}
	}
	return nil
}

// quantisation returns how networks are quantised.
func (b *run) quantisation() quantize.Options {
	return quantize.Options{Bits: b.opt.bits, Jobs: b.Options.Jobs}
}

// quantize makes the network of integers.
func (b *run) quantize(ctx context.Context) error {
	task := b.Progress.Start("quantize", 1)
	defer task.Done()
	q, found, err := quantize.Run(ctx, b.network, b.Profile, b.quantisation())
	if err != nil {
		return err
	}
	b.integers = q
	b.note(found)
	task.Add(1)
	return nil
}

// fixed measures the network of integers.
func (b *run) fixed(ctx context.Context) error {
	c, err := evaluate.NewInteger(b.integers, b.eval.Codes)
	if err != nil {
		return err
	}
	b.fixedPart, err = b.rise(ctx, ladder.Fixed, c)
	return err
}

// place puts the network on cores.
func (b *run) place(ctx context.Context) error {
	task := b.Progress.Start("place", 1)
	defer task.Done()
	img, found, err := place.Run(ctx, b.integers, b.Profile)
	if err != nil {
		return err
	}
	img.Input.Step = b.coding.Step
	b.setExit(img)
	b.note(found)
	b.img = img
	_, b.resources = image.Check(img, b.Profile)
	task.Add(1)
	return nil
}

// image emulates the chip, and compares every output with the stage before.
func (b *run) image(ctx context.Context) error {
	engine, exit, err := newEngine(b.opt.engine, b.img, b.Profile)
	if err != nil {
		return err
	}
	b.engine = engine
	b.last, err = b.rise(ctx, ladder.Image, evaluate.NewEmulated(b.engine, b.img, exit, b.eval.Codes))
	if err != nil {
		return err
	}
	if i := evaluate.FirstDifference(b.fixedPart, b.last); i >= 0 {
		return b.locate(ladder.Image, b.img, b.engine, i)
	}
	describe(b.doc, b.img, b.resources, b.Profile)
	explain(b.doc, b.engine)
	rounding(b.doc, b.integers)
	b.doc.Resources.Traffic, err = b.traffic(ctx)
	return err
}

// sample looks at some images for reports.
func (b *run) sample(ctx context.Context) error {
	if b.LadderAlone {
		return nil
	}
	task := b.Progress.Start("sample", 1)
	defer task.Done()
	var err error
	b.samples, err = sample.Take(ctx, &sample.Subject{Network: b.network, Conversion: b.conversion, Integers: b.integers, Image: b.img, Profile: b.Profile, Engine: b.engine,
		Data: b.eval, Coding: b.coding, Labels: b.Data.Labels, ClassNames: b.Data.ClassNames, Trained: b.data.Reference, Last: b.last, Jobs: b.Options.Jobs})
	if err != nil {
		return err
	}
	b.samples.Command = b.Command
	task.Add(1)
	return nil
}

// files writes the image, reads it back, and takes what was read for what is on the chip. It must be the image that was written, number
// by number and byte by byte, so that the emulation of the stage before is that of this one too.
func (b *run) files(ctx context.Context) error {
	task := b.Progress.Start(ladder.Files, 1)
	defer task.Done()
	list, found, err := imageFiles(b.img, b.Profile)
	if err != nil {
		return err
	}
	b.note(found)
	contents := map[string][]byte{}
	for i := range list {
		f := &list[i]
		if err := b.folder.Write(f.name, f.data); err != nil {
			return err
		}
		if f.data, err = os.ReadFile(b.folder.Path(f.name)); err != nil {
			return fmt.Errorf("build: %w", err)
		}
		contents[f.name] = f.data
	}
	b.stored = list
	differ := func(format string, args ...any) error {
		return &Difference{Between: [2]string{ladder.Image, ladder.Files}, Image: -1, Step: -1, Detail: fmt.Sprintf(format, args...)}
	}
	img, err := readImage(b.Out, contents, b.Profile)
	if err != nil {
		return differ("what was written cannot be read back: %v", err)
	}
	if d := b.img.Difference(img); d != "" {
		return differ("what was read back is another image: %s", d)
	}
	again, _, err := imageFiles(img, b.Profile)
	if err != nil || !slices.EqualFunc(list, again, func(x, y namedFile) bool { return x.name == y.name && bytes.Equal(x.data, y.data) }) {
		return differ("what was read back is written as other bytes (%v)", err)
	}
	if err := b.onMachine(ctx, contents, img); err != nil {
		return err
	}
	s := rung(ladder.Files, b.last)
	s.SharedWith = ladder.Image
	b.doc.Stages = append(b.doc.Stages, s)
	task.Add(1)
	return nil
}

// newEngine builds an emulator's engine and the early exit of its image, if that has one. What cannot be done is the user's
// wrong choice.
func newEngine(name string, img *image.Image, p *chip.Profile) (emulator.Engine, *emulator.Exit, error) {
	var found diag.List
	e, err := emulator.New(name, img, p)
	if err != nil {
		found.Add(diag.Diagnostic{ID: idEngine, Severity: diag.Error, Subject: "--engine " + name, Message: strings.TrimPrefix(err.Error(), "emulator: "), Remedy: "--engine auto"})
		return nil, nil, found.Err()
	}
	if img.Output.EarlyExit == "" {
		return e, nil, nil
	}
	x, err := emulator.NewExit(img, p)
	if err != nil {
		found.Add(diag.Diagnostic{ID: idExit, Severity: diag.Error, Subject: "--early-exit", Message: strings.TrimPrefix(err.Error(), "emulator: "), Remedy: "--early-exit=MARGIN, or --readout count"})
	}
	return e, x, found.Err()
}
