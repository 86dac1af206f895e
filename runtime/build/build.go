// Package build goes the whole way from a trained network to chip files, measures the accuracy after every stage, and
// keeps the result in a folder that can be checked from its files alone. Run makes a build, Check and Emulate read one.
package build

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"spikec/convert"
	"spikec/emulator"
	"spikec/internal/diag"
	"spikec/models/snn"
	"spikec/quantize"
	"spikec/runtime/encode"
	"spikec/runtime/evaluate"
	"spikec/runtime/ladder"
	"spikec/runtime/output"
	"spikec/runtime/progress"
	"spikec/runtime/sample"
	"spikec/target/image"
)

// stage is one part of a build. It takes what the ones before left in the run.
type stage struct {
	name string
	run  func(*run, context.Context) error
}

// onward are the stages of a build from the spiking network on, in order; those of its origin come before.
var onward = []stage{
	{ladder.SNN, (*run).snn},
	{"quantize", (*run).quantize},
	{"place", (*run).place}, // before what takes long: what the chip cannot hold is said here
	{ladder.Fixed, (*run).fixed},
	{ladder.Image, (*run).image},
	{"sample", (*run).sample},
	{ladder.Files, (*run).files},
}

// run is a build on its way.
type run struct {
	Request
	opt     resolved
	doc     *ladder.Ladder
	coding  encode.Coding
	eval    *encode.Encoder
	calib   *encode.Encoder // nil without calibration images
	data    evaluate.Data
	folder  *output.Folder
	scratch string // the folder above folder where nothing is kept
	goal    string // the last stage

	conversion *convert.Result // nil where the network was not converted
	network    *snn.Network
	integers   *quantize.Network
	img        *image.Image
	resources  image.Resources
	engine     emulator.Engine
	last       *evaluate.Partial // of the last stage
	fixedPart  *evaluate.Partial
	stored     []namedFile      // what the image was written as
	samples    *sample.Document // nil where the ladder alone is wanted
}

// Run builds. The error is a *diag.Failure where the request or its data are wrong, a *Difference where two stages that
// must agree in every bit do not, and the cause of ctx where that ended. Where it fails, nothing is left behind.
func Run(ctx context.Context, r Request) (*ladder.Ladder, error) {
	return climb(ctx, r, ladder.Files, (*run).buildFiles)
}

// Convert goes as far as the spiking network in real numbers, and writes that (conversionFiles). Without a profile the
// conversion may use whatever any target has. Errors are those of Run.
func Convert(ctx context.Context, r Request) (*ladder.Ladder, error) {
	return climb(ctx, r, ladder.SNN, (*run).conversionFiles)
}

// Validate reports, as a *diag.Failure, whatever is wrong with a request and its data. It computes nothing.
func Validate(r Request) error {
	_, err := newRun(r)
	return err
}

// climb runs the stages up to the one named last, and writes the files.
func climb(ctx context.Context, r Request, last string, files func(*run) ([]namedFile, Manifest, error)) (*ladder.Ladder, error) {
	b, err := begin(ctx, r)
	if err != nil {
		return nil, err
	}
	b.goal = last
	defer b.discard()
	if err := b.open(); err != nil {
		return nil, err
	}
	if err := b.through(ctx); err != nil {
		return nil, err
	}
	conclude(b.doc, b.last)
	b.note(b.collapse())
	if err := b.write(files); err != nil {
		return nil, err
	}
	if b.Out != "" {
		if err := b.folder.Commit(); err != nil {
			return nil, err
		}
	}
	return b.doc, nil
}

// through runs the stages up to the goal.
func (b *run) through(ctx context.Context) error {
	for _, s := range append(b.Model.origin().stages(), onward...) {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		begin := time.Now()
		if err := s.run(b, ctx); err != nil {
			return err
		}
		b.doc.Timing = append(b.doc.Timing, ladder.Timing{Stage: s.name, Seconds: time.Since(begin).Seconds()})
		if s.name == b.goal {
			break
		}
	}
	return context.Cause(ctx)
}

// begin makes a run that is ready for its stages.
func begin(ctx context.Context, r Request) (*run, error) {
	b, err := newRun(r)
	if err != nil {
		return nil, err
	}
	return b, b.present(ctx)
}

// newRun checks the request and the data.
func newRun(r Request) (*run, error) {
	if r.Progress == nil {
		r.Progress = progress.None
	}
	r.Calibration = r.Sampled()
	from := r.Model.origin()
	found := from.prepare(&r)
	b := &run{Request: r}
	var more diag.List
	b.opt, more = from.resolve(&b.Request)
	found = append(found, more...)
	found = append(found, b.plan()...)
	if err := found.Err(); err != nil {
		return nil, err
	}
	b.data = evaluate.Data{Labels: r.Data.Labels}
	b.doc = b.document()
	b.note(found)
	return b, nil
}

// present makes the encoders, once it is known what stands for the padding of the first layer.
func (b *run) present(ctx context.Context) error {
	b.coding.Border = nil
	border, err := b.Model.origin().border(ctx, b)
	if err != nil {
		return err
	}
	b.coding.Border = border
	b.eval = encode.NewEncoder(b.Data, b.coding)
	if b.Calibration != nil {
		b.calib = encode.NewEncoder(b.Calibration, b.coding)
	}
	return nil
}

// document begins the result.
func (b *run) document() *ladder.Ladder {
	l := &ladder.Ladder{
		Schema: ladder.Schema, Model: b.Model.Name,
		Rules: string(b.opt.rules), Steps: b.opt.steps, Options: b.opt.document(b.disabled()),
		Data:   ladder.Data{Name: b.Data.Name, N: b.Data.Len(), SHA256: b.Data.SHA256},
		Stages: []ladder.Stage{}, Layers: []ladder.Layer{}, AccuracyBySteps: []ladder.AtSteps{}, Diagnostics: diag.List{},
	}
	if c := b.Calibration; c != nil {
		seed := b.Seed
		l.Calibration = &ladder.Data{Name: c.Name, N: c.Len(), SHA256: c.SHA256, Seed: &seed}
	}
	if b.Known != nil {
		l.ScaleFactors = b.Known.source()
	}
	if b.Profile != nil {
		l.Target, l.Proof = b.Profile.ID, b.Profile.Proof.Class
		if l.ProofClaimed = !b.Profile.Bundled(); l.ProofClaimed {
			l.ProofSource = claimedBy(b.Profile.File)
		}
	}
	return l
}

// claimedBy words who stands for the proof class of a profile that is not spikec's own.
func claimedBy(file string) string {
	if file == "" {
		file = "the profile"
	}
	return "claimed by " + file + ", not checked by spikec"
}

// disabled returns the passes that the user left out, in the order of the table.
func (b *run) disabled() []string {
	var names []string
	for _, p := range convert.Passes {
		if b.opt.disable[p.Name] {
			names = append(names, p.Name)
		}
	}
	return names
}

// note keeps diagnostics for the result.
func (b *run) note(l diag.List) { b.doc.Diagnostics = append(b.doc.Diagnostics, l...) }

// open makes the folder that is written: where the user wants it, or a passing one.
func (b *run) open() error {
	out := b.Out
	if out == "" {
		var err error
		if b.scratch, err = os.MkdirTemp("", "spikec-"); err != nil {
			return fmt.Errorf("build: %w", err)
		}
		out = filepath.Join(b.scratch, "build")
	}
	var err error
	b.folder, err = newFolder(out)
	return err
}

// newFolder begins the folder of a build or a conversion.
func newFolder(out string) (*output.Folder, error) {
	if above := filepath.Dir(filepath.Clean(out)); isFolder(above) {
		if err := output.Apart([]string{out}, nil, []string{above}); err != nil { // with another file in it, that one would be no build any more
			return nil, err
		}
	}
	return output.NewFolder(out, replaceable)
}

// Writable reports, as a *diag.Failure, what keeps a build or a conversion from being written to a folder.
func Writable(out string) error {
	f, err := newFolder(out)
	if err == nil {
		f.Discard()
	}
	return err
}

// discard removes what is not to stay.
func (b *run) discard() {
	if b.folder != nil {
		b.folder.Discard()
	}
	if b.scratch != "" {
		os.RemoveAll(b.scratch)
	}
}
