package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"spikec/runtime/dataset"
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

// completeNetwork offers .onnx and .nir files for the first argument.
func completeNetwork(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return []cobra.Completion{"onnx", "nir"}, cobra.ShellCompDirectiveFilterFileExt
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

// completeWords offers for every flag of cmd what it takes: the words of a closed list, the targets, files of the kind that
// its word in the help names, folders, or specifications of data.
func completeWords(cmd *cobra.Command) {
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		switch v := f.Value.(type) {
		case *choice:
			mustComplete(cmd, f.Name, cobra.FixedCompletions(v.allowed, cobra.ShellCompDirectiveNoFileComp))
		case *words:
			mustComplete(cmd, f.Name, cobra.FixedCompletions(v.allowed, cobra.ShellCompDirectiveNoFileComp))
		case *text, *texts:
			if complete := completionOf(v.Type()); complete != nil {
				mustComplete(cmd, f.Name, complete)
			}
		}
	})
}

// completionOf is the completion of a flag whose value the help calls by a word; nil where any text may stand.
func completionOf(word string) cobra.CompletionFunc {
	switch {
	case word == "SPEC":
		return completeData
	case strings.HasPrefix(word, "ID|"):
		return completeTargets
	case strings.HasSuffix(word, "DIR"):
		return cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
	case strings.HasPrefix(word, "FILE."):
		return cobra.FixedCompletions([]cobra.Completion{strings.TrimPrefix(word, "FILE.")}, cobra.ShellCompDirectiveFilterFileExt)
	case strings.HasPrefix(word, "FILE"):
		return cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault)
	}
	return nil
}

// completeData offers the kinds of data specs and, behind a colon, files and folders.
func completeData(_ *cobra.Command, _ []string, start string) ([]cobra.Completion, cobra.ShellCompDirective) {
	const open = cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
	var specs []cobra.Completion
	if colon := strings.LastIndex(start, ":"); colon >= 0 {
		paths, _ := filepath.Glob(start[colon+1:] + "*") // a pattern that is none matches nothing
		for _, path := range paths {
			if info, err := os.Stat(path); err == nil && info.IsDir() {
				path += string(filepath.Separator)
			}
			specs = append(specs, start[:colon+1]+path)
		}
		return specs, open
	}
	for _, s := range dataset.Sources() {
		for _, form := range s.Forms {
			scheme, _, more := strings.Cut(form, ":")
			if more {
				scheme += ":"
			}
			specs = append(specs, cobra.CompletionWithDesc(scheme, s.About))
		}
	}
	return specs, open
}
