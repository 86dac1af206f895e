package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"spikec/internal/diag"
	"spikec/runtime/ladder"
	"spikec/runtime/progress"
	"spikec/runtime/report"
)

// outputFlags say how results and progress are shown.
type outputFlags struct {
	json, quiet, noColor bool
	logFormat, config    string
	about                string // what progress is about where a command does several things; "" where it does one
}

// register registers the flags of a command that computes and prints a result.
func (o *outputFlags) register(cmd *cobra.Command) {
	o.registerJSON(cmd)
	quiet := "print nothing but results, warnings and errors"
	if cmd.Flags().Lookup("dump-after") != nil {
		quiet += ", and what --dump-after, --stop-after and --timing ask for"
	}
	cmd.Flags().BoolVar(&o.quiet, "quiet", false, quiet)
	o.registerMessages(cmd)
}

// registerJSON registers the flag of a command that prints a result.
func (o *outputFlags) registerJSON(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.json, "json", false, "print the result as one JSON document")
}

// registerMessages registers the flags of a command that may have something to say.
func (o *outputFlags) registerMessages(cmd *cobra.Command) {
	f := cmd.Flags()
	choiceVar(f, &o.logFormat, "log-format", "text", "form of progress, errors and diagnostics on standard error; with json the diagnostics of a build go there too, unless --json has them", "text", "json")
	f.BoolVar(&o.noColor, "no-color", false, "print diagnostics without colours")
	textVar(f, &o.config, "config", "", "FILE.yaml", "FILE.yaml with values for flags, by their names (default: "+defaultConfig+" if present)")
}

// reporter shows progress on standard error; the caller closes it.
func (o *outputFlags) reporter(cmd *cobra.Command) progress.Reporter {
	w := cmd.ErrOrStderr()
	var handler slog.Handler = slog.NewTextHandler(w, nil)
	if o.logFormat == "json" {
		handler = slog.NewJSONHandler(w, nil)
	}
	switch f, ok := w.(*os.File); {
	case o.quiet:
	case o.logFormat == "json": // bars would not be lines of JSON
		return about{progress.Lines(slog.New(handler), 5*time.Second), o.about}
	case ok:
		return about{progress.For(f, slog.New(handler), false), o.about}
	}
	return progress.None
}

// about is a reporter that says with every task what it is about.
type about struct {
	progress.Reporter
	what string
}

// Start begins a task.
func (a about) Start(name string, total int) progress.Task {
	if a.what != "" {
		name = a.what + ": " + name
	}
	return a.Reporter.Start(name, total)
}

// print writes a result to standard output: v as JSON where that was asked for, else what table writes.
func (o *outputFlags) print(cmd *cobra.Command, v any, table func(io.Writer) error) error {
	if o.json {
		return printJSON(cmd.OutOrStdout(), v)
	}
	return table(cmd.OutOrStdout())
}

// printLadder writes the result of a build or check, and how long its stages took where that was asked for. What was noticed is
// part of the result, as a table and as JSON; with a log of JSON it goes there in place of the table.
func (o *outputFlags) printLadder(cmd *cobra.Command, l *ladder.Ladder, timing bool) error {
	switch {
	case !timing:
		l.Timing = nil
	case o.logFormat == "json":
		m := messagesOf(cmd)
		for _, s := range l.Timing {
			m.object(s)
		}
	default:
		if err := report.Timing(cmd.ErrOrStderr(), l); err != nil {
			return err
		}
	}
	shown := *l
	if o.quiet {
		shown.Diagnostics = slices.DeleteFunc(slices.Clone(l.Diagnostics), func(d diag.Diagnostic) bool { return d.Severity == diag.Info })
	}
	if o.logFormat == "json" && !o.json {
		messagesOf(cmd).list(shown.Diagnostics)
		shown.Diagnostics = nil
	}
	return o.print(cmd, l, func(w io.Writer) error { return report.Text(w, &shown) })
}

// next writes lines behind a result, of where it is and what to do with it, unless nothing but results was asked for.
func (o *outputFlags) next(w io.Writer, lines ...string) error {
	if o.quiet {
		return nil
	}
	_, err := fmt.Fprintf(w, "\n%s\n", strings.Join(lines, "\n"))
	return err
}

// printJSON writes v as the one document of a command.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// exactly is the check of a command that takes the arguments of these names.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return fmt.Errorf("argument %s is missing", strings.Join(names[len(args):], " "))
		}
		return atMost(len(names))(cmd, args)
	}
}

// atMost is the check of a command that takes up to n arguments.
func atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		var found []error
		for _, arg := range args[min(n, len(args)):] {
			found = append(found, fmt.Errorf("unexpected argument %q%s", arg, meantFor(cmd, arg)))
		}
		return errors.Join(found...)
	}
}

// meantFor hints at a flag that takes its value behind = alone, where the argument would be one; "" without such a flag.
func meantFor(cmd *cobra.Command, arg string) (hint string) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.NoOptDefVal != "" && f.Value.Type() != "bool" && f.Value.Set(arg) == nil {
			hint = fmt.Sprintf("; did you mean --%s=%s?", f.Name, arg)
		}
	})
	return hint
}

// mustComplete sets the completion of a flag that was registered just before.
func mustComplete(cmd *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err) // no such flag: a slip in the same function
	}
}

// require makes flags ones that a command cannot do without; a configuration file may give them.
func require(cmd *cobra.Command, flags ...string) {
	for _, flag := range flags {
		if err := cmd.MarkFlagRequired(flag); err != nil {
			panic(err) // no such flag: a slip in the same function
		}
		cmd.Flags().Lookup(flag).Usage += " (required)"
	}
}
