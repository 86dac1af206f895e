package dataset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"spikec/internal/diag"
	"spikec/internal/spelling"
)

// Source is one kind of data spec: what stands before the first colon, and what opens it. Sources are registered in
// this package, one file each.
type Source struct {
	Scheme  string   // "mnist"
	Forms   []string // how specs are written: "mnist", "mnist:DIR"
	About   string   // what it reads, one line
	Origin  string   // who made the data and where they come from; "" where they are the user's
	Licence string   // terms of the data, where they are known

	// open reads the evaluation images; arg is what stands behind the colon, "" where there is none.
	open func(ctx context.Context, arg string) (*Set, error)
	// openTraining reads the training images that belong to them; nil where the source has none.
	openTraining func(ctx context.Context, arg string) (*Set, error)
	// bare says that a spec without a colon is allowed.
	bare bool
	// wrap is there in place of these for specs that change the images of another one: it takes what stands behind the
	// colon apart, into that spec and what is done to its images.
	wrap func(arg string) (inner string, change func(*Set) error, err error)
}

// Diagnostics of data specs. The numbers are stable; others of their kind are in package encode.
const (
	idSpec     = "SPK-DATA-015" // a spec that names no data
	idTraining = "SPK-DATA-016" // no images to calibrate with, or those of the evaluation
	idRead     = "SPK-DATA-017" // data that cannot be read, or that are no set of images
)

// wrong returns one finding as an error.
func wrong(id, subject, remedy, format string, args ...any) error {
	return &diag.Failure{List: diag.List{{ID: id, Severity: diag.Error, Subject: subject, Message: fmt.Sprintf(format, args...), Remedy: remedy}}}
}

var sources = map[string]Source{}

// register adds a source; a scheme registered twice is a bug.
func register(s Source) {
	if _, ok := sources[s.Scheme]; ok {
		panic(fmt.Sprintf("dataset: scheme %q registered twice", s.Scheme))
	}
	sources[s.Scheme] = s
}

// Sources returns all kinds of data specs, sorted by scheme.
func Sources() []Source {
	var all []Source
	for _, s := range sources {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b Source) int { return cmp.Compare(a.Scheme, b.Scheme) })
	return all
}

// parse splits a spec and finds its source.
func parse(spec string) (source Source, arg string, err error) {
	scheme, arg, colon := strings.Cut(spec, ":")
	source, ok := sources[scheme]
	if !ok {
		var forms []string
		for _, s := range Sources() {
			forms = append(forms, s.Forms...)
		}
		remedy := "want one of " + strings.Join(forms, ", ")
		if meant := meantBy(spec); meant != "" {
			remedy = "did you mean " + meant + "? " + remedy
		}
		return source, "", wrong(idSpec, "data", remedy, "unknown data spec %q", spec)
	}
	if (colon || !source.bare) && arg == "" {
		return source, "", wrong(idSpec, "data", "want "+strings.Join(source.Forms, " or "), "data spec %q names no file or folder", spec)
	}
	return source, arg, nil
}

// meantBy returns the spec that was meant by one of no source: a scheme that is spelt alike, or that of the file; "" where there is
// none.
func meantBy(spec string) string {
	scheme, arg, colon := strings.Cut(spec, ":")
	if near := spelling.Nearest(scheme, slices.Sorted(maps.Keys(sources))); near != "" {
		switch {
		case colon && arg != "":
			return near + ":" + arg
		case sources[near].bare:
			return near
		}
		return sources[near].Forms[0]
	}
	if filepath.Ext(spec) == ".npz" {
		return "npz:" + spec
	}
	return ""
}

// named is a spec taken apart: a source that reads images, and what is then done to them.
type named struct {
	Source
	spec, arg string
	changes   []func(*Set) error
}

// resolve takes a spec apart.
func resolve(spec string) (named, error) {
	n := named{spec: spec}
	for inner := spec; ; {
		source, arg, err := parse(inner)
		if err != nil {
			return named{}, err
		}
		if source.wrap == nil {
			n.Source, n.arg = source, arg
			slices.Reverse(n.changes) // what stands first is done last
			return n, nil
		}
		next, change, err := source.wrap(arg)
		if err != nil {
			return named{}, wrong(idSpec, "data", "want "+strings.Join(source.Forms, " or "), "data spec %q: %v", inner, err)
		}
		inner, n.changes = next, append(n.changes, change)
	}
}

// Open reads the evaluation images that a data spec names: "mnist" (bundled test set), "mnist:DIR", "cifar10:DIR",
// "npz:FILE" or "images:DIR", or these cropped or scaled down, "downscale:2:mnist". Errors are a *diag.Failure, or the cause of
// ctx; they name the file, the place, and what was expected.
func Open(ctx context.Context, spec string) (*Set, error) {
	n, err := resolve(spec)
	if err != nil {
		return nil, err
	}
	return n.read(ctx, n.open)
}

// OpenCalibration reads the training images that belong to a data spec, all of them; the caller takes a Sample. Where
// the spec has no training part (npz, images), the error says to give --calibration.
func OpenCalibration(ctx context.Context, spec string) (*Set, error) {
	n, err := resolve(spec)
	if err != nil {
		return nil, err
	}
	if n.openTraining == nil {
		return nil, wrong(idTraining, spec, "give --calibration SPEC; with --calibration-file FILE and --disable refit,rate-refit no images are needed", "has no training images to calibrate with")
	}
	return n.read(ctx, n.openTraining)
}

// Calibration reads the images for calibration where the user may have named them: the training part of data where
// calibration is "", else the training part of calibration, or the whole of calibration where its kind has no parts
// (npz, images). Naming the evaluation images themselves is an error.
func Calibration(ctx context.Context, data, calibration string) (*Set, error) {
	if calibration == "" {
		return OpenCalibration(ctx, data)
	}
	n, err := resolve(calibration)
	if err != nil {
		return nil, err
	}
	if n.openTraining != nil {
		return n.read(ctx, n.openTraining)
	}
	if d, err := resolve(data); err == nil && d.Scheme == n.Scheme && filepath.Clean(d.arg) == filepath.Clean(n.arg) {
		return nil, wrong(idTraining, "--calibration "+calibration, "calibrate with other images", "names the evaluation images")
	}
	return n.read(ctx, n.open)
}

// read calls one of the source's two functions, makes the changes, and notes the spec. The error is a *diag.Failure, or the cause
// of ctx.
func (n *named) read(ctx context.Context, open func(context.Context, string) (*Set, error)) (*Set, error) {
	set, err := open(ctx, n.arg)
	remedy := n.Forms[len(n.Forms)-1] + " is " + n.About
	for _, change := range n.changes {
		if err == nil {
			err, remedy = change(set), ""
		}
	}
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	if err != nil {
		all := []error{err}
		if several, ok := err.(interface{ Unwrap() []error }); ok {
			all = several.Unwrap()
		}
		var found diag.List
		for _, e := range all {
			found.Errorf(idRead, n.spec, "%s", n.words(e))
		}
		found[len(found)-1].Remedy = remedy
		return nil, found.Err()
	}
	if n.changes != nil {
		set.SHA256 = set.digest()
	}
	set.Spec = n.spec
	return set, nil
}

// words words an error about data whose spec is the subject: a file is named where it is another than that of the spec.
func (n *named) words(err error) string {
	text := strings.TrimPrefix(err.Error(), "npz: ")
	var at *fs.PathError
	if errors.As(err, &at) {
		why := at.Err.Error()
		if errors.Is(err, fs.ErrNotExist) {
			why = "there is no such file or folder"
		}
		text = strings.Replace(text, at.Error(), at.Path+": "+why, 1)
	}
	return strings.TrimPrefix(text, n.arg+": ")
}
