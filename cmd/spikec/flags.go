package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"spikec/convert"
	"spikec/emulator"
	"spikec/emulator/encoder"
	"spikec/internal/diag"
	"spikec/models/onnx"
	"spikec/models/snn"
	"spikec/runtime/build"
	"spikec/runtime/encode"
	"spikec/runtime/ladder"
)

// modelFlags say how a model is read.
type modelFlags struct{ options onnx.Options }

func (m *modelFlags) register(cmd *cobra.Command) {
	textVar(cmd.Flags(), &m.options.Output, "model-output", "", "NAME", "output NAME of the model to read the network for, where it has several")
}

// dataFlags name the images and say how stored pixels become a network's input.
type dataFlags struct {
	data, calibration string
	prep              encode.Options
}

func (d *dataFlags) register(cmd *cobra.Command) {
	f := cmd.Flags()
	textVar(f, &d.data, "data", "", "SPEC", "evaluation images, SPEC being mnist (bundled), mnist:DIR, cifar10:DIR, npz:FILE or images:DIR, or these as downscale:K:SPEC or crop:HxW:SPEC")
	textVar(f, &d.calibration, "calibration", "", "SPEC", "images for scale factors and re-fit, SPEC as for --data (default: the training part of --data)")
	scale := numberVar(f, func(x float64) { d.prep.PixelScale = x }, "pixel-scale", math.SmallestNonzeroFloat64, math.MaxFloat64, "S",
		"network input = (pixel*S - mean)/std (default 1/255)")
	scale.want = "want a number above 0, such as 0.00392"
	f.Var(&numbers{to: &d.prep.Mean}, "mean", "mean of the scaled pixels, one number or one a channel (default 0)")
	f.Var(&numbers{to: &d.prep.Std, positive: true}, "std", "standard deviation of the scaled pixels, one number or one a channel (default 1)")
	f.Var(&interval{to: &d.prep.InputRange}, "input-range", "range of the inputs that the network was trained on; images outside it are refused")
}

// Bounds that hold on every target.
const (
	maxSteps = 1 << 16 // time steps an image, as package build has it
	maxBits  = 32      // of a weight
)

// conversionFlags are the choices of a build.
type conversionFlags struct {
	options    build.Options
	perChannel bool
	auto       bool
	seed       uint64
	dumpAfter  []string
	stopAfter  string
	timing     bool
}

func (c *conversionFlags) register(cmd *cobra.Command) {
	c.registerChoices(cmd)
	c.registerPasses(cmd)
}

// registerChoices registers what determines the result.
func (c *conversionFlags) registerChoices(cmd *cobra.Command) {
	f, o := cmd.Flags(), &c.options
	choiceVar(f, &o.Rules, "rules", string(convert.Strict), "rules of the conversion; best keeps biases where the target has them, and the signs of its input",
		string(convert.Strict), string(convert.Best))
	choiceVar(f, &o.Pooling, "pooling", "", "what becomes of max pooling: average pooling, or comparisons by further neurons (default: max under --rules best)",
		convert.AveragePooling, convert.MaxPooling)
	f.BoolVar(&o.PoolNeurons, "pool-neurons", false, "neurons of their own for average pools; else the next layer sums over their windows")
	choiceVar(f, &o.Biases, "biases", "", "what becomes of biases under --rules best: constant currents, or nothing (default: kept where the target has them)", "kept", "zero")
	f.BoolVar(&c.auto, "auto", false, "choose what --pooling, --biases, --normalization, --readout and --readout-delay leave open by trying, on calibration images (default: on with --rules best, which it needs)")
	choiceVar(f, &o.Normalization, "normalization", "", "what weights are normalised by: "+normalisations()+" (default: error; data with --percentile)", build.Normalisations()...).word = "NAME"
	numberVar(f, func(x float64) { o.Percentile = x }, "percentile", 50, 100, "P", "percentile of the activations that becomes one spike a step, with --normalization data alone (default 99.9)")
	f.BoolVar(&c.perChannel, "per-channel", true, "a scale factor for every channel, where target and normalization allow it")
	intVar(f, &o.Steps, "steps", 32, 1, "T", "time steps an image").most = maxSteps
	encodings := append([]string{"constant", "regular"}, encoder.Names()...)
	choiceVar(f, &o.Encoding, "encoding", "", "input coding: "+alternatives(encodings)+" (default: constant where the target allows it, else regular where its neurons can make the trains, else sigma-delta, trains of the host)", encodings...).word = "NAME"
	intVar(f, &o.EncodingParameter, "encoding-parameter", 0, 1, "N", "silent steps of refractory, order of gamma, steps of a frame of burst and ttfs (default: 1, 4, 8, 32)").most = 1 << 16
	choiceVar(f, &o.Readout, "readout", "", "how the answer is read (default: membrane where the target can and membranes go below zero, else count)", snn.Membrane, snn.Count, snn.FirstSpike)
	f.Var(&delay{to: &o.ReadoutDelay}, "readout-delay", "only what the output does after step T0 counts; auto is a quarter of T (default 0)")
	choiceVar(f, &o.Reset, "reset", "", "what a membrane does after a spike (default: the target's best)", "subtract", "zero")
	choiceVar(f, &o.InitialPotential, "initial-potential", "", "membranes at the start (default: half a threshold where the target can set them)", "half", "zero")
	f.Var(&count{to: &c.seed, word: "N"}, "seed", "seed N of the sample of calibration images, and of input codings that draw spikes")
	intVar(f, &o.CalibrationLimit, "calibration-limit", 0, 1, "N", fmt.Sprintf("the most calibration images that are taken, drawn with --seed (default: %d, which is the most)", build.MaxCalibration)).most = build.MaxCalibration
	f.Var(&words{to: &o.Disable, allowed: passNames(true)}, "disable", "leave out a pass: "+alternatives(passNames(true)))
}

// registerPasses registers the flags of a command that lets one look into a conversion.
func (c *conversionFlags) registerPasses(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Var(&words{to: &c.dumpAfter, allowed: passNames(false)}, "dump-after", "print the network after a pass of the conversion, on standard error; PASS as for --stop-after")
	stop := choiceVar(f, &c.stopAfter, "stop-after", "", "end after a pass of the conversion, with what it left printed on standard error, or with --json as the result, and nothing written; PASS being "+alternatives(passNames(false)), passNames(false)...)
	stop.word = "PASS"
	f.BoolVar(&c.timing, "timing", false, "print how long every pass and stage took, on standard error; with --json also in the document")
}

// normalisations words the ways to find scale factors.
func normalisations() string {
	var words []string
	for _, n := range convert.Normalisations {
		words = append(words, n.Name+", "+n.About)
	}
	return strings.Join(words, "; ")
}

// registerChip registers the flags of a command that goes as far as a chip.
func (c *conversionFlags) registerChip(cmd *cobra.Command) {
	intVar(cmd.Flags(), &c.options.Bits, "bits", 0, 2, "B", "bits of a weight, at most the target's (default: the target's)").most = maxBits
	cmd.Flags().Var(&lead{to: &c.options.EarlyExit}, "early-exit",
		"measure too what ending images early gives: once no other class can catch up, or with =LEAD once the lead is worth so many spikes")
	cmd.Flags().Lookup("early-exit").NoOptDefVal = exactLead
}

// request returns a build with these choices; what is built, from what and where to is left to fill in.
func (c *conversionFlags) request(cmd *cobra.Command, e *emulationFlags) build.Request {
	o := c.options
	o.Engine, o.Jobs, o.Seed = e.engine, e.jobs, c.seed
	if cmd.Flags().Changed("per-channel") {
		o.PerChannel = &c.perChannel
	}
	if cmd.Flags().Changed("auto") {
		o.Auto = &c.auto
	}
	return build.Request{Options: o, Seed: c.seed, Tool: "spikec " + programVersion()}
}

// errStopped ends a conversion where the user wants it to end. It is no failure.
var errStopped = errors.New("stopped")

// idLook is a flag that looks for a pass which does not run. The number is stable.
const idLook = "SPK-CLI-008"

// looks reports passes that are to be looked at and do not run.
func (c *conversionFlags) looks() error {
	var wrong diag.List
	missing := func(flag, pass, why, remedy string) {
		wrong.Add(diag.Diagnostic{ID: idLook, Severity: diag.Error, Subject: flag + " " + pass, Message: "the pass " + why, Remedy: remedy})
	}
	out := func(flag, pass string) {
		if slices.Contains(c.options.Disable, pass) {
			missing(flag, pass, "is left out by --disable "+pass, "leave one of the two out")
		}
	}
	names := passNames(false)
	last := slices.Index(names, c.stopAfter)
	if last >= 0 {
		out("--stop-after", c.stopAfter)
	}
	for _, pass := range c.dumpAfter {
		if out("--dump-after", pass); last >= 0 && slices.Index(names, pass) > last {
			missing("--dump-after", pass, "comes after "+c.stopAfter+", where --stop-after ends", "leave --stop-after out, or name a pass before it")
		}
	}
	return wrong.Err()
}

// do makes one build, or a part of one, with progress shown and passes looked into.
func (c *conversionFlags) do(cmd *cobra.Command, o *outputFlags, r build.Request, climb builder) (*ladder.Ladder, error) {
	if err := c.looks(); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancelCause(cmd.Context())
	defer stop(nil)
	var printed error
	r.DumpAfter = func(pass string, _ time.Duration, s *convert.State) {
		ends := pass == c.stopAfter
		if slices.Contains(c.dumpAfter, pass) || ends && !o.json {
			dump(messagesOf(cmd), pass, s)
		}
		if !ends {
			return
		}
		if o.json {
			printed = printJSON(cmd.OutOrStdout(), dumped{passSchema, pass, networkText(s)})
		}
		stop(errStopped)
	}
	r.Progress = o.reporter(cmd)
	defer r.Progress.Close()
	l, err := climb(ctx, r)
	if printed != nil {
		return nil, printed
	}
	return l, err
}

// builder is build.Run, or a function alike.
type builder = func(context.Context, build.Request) (*ladder.Ladder, error)

// passSchema is the name and version of what --stop-after prints with --json.
const passSchema = "spikec/pass/v1"

// dumped is what a pass left behind, as JSON.
type dumped struct {
	Schema  string `json:"schema"`
	Pass    string `json:"pass"`
	Network string `json:"network"` // its text form
}

// dump shows what a pass left behind.
func dump(m messages, pass string, s *convert.State) {
	if m.json {
		m.object(dumped{passSchema, pass, networkText(s)})
		return
	}
	fmt.Fprintf(m.w, "after pass %s:\n%s", pass, networkText(s))
}

// networkText is the text form of what a pass left behind.
func networkText(s *convert.State) string {
	switch {
	case s.Network != nil:
		return s.Network.String()
	case s.Graph != nil:
		return s.Graph.String()
	}
	return s.Teacher.String()
}

// passNames lists the passes of the conversion, in order; with optional only those that can be left out.
func passNames(optional bool) []string {
	var names []string
	for _, p := range convert.Passes {
		if p.Optional || !optional {
			names = append(names, p.Name)
		}
	}
	return names
}

// emulationFlags say how much is emulated, and how.
type emulationFlags struct {
	limit  int
	engine string
	jobs   int
}

func (e *emulationFlags) registerLimit(cmd *cobra.Command) {
	intVar(cmd.Flags(), &e.limit, "limit", 0, 1, "N", "the first N images; the number is printed beside the accuracy (default: all)")
}

func (e *emulationFlags) registerEngine(cmd *cobra.Command) {
	choiceVar(cmd.Flags(), &e.engine, "engine", "auto", "emulator engine; all give the same bits", emulator.Names()...)
	e.registerJobs(cmd)
}

func (e *emulationFlags) registerJobs(cmd *cobra.Command) {
	intVar(cmd.Flags(), &e.jobs, "jobs", 0, 1, "N", "worker goroutines (default: one a processor)")
}

// gateFlags make a command fail that is not accurate enough.
type gateFlags struct{ least, drop *float64 }

func (g *gateFlags) register(cmd *cobra.Command) {
	g.registerLeast(cmd)
	numberVar(cmd.Flags(), func(x float64) { g.drop = &x }, "max-drop", 0, 100, "P", "exit with 3 where more than P percentage points are lost against the ONNX network, or the spiking one of a file of NIR; what was built is written all the same")
}

// registerLeast registers the gate that needs nothing to compare with.
func (g *gateFlags) registerLeast(cmd *cobra.Command) {
	least := numberVar(cmd.Flags(), func(x float64) { g.least = &x }, "min-accuracy", 0, 1, "A", "exit with 3 below this accuracy, a share such as 0.985")
	least.want = "give a share from 0 to 1, such as 0.985"
}

// check tests the gates on one result.
func (g *gateFlags) check(l *ladder.Ladder) error { return l.Gate(g.least, g.drop) }
