// Package diag holds diagnostics: what a stage has to say about the user's own model, data or target. A stage
// collects them and goes on as far as it can, so that one run names every problem; it never prints. The command
// line decides how they are shown.
package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity orders diagnostics by what they mean for the run.
type Severity int

const (
	Info    Severity = iota // worth knowing, nothing to do
	Warning                 // the result stands, but the user should look
	Error                   // the stage cannot deliver
)

// String returns "info", "warning" or "error".
func (s Severity) String() string {
	switch s {
	case Info:
		return "info"
	case Warning:
		return "warning"
	default:
		return "error"
	}
}

// MarshalText writes the severity as its name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a severity's name.
func (s *Severity) UnmarshalText(b []byte) error {
	for _, v := range []Severity{Info, Warning, Error} {
		if v.String() == string(b) {
			*s = v
			return nil
		}
	}
	return fmt.Errorf("diag: unknown severity %q", b)
}

// Diagnostic is one finding.
type Diagnostic struct {
	ID       string   `json:"id"`               // stable, such as SPK-CONV-014
	Severity Severity `json:"severity"`         //
	Subject  string   `json:"subject"`          // the user's own name for the thing: a node, a file with a line, a flag
	Message  string   `json:"message"`          // what is the case, lower case, no full stop
	Value    any      `json:"value,omitempty"`  // what was found, where there is one value
	Limit    any      `json:"limit,omitempty"`  // what is allowed, where there is a limit; text where it is no upper bound
	Remedy   string   `json:"remedy,omitempty"` // what to do about it
}

// String prints the diagnostic on one line, and its remedy on a second one.
func (d Diagnostic) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", d.Severity, d.ID)
	if d.Subject != "" {
		fmt.Fprintf(&b, " %s", d.Subject)
	}
	fmt.Fprintf(&b, ": %s", d.Message)
	if d.Value != nil && d.Limit != nil {
		fmt.Fprintf(&b, " (%v, %s %v)", d.Value, d.bound(), d.Limit)
	}
	if d.Remedy != "" {
		fmt.Fprintf(&b, "\n  remedy: %s", d.Remedy)
	}
	return b.String()
}

// bound says what Limit is: a number is a limit, and text says what is wanted.
func (d Diagnostic) bound() string {
	if _, text := d.Limit.(string); text {
		return "want"
	}
	return "limit"
}

// List is an ordered collection of diagnostics. The zero value is ready to use.
type List []Diagnostic

// Add appends d.
func (l *List) Add(d Diagnostic) { *l = append(*l, d) }

// Errorf appends an error about subject without value, limit or remedy.
func (l *List) Errorf(id, subject, format string, args ...any) {
	l.Add(Diagnostic{ID: id, Severity: Error, Subject: subject, Message: fmt.Sprintf(format, args...)})
}

// Warnf appends a warning about subject without value, limit or remedy.
func (l *List) Warnf(id, subject, format string, args ...any) {
	l.Add(Diagnostic{ID: id, Severity: Warning, Subject: subject, Message: fmt.Sprintf(format, args...)})
}

// Infof appends a piece of information about subject.
func (l *List) Infof(id, subject, format string, args ...any) {
	l.Add(Diagnostic{ID: id, Severity: Info, Subject: subject, Message: fmt.Sprintf(format, args...)})
}

// HasErrors reports whether any diagnostic is an error.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error })
}

// Err returns the list as an error of type *Failure if it holds an error, else nil.
func (l List) Err() error {
	if !l.HasErrors() {
		return nil
	}
	return &Failure{List: l}
}

// BySeverity returns the list with the worst first; within one severity the order of collection stays.
func (l List) BySeverity() List {
	s := slices.Clone(l)
	slices.SortStableFunc(s, func(a, b Diagnostic) int { return cmp.Compare(b.Severity, a.Severity) })
	return s
}

// Failure is the error of a stage that could not deliver: everything it found, at least one error among it.
type Failure struct{ List List }

// Error prints the errors of the list, one after the other.
func (f *Failure) Error() string {
	var s []string
	for _, d := range f.List {
		if d.Severity == Error {
			s = append(s, d.String())
		}
	}
	return strings.Join(s, "\n")
}
