// Package verify compares the emulator with recorded answers of chips: of their makers' descriptions in hardware languages,
// or of emulators that the field uses. A chip is a file, verify_<chip>.go, that knows the layout of its recordings and runs
// a case through the chip's own configuration format.
package verify

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"spikec/internal/diag"
	"spikec/runtime/progress"
)

// Schema is the version of the result document.
const Schema = "spikec/verify/v1"

// Result is what became of all cases.
type Result struct {
	Schema string       `json:"schema"`
	Chip   string       `json:"chip"` // as the user named it
	Passed int          `json:"passed"`
	Failed int          `json:"failed"`
	Cases  []CaseResult `json:"cases"` // in the order of the paths and, in one, of the names
}

// CaseResult is what became of one case.
type CaseResult struct {
	Name       string  `json:"name"`
	Passed     bool    `json:"passed"`
	Difference *string `json:"difference"` // the first one; nil where there is none
}

// Case is one recorded answer.
type Case struct {
	Name string
	// Run emulates the case and returns the first difference from the recording, "" where there is none. The error says
	// why the case cannot be run: it is the recording's fault, not the emulator's.
	Run func(ctx context.Context) (difference string, err error)
}

// chipCases is a chip that has recordings.
type chipCases struct {
	name, about string
	// find returns the cases among files; files that belong to no case of the chip are not its business.
	find func(f *Files) ([]Case, error)
}

// chips are filled by the files of the chips.
var chips []chipCases

// register adds a chip; two of one name are a mistake in this package.
func register(c chipCases) {
	for _, other := range chips {
		if other.name == c.name {
			panic("verify: chip " + c.name + " registered twice")
		}
	}
	chips = append(chips, c)
}

// Names returns the names that Run takes.
func Names() []string {
	var names []string
	for _, c := range chips {
		names = append(names, c.name)
	}
	return names
}

// List returns the names with what their recordings are, a line each.
func List() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
	for _, c := range chips {
		fmt.Fprintf(w, "  %s\t%s\n", c.name, c.about)
	}
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

// Run verifies a chip on all cases in paths: folders, which are searched, and files that Open takes. Cases that cannot be read are
// reported all at once.
func Run(ctx context.Context, chip string, paths []string, p progress.Reporter) (*Result, error) {
	c, err := named(chip)
	if err != nil {
		return nil, err
	}
	var found diag.List
	var cases []Case
	for _, path := range paths {
		list, err := casesIn(c, path)
		if err != nil {
			found.Add(diag.Diagnostic{ID: "SPK-VERIFY-001", Severity: diag.Error, Subject: path, Message: err.Error(),
				Remedy: "name a folder with cases, a .tar.gz of one, or a .json.gz"})
			continue
		}
		if len(list) == 0 {
			found.Add(diag.Diagnostic{ID: "SPK-VERIFY-002", Severity: diag.Error, Subject: path, Message: "holds no recorded answers of " + chip,
				Remedy: "name a folder with cases, a .tar.gz of one, or a .json.gz"})
		}
		cases = append(cases, list...)
	}
	if err := found.Err(); err != nil {
		return nil, err
	}
	task := p.Start("verify "+chip, len(cases))
	defer task.Done()
	r := &Result{Schema: Schema, Chip: chip, Cases: []CaseResult{}}
	for _, k := range cases {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		difference, err := k.Run(ctx)
		task.Add(1)
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case err != nil:
			found.Add(diag.Diagnostic{ID: "SPK-VERIFY-003", Severity: diag.Error, Subject: k.Name, Message: "cannot be run: " + err.Error()})
		case difference != "":
			r.Failed++
			r.Cases = append(r.Cases, CaseResult{Name: k.Name, Difference: &difference})
		default:
			r.Passed++
			r.Cases = append(r.Cases, CaseResult{Name: k.Name, Passed: true})
		}
	}
	if err := found.Err(); err != nil {
		return nil, err
	}
	return r, nil
}

// named returns the chip of that name.
func named(name string) (chipCases, error) {
	for _, c := range chips {
		if c.name == name {
			return c, nil
		}
	}
	return chipCases{}, (diag.List{{ID: "SPK-VERIFY-004", Severity: diag.Error, Subject: name, Message: "no recordings of such a chip are known",
		Remedy: "one of " + strings.Join(Names(), ", ")}}).Err()
}

// casesIn returns the chip's cases under a path.
func casesIn(c chipCases, path string) ([]Case, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	return c.find(f)
}

// Different is the error of a result with cases that failed.
type Different struct{ Failed, Cases int }

// Error counts.
func (d *Different) Error() string {
	return fmt.Sprintf("%d of %d cases differ from their recordings", d.Failed, d.Cases)
}

// Err returns a *Different if cases failed.
func (r *Result) Err() error {
	if r.Failed == 0 {
		return nil
	}
	return &Different{Failed: r.Failed, Cases: len(r.Cases)}
}

// Text writes the result: how many cases passed, and the first difference of each that did not.
func Text(w io.Writer, r *Result) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d of %d cases passed\n", r.Chip, r.Passed, len(r.Cases))
	for _, c := range r.Cases {
		if !c.Passed {
			fmt.Fprintf(&b, "  %s: %s\n", c.Name, *c.Difference)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
