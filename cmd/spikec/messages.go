package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"spikec/internal/diag"
	"spikec/runtime/sweep"
)

// messages writes diagnostics and errors to standard error, in the form that the flags of a command ask for.
type messages struct {
	w      io.Writer
	json   bool // one JSON object a line
	colour bool // severities stand out
}

// messagesOf reads --log-format and --no-color where the command has them.
func messagesOf(cmd *cobra.Command) messages {
	m := messages{w: cmd.ErrOrStderr(), colour: os.Getenv("NO_COLOR") == "" && isTerminal(cmd.ErrOrStderr())}
	if f := cmd.Flags().Lookup("log-format"); f != nil {
		m.json = f.Value.String() == "json"
	}
	if f := cmd.Flags().Lookup("no-color"); f != nil && f.Value.String() == "true" {
		m.colour = false
	}
	return m
}

// isTerminal reports whether a stream is a character device.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// failed says why a command did not do its work: every diagnostic of every failure, or the error itself.
func (m messages) failed(err error, code int) {
	switch code {
	case exitDone:
	case exitInterrupted:
		var stopped *sweep.Stopped
		if errors.As(err, &stopped) {
			m.line("interrupted: " + stopped.Error())
			return
		}
		m.line("interrupted")
	default:
		m.reasons(err)
	}
}

// reasons prints an error, and each of several joined ones.
func (m messages) reasons(err error) {
	var failure *diag.Failure
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range several.Unwrap() {
			m.reasons(e)
		}
	} else if errors.As(err, &failure) {
		m.list(failure.List)
	} else {
		m.line(err.Error())
	}
}

// together returns a list in which one finding stands for all that differ in their subjects alone, and names them all.
func together(l diag.List) diag.List {
	var out diag.List
	subjects := map[string][]string{}
	key := func(d diag.Diagnostic) string { d.Subject = ""; return d.String() }
	for _, d := range l {
		if k := key(d); subjects[k] == nil {
			out.Add(d)
		}
		subjects[key(d)] = append(subjects[key(d)], d.Subject)
	}
	for i := range out {
		out[i].Subject = strings.Join(subjects[key(out[i])], ", ")
	}
	return out
}

// list prints diagnostics, the worst first. As text, those that differ in their subjects alone are one.
func (m messages) list(l diag.List) {
	if !m.json {
		l = together(l)
	}
	for _, d := range l.BySeverity() {
		if m.json {
			m.object(d)
			continue
		}
		text := d.String()
		if m.colour {
			text = colours[d.Severity] + d.Severity.String() + "\x1b[0m" + strings.TrimPrefix(text, d.Severity.String())
		}
		fmt.Fprintln(m.w, text)
	}
}

// colours are the escape sequences of the severities: blue, yellow, red.
var colours = map[diag.Severity]string{diag.Info: "\x1b[34m", diag.Warning: "\x1b[33m", diag.Error: "\x1b[31m"}

// line prints one line that is no diagnostic.
func (m messages) line(text string) {
	if m.json {
		m.object(struct {
			Severity diag.Severity `json:"severity"`
			Message  string        `json:"message"`
		}{diag.Error, text})
		return
	}
	fmt.Fprintf(m.w, "spikec: %s\n", text)
}

// object prints a line of JSON; v is a diagnostic or alike, and what cannot be encoded is a bug that shows itself.
func (m messages) object(v any) {
	text, err := json.Marshal(v)
	if err != nil {
		text = []byte(err.Error())
	}
	fmt.Fprintf(m.w, "%s\n", text)
}
