package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"spikec/target/chip"
)

// completeTargets offers the IDs of the bundled profiles, and files.
func completeTargets(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var words []cobra.Completion
	for _, p := range chip.All() {
		words = append(words, cobra.CompletionWithDesc(p.ID, p.Name))
	}
	return words, cobra.ShellCompDirectiveDefault
}

// completeOneTarget offers targets for the first argument.
func completeOneTarget(cmd *cobra.Command, args []string, start string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return completeTargets(cmd, args, start)
}

// completeModel offers .onnx files for the first argument.
func completeModel(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return []cobra.Completion{"onnx"}, cobra.ShellCompDirectiveFilterFileExt
}

// completePartials offers .json files for every argument.
func completePartials(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return []cobra.Completion{"json"}, cobra.ShellCompDirectiveFilterFileExt
}

// completeFolder offers folders for the first argument.
func completeFolder(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// completeWords offers the words of every flag of cmd that takes one out of a closed list.
func completeWords(cmd *cobra.Command) {
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		switch v := f.Value.(type) {
		case *choice:
			mustComplete(cmd, f.Name, cobra.FixedCompletions(v.allowed, cobra.ShellCompDirectiveNoFileComp))
		case *words:
			mustComplete(cmd, f.Name, cobra.FixedCompletions(v.allowed, cobra.ShellCompDirectiveNoFileComp))
		}
	})
}
