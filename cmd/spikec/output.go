package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// outputFlags say how results and progress are shown.
type outputFlags struct {
	json, quiet, noColor bool
	logFormat, config    string
}

func (o *outputFlags) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&o.json, "json", false, "print the result as one JSON document")
	f.BoolVar(&o.quiet, "quiet", false, "show no progress")
	f.BoolVar(&o.noColor, "no-color", false, "show progress without colours")
	choiceVar(f, &o.logFormat, "log-format", "text", "form of progress lines where standard error is no terminal", "text", "json")
	o.registerConfig(f)
}

// registerConfig registers --config alone.
func (o *outputFlags) registerConfig(f *pflag.FlagSet) {
	f.StringVar(&o.config, "config", "", "file with values for flags, by their names (default: "+defaultConfig+" if present)")
}

// print writes a result to standard output: v as JSON where that was asked for, else what table writes.
func (o *outputFlags) print(cmd *cobra.Command, v any, table func(io.Writer) error) error {
	if o.json {
		return printJSON(cmd.OutOrStdout(), v)
	}
	return table(cmd.OutOrStdout())
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
	return func(_ *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return fmt.Errorf("argument %s is missing", strings.Join(names[len(args):], " "))
		}
		if len(args) > len(names) {
			return fmt.Errorf("unexpected argument %q", args[len(names)])
		}
		return nil
	}
}

// mustComplete sets the completion of a flag that was registered just before.
func mustComplete(cmd *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err) // no such flag: a slip in the same function
	}
}
