package build

import (
	"context"
	"maps"
	"slices"

	"spikec/runtime/encode"
	"spikec/runtime/evaluate"
	"spikec/runtime/ladder"
	"spikec/runtime/progress"
)

// Prepared is a build that has come as far as the spiking network in real numbers (stage snn). Builds that differ in the
// bits of a weight alone, or that take fewer of the images, share it. It is not changed by them.
type Prepared struct{ run *run }

// Variant is what builds that share a Prepared may differ in.
type Variant struct {
	Bits  int // of a weight; 0: all that the target has
	Limit int // the first so many of the images; 0: all
}

// Validate reports, as a *diag.Failure, whatever is wrong with a request and its data. It computes nothing.
func Validate(r Request) error {
	_, err := newRun(r)
	return err
}

// Prepare takes a request, which needs a profile, as far as its bits do not matter. r.Options.Bits and r.Out are not
// looked at. Errors are those of Run.
func Prepare(ctx context.Context, r Request) (*Prepared, error) {
	r.Options.Bits, r.Out = 0, ""
	b, err := newRun(r)
	if err != nil {
		return nil, err
	}
	b.ladderAlone = true
	if err := b.through(ctx, ladder.ANN, ladder.SNN); err != nil {
		return nil, err
	}
	return &Prepared{run: b}, nil
}

// Build goes the rest of the way, and returns the document that Run would, but without Naive. Where there is a limit Readouts
// is missing too, and findings about the data are about all of them. What is written to be read back is not kept.
// Timing is that of all stages. show may be nil. Errors are those of Run.
func (p *Prepared) Build(ctx context.Context, v Variant, show progress.Reporter) (*ladder.Ladder, error) {
	b, err := p.fork(v)
	if err != nil {
		return nil, err
	}
	b.Progress = progress.None
	if show != nil {
		b.Progress = show
	}
	defer b.discard()
	if err := b.open(); err != nil {
		return nil, err
	}
	if err := b.through(ctx, "quantize", ladder.Files); err != nil {
		return nil, err
	}
	conclude(b.doc, b.last)
	b.note(b.collapse())
	return b.doc, nil
}

// fork returns a run of its own at the same stage.
func (p *Prepared) fork(v Variant) (*run, error) {
	b := *p.run
	b.Options.Bits = v.Bits
	opt, found := resolve(b.Options, b.Profile)
	if err := found.Err(); err != nil {
		return nil, err
	}
	b.opt.bits = opt.bits
	b.parts = maps.Clone(b.parts)
	doc := *b.doc
	doc.Stages, doc.Diagnostics, doc.Timing = slices.Clone(doc.Stages), slices.Clone(doc.Diagnostics), slices.Clone(doc.Timing)
	doc.Options.Bits = b.opt.bits
	b.doc = &doc
	if v.Limit > 0 && v.Limit < b.Data.Len() {
		b.head(v.Limit)
	}
	return &b, nil
}

// head leaves the first n images: in the data, and in what was measured so far.
func (b *run) head(n int) {
	b.Data = b.Data.Head(n)
	b.eval = encode.NewEncoder(b.Data, b.coding)
	b.data = evaluate.Data{Labels: b.Data.Labels, Reference: b.data.Reference[:n]}
	b.doc.Data.N, b.doc.Data.SHA256 = n, b.Data.SHA256
	for i, s := range b.doc.Stages {
		b.doc.Stages[i] = b.among(s.Stage)
	}
	b.doc.Readouts = nil // of which sums alone are kept
}

// among counts again what a stage decided, on the images that are left.
func (b *run) among(stage string) ladder.Stage {
	correct, agree := b.parts[stage].Score(b.data)
	return share(stage, correct, agree, int64(len(b.data.Labels)))
}
