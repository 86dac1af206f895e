package build

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"spikec/emulator"
	"spikec/internal/diag"
	"spikec/runtime/dataset"
	"spikec/runtime/encode"
	"spikec/runtime/evaluate"
	"spikec/runtime/ladder"
	"spikec/runtime/progress"
)

// CheckOptions are the choices of a check.
type CheckOptions struct {
	Data     string // data spec in place of the manifest's
	Limit    int    // the first so many images; 0 = as many as the build took
	Engine   string // auto, reference, fast; default auto
	Jobs     int
	Progress progress.Reporter
}

// Check reads the build in dir and the data that its manifest names, and nothing else, emulates, and compares the
// output counts with the recorded ones. The ladder has the one stage files. The error is a *diag.Failure where a file
// is missing, unexpected or altered, and a *Difference where the counts differ from the recorded ones. With a limit, or
// with other data, there is nothing to compare: the ladder says so, and holds both accuracies.
func Check(ctx context.Context, dir string, opt CheckOptions) (*ladder.Ladder, error) {
	c, err := openCheck(ctx, dir, opt)
	if err != nil {
		return nil, err
	}
	p, err := c.evaluate(ctx, 0, len(c.data.Labels))
	if err != nil {
		return nil, err
	}
	return c.verdict(p)
}

// check is an emulation of a build on its way.
type check struct {
	verdictOn
	*loaded
	opt    CheckOptions
	enc    *encode.Encoder
	data   evaluate.Data
	engine emulator.Engine
	exit   *emulator.Exit
}

// verdictOn is what an emulation of a build is judged by; it is part of the files of partial results.
type verdictOn struct {
	Recorded Expected       `json:"recorded"`
	Folder   string         `json:"folder"`
	Whole    bool           `json:"whole"` // the images are those of the record, all of them
	First    bool           `json:"first"` // they are the first of them
	Base     *ladder.Ladder `json:"base"`  // the result, before anything is counted
}

// openCheck reads the build and its data.
func openCheck(ctx context.Context, dir string, opt CheckOptions) (*check, error) {
	if opt.Progress == nil {
		opt.Progress = progress.None
	}
	if opt.Engine == "" {
		opt.Engine = "auto"
	}
	l, err := load(dir)
	if err != nil {
		return nil, err
	}
	c := &check{loaded: l, opt: opt}
	set, recorded, err := c.openData(ctx)
	if err != nil {
		return nil, err
	}
	found := l.manifest.Coding.Check(set, l.img.Output.Classes)
	if err := found.Err(); err != nil {
		return nil, err
	}
	if c.engine, c.exit, err = newEngine(opt.Engine, l.img, l.profile); err != nil {
		return nil, err
	}
	c.enc = encode.NewEncoder(set, l.manifest.Coding)
	subject, err := l.manifest.encode()
	if err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	c.data = evaluate.Data{Subject: digest(append(subject, set.SHA256...)), Labels: set.Labels}
	c.verdictOn = verdictOn{Recorded: l.manifest.Expected, Folder: dir, Whole: set.SHA256 == l.manifest.Data.SHA256, First: recorded, Base: c.base(set, found)}
	return c, nil
}

// openData opens the images: those of the manifest, which must be what they were, or those that the user names. recorded
// tells whether they are those of the manifest, or the first of them.
func (c *check) openData(ctx context.Context) (set *dataset.Set, recorded bool, err error) {
	m := c.manifest
	spec := c.opt.Data
	if spec == "" {
		spec = m.Data.Spec
	}
	if set, err = dataset.Open(ctx, spec); err != nil {
		if ctx.Err() != nil || c.opt.Data != "" {
			return nil, false, err
		}
		return nil, false, &diag.Failure{List: diag.List{{ID: idOtherData, Severity: diag.Error, Subject: filepath.Join(c.dir, manifestFile),
			Message: fmt.Sprintf("the data that it names cannot be read: %v", err), Remedy: "say where they are now with --data SPEC"}}}
	}
	if head := set.Head(m.Data.N); head.SHA256 == m.Data.SHA256 {
		set, recorded = head, true
	} else if c.opt.Data == "" {
		return nil, false, &diag.Failure{List: diag.List{{ID: idOtherData, Severity: diag.Error, Subject: spec,
			Message: fmt.Sprintf("the data have changed since the build: %d images with SHA-256 %.16s…, want %d with %.16s…", head.Len(), head.SHA256, m.Data.N, m.Data.SHA256),
			Remedy:  "say with --data SPEC which data to take"}}}
	}
	if c.opt.Limit > 0 {
		set = set.Head(c.opt.Limit)
	}
	return set, recorded, nil
}

// base begins the result: the recorded one, without what is measured.
func (c *check) base(set *dataset.Set, found diag.List) *ladder.Ladder {
	doc := *c.doc
	doc.Data = ladder.Data{Name: set.Name, N: set.Len(), SHA256: set.SHA256}
	doc.Calibration, doc.Naive, doc.Readouts, doc.Diagnosis, doc.Stages = nil, nil, nil, nil, []ladder.Stage{}
	doc.Steps, doc.Proof = c.img.Steps, c.profile.Proof.Class
	if doc.ProofClaimed = !c.profile.Bundled(); !doc.ProofClaimed {
		doc.ProofSource = ""
	} else if doc.ProofSource == "" {
		doc.ProofSource = claimedBy(profileFile)
	}
	doc.Options.Readout, doc.Options.ReadoutDelay = c.img.Output.Readout, c.img.Output.Delay
	doc.Diagnostics = append(diag.List{}, found...)
	doc.Resources.Traffic = nil
	if set.SHA256 != c.manifest.Data.SHA256 { // measured on the images of the build alone
		doc.Int8 = nil
	}
	recorded := doc.Layers
	describe(&doc, c.img, c.resources, c.profile)
	explain(&doc, c.engine)
	for k := range doc.Layers {
		if i := slices.IndexFunc(recorded, func(l ladder.Layer) bool { return l.Name == doc.Layers[k].Name }); i >= 0 {
			doc.Layers[k].Quantisation = recorded[i].Quantisation
		}
	}
	return &doc
}

// evaluate emulates images lo..hi-1.
func (c *check) evaluate(ctx context.Context, lo, hi int) (*evaluate.Partial, error) {
	task := c.opt.Progress.Start(ladder.Files, hi-lo)
	defer task.Done()
	return evaluate.EvalShard(ctx, evaluate.NewEmulated(c.engine, c.img, c.exit, c.enc.Codes), c.data, lo, hi,
		evaluate.Options{Jobs: c.opt.Jobs, Progress: task.Add})
}

// verdict makes the result of all images and compares it with the record.
func (v *verdictOn) verdict(p *evaluate.Partial) (*ladder.Ladder, error) {
	doc := v.Base
	doc.Stages = append(doc.Stages, rung(ladder.Files, p))
	conclude(doc, p)
	doc.Check = &ladder.Check{Folder: v.Folder, CountsCompared: v.Whole, FirstOnly: v.First && !v.Whole,
		Recorded: ladder.Recorded{N: v.Recorded.N, Accuracy: v.Recorded.Accuracy, CountsSHA256: v.Recorded.CountsSHA256}}
	last := doc.Last()
	if v.Whole && (doc.CountsSHA256 != v.Recorded.CountsSHA256 || last.Correct != v.Recorded.Correct) {
		return nil, &Difference{Between: [2]string{"recorded", ladder.Files}, Image: -1, Step: -1,
			Detail: fmt.Sprintf("output counts of %s on %d images have SHA-256 %s, recorded are %s; accuracy is %.2f %%, recorded are %.2f %%",
				v.Folder, last.N, doc.CountsSHA256, v.Recorded.CountsSHA256, 100*last.Accuracy, 100*v.Recorded.Accuracy)}
	}
	return doc, nil
}
