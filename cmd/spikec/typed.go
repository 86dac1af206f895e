package main

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// changeNothing are flags of builds on which no file of theirs depends but the place.
var changeNothing = []string{"out", "jobs", "engine", "config", "min-accuracy", "max-drop", "json", "quiet", "log-format", "no-color", "timing", "dump-after"}

// typed returns the command line that does what cmd does, in words, whether its flags were typed or stood in a configuration
// file; without those that change nothing, and those of except, by their names behind two hyphens.
func typed(cmd *cobra.Command, except map[string]bool) []string {
	line := []string{"spikec", cmd.Name()}
	line = append(line, cmd.Flags().Args()...)
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Changed || slices.Contains(changeNothing, f.Name) || except["--"+f.Name] {
			return
		}
		if v, ok := f.Value.(*texts); ok { // which are told apart by flags of their own
			for _, text := range *v.to {
				line = append(line, "--"+f.Name+"="+text)
			}
			return
		}
		line = append(line, "--"+f.Name+"="+f.Value.String())
	})
	return line
}
