package describe

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"spikec/internal/diag"
)

// mostFindings bounds how many findings are listed.
const mostFindings = 100

// Findings are what is wrong with a description, in its form and in its meaning.
type Findings struct {
	path  string
	list  []finding
	said  map[string]bool
	total int // with those that are not listed
}

// finding is one, with its line; 0: it has none.
type finding struct {
	line int
	diag.Diagnostic
}

// Wrong adds an error about a place of the description. What was said already is not said again.
func (f *Findings) Wrong(id string, line int, where, remedy, format string, args ...any) {
	f.total++
	d := diag.Diagnostic{ID: id, Severity: diag.Error, Subject: Subject(f.path, line, where), Message: fmt.Sprintf(format, args...), Remedy: remedy}
	if key := d.Subject + "\n" + d.Message; !f.said[key] {
		if f.said == nil {
			f.said = map[string]bool{}
		}
		f.said[key] = true
		f.list = append(f.list, finding{line, d})
	}
}

// Follows counts something that is wrong because of what is listed already.
func (f *Findings) Follows() { f.total++ }

// Len is how many there are.
func (f *Findings) Len() int { return f.total }

// Clone returns findings to which more can be added.
func (f *Findings) Clone() *Findings {
	return &Findings{f.path, slices.Clone(f.list), maps.Clone(f.said), f.total}
}

// Err returns the findings as an error of type *diag.Failure, in the order of their lines; nil: there are none.
func (f *Findings) Err() error {
	sorted := slices.Clone(f.list)
	slices.SortStableFunc(sorted, func(a, b finding) int {
		if (a.line == 0) != (b.line == 0) {
			return cmp.Compare(b.line, a.line) // those without a line come last
		}
		return cmp.Compare(a.line, b.line)
	})
	var l diag.List
	for k, x := range sorted {
		if k == mostFindings {
			l.Errorf(idYAML, f.path, "%d more problems are not listed", len(sorted)-k)
			break
		}
		l.Add(x.Diagnostic)
	}
	return l.Err()
}

// Subject names a place of a description for diagnostics.
func Subject(path string, line int, where string) string {
	s := path
	if line > 0 {
		s = fmt.Sprintf("%s line %d", path, line)
	}
	if where != "" {
		s += ", " + where
	}
	return s
}
