package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"spikec/internal/diag"
)

// mistakes looks through a command line that was refused, and returns all that is wrong with it, not the first mistake alone: every
// flag, the arguments, what is missing and what does not go together. Nothing is run. Where a flag that does not exist may have had a
// value, which would be an argument, arguments are not looked at.
func mistakes(args []string) []error {
	root := newRoot()
	cmd, rest, err := root.Find(args)
	if err != nil {
		return []error{err}
	}
	if cmd.HasSubCommands() {
		if i := slices.IndexFunc(rest, func(s string) bool { return !strings.HasPrefix(s, "-") }); i >= 0 && cmd.Args != nil {
			return allOf(cmd.Args(cmd, rest[i:])) // of a command that does not exist, flags are not known either
		}
	}
	cmd.InitDefaultHelpFlag()
	cmd.InitDefaultVersionFlag()
	var found []error
	given := map[string]bool{} // flags that stand there with a wrong value or name: they are not missing
	unclear := false
	for {
		err := cmd.ParseFlags(rest)
		if err == nil {
			break
		}
		found = append(found, allOf(cmd.FlagErrorFunc()(cmd, err))...)
		m, ok := misread(rest, err)
		if !ok {
			return found
		}
		given[m.meant(cmd)] = true
		unclear = unclear || m.unclear
		rest = slices.Delete(slices.Clone(rest), m.at, m.at+m.words)
	}
	if help, err := cmd.Flags().GetBool("help"); err == nil && help {
		return found // who asks for help knows that the rest is not there yet
	}
	left := cmd.Flags().Args()
	if !unclear {
		found = append(found, allOf(cmd.ValidateArgs(left))...)
	}
	found = append(found, allOf(root.PersistentPreRunE(cmd, left))...)
	if cmd.PreRunE != nil {
		found = append(found, allOf(cmd.PreRunE(cmd, left))...)
	}
	return append(append(found, missing(cmd, given)...), grouped(cmd, given)...)
}

// allOf is each of several joined errors, or the only one; nil is none.
func allOf(err error) []error {
	if err == nil {
		return nil
	}
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, e := range several.Unwrap() {
			all = append(all, allOf(e)...)
		}
		return all
	}
	return []error{err}
}

// word is where a flag that was not read stands among words, and how many of them are its own.
type word struct {
	at, words int
	name      string
	unclear   bool // whether the next word is its value
}

// meant is the name of the flag that it is, or was meant to be.
func (m word) meant(cmd *cobra.Command) string {
	if cmd.Flags().Lookup(m.name) != nil {
		return m.name
	}
	return nearestFlag(cmd, m.name)
}

// misread finds the flag that an error is about.
func misread(words []string, err error) (m word, ok bool) {
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	var lacking *pflag.ValueRequiredError
	find := func(fits func(i int) bool) (word, bool) {
		for i, w := range words {
			if w == "--" {
				break
			}
			if fits(i) {
				m.at = i
				return m, true
			}
		}
		return m, false
	}
	m.words = 1
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		m.name = unknown.GetSpecifiedName()
		name := "--" + m.name
		return find(func(i int) bool {
			m.unclear = words[i] == name && i+1 < len(words) && !strings.HasPrefix(words[i+1], "-")
			return words[i] == name || strings.HasPrefix(words[i], name+"=")
		})
	case errors.As(err, &invalid):
		m.name = invalid.GetFlag().Name
		name := "--" + m.name
		return find(func(i int) bool {
			if words[i] == name+"="+invalid.GetValue() {
				return true
			}
			apart := words[i] == name && i+1 < len(words) && words[i+1] == invalid.GetValue()
			if apart {
				m.words = 2
			}
			return apart
		})
	case errors.As(err, &lacking):
		m.name = lacking.GetFlag().Name
		return find(func(i int) bool { return words[i] == "--"+m.name })
	}
	return m, false
}

// missing reports the flags that a command cannot do without.
func missing(cmd *cobra.Command, given map[string]bool) []error {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Annotations[cobra.BashCompOneRequiredFlag] != nil && !f.Changed && !given[f.Name] {
			names = append(names, "--"+f.Name)
		}
	})
	switch len(names) {
	case 0:
		return nil
	case 1:
		return []error{fmt.Errorf("%s is missing", names[0])}
	}
	return []error{fmt.Errorf("%s are missing", and(names))}
}

// The annotations of a command that groups of flags stand in, the names of a group with blanks and groups with commas between them.
const (
	apartFlags    = "spikec_apart"
	togetherFlags = "spikec_together"
)

// apart lets only one of some flags be given.
func apart(cmd *cobra.Command, flags ...string) {
	cmd.MarkFlagsMutuallyExclusive(flags...)
	group(cmd, apartFlags, flags)
}

// needEachOther lets either all of some flags be given, or none.
func needEachOther(cmd *cobra.Command, flags ...string) {
	cmd.MarkFlagsRequiredTogether(flags...)
	group(cmd, togetherFlags, flags)
}

// group notes a group.
func group(cmd *cobra.Command, kind string, flags []string) {
	if cmd.Annotations == nil {
		cmd.Annotations = map[string]string{}
	}
	cmd.Annotations[kind] += strings.Join(flags, " ") + ","
}

// grouped reports flags that do not go together, and those that lack another one.
func grouped(cmd *cobra.Command, given map[string]bool) []error {
	var found []error
	of := func(kind string, check func(set, unset []string)) {
		for group := range strings.SplitSeq(cmd.Annotations[kind], ",") {
			var set, unset []string
			for _, name := range strings.Fields(group) {
				if cmd.Flags().Changed(name) || given[name] {
					set = append(set, "--"+name)
				} else {
					unset = append(unset, "--"+name)
				}
			}
			check(set, unset)
		}
	}
	of(apartFlags, func(set, _ []string) {
		if len(set) > 1 {
			found = append(found, fmt.Errorf("%s do not go together: give one of them", and(set)))
		}
	})
	of(togetherFlags, func(set, unset []string) {
		if len(set) > 0 && len(unset) > 0 {
			found = append(found, fmt.Errorf("%s goes with %s, which is missing", and(set), and(unset)))
		}
	})
	return found
}

// and words a list.
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// usage says all that is wrong with a command line, and where to read more.
func (m messages) usage(cmd *cobra.Command, found []error) {
	helps := false
	for _, err := range found {
		var failure *diag.Failure
		if errors.As(err, &failure) { // of a configuration file
			m.list(failure.List)
			continue
		}
		m.line(err.Error())
		helps = helps || !errors.As(err, new(environmentError))
	}
	if helps && !m.json {
		fmt.Fprintf(m.w, "see: %s --help\n", cmd.CommandPath())
	}
}
