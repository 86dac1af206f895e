package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"spikec/internal/simd"
)

// streams are the standard streams of one run. Standard output gets the result and nothing else.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// run executes one command line and returns the exit code.
func run(ctx context.Context, args []string, s streams) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	started := false
	each(root, func(c *cobra.Command) {
		if f := c.RunE; f != nil {
			c.RunE = func(c *cobra.Command, args []string) error {
				started = true
				return f(c, args)
			}
		}
	})
	cmd, err := root.ExecuteContextC(ctx)
	code := exitCode(ctx, err, started)
	m := messagesOf(cmd)
	m.json = m.json || wantsJSON(args)
	if code == exitBadUsage {
		found := mistakes(args)
		if len(found) == 0 {
			found = allOf(err)
		}
		m.usage(cmd, found)
		return code
	}
	m.failed(err, code)
	return code
}

// wantsJSON looks for --log-format json: what is wrong with one flag is said in the form that another one asks for, even
// where that was not read any more.
func wantsJSON(args []string) bool {
	for i, a := range args {
		switch {
		case a == "--":
			return false
		case a == "--log-format=json", a == "--log-format" && i+1 < len(args) && args[i+1] == "json":
			return true
		}
	}
	return false
}

// helpWidth is where lines about flags are broken. [columns]
const helpWidth = 120

// newRoot builds the whole tree of commands, with flags at their defaults.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "spikec",
		Short: "From a trained CNN to a spiking network on a neuromorphic chip, with its accuracy proved",
		Long: `spikec takes a trained convolutional network (ONNX), converts it to a spiking network by the published rules,
quantises it to a chip's number formats, places it on the chip's cores, writes the files, reads them back, and runs
them on a bit-accurate emulator of the chip. Every stage's accuracy is printed: the ladder. A spiking network that another
tool trained (NIR) goes the same way, without a conversion.

Standard output holds the result alone, as a table or, with --json, as one JSON document. What a build, demo, check or
sweep noticed on its way is part of its result; with --log-format json, and without --json, it goes to standard error, a
JSON object a line. Progress, errors, and the diagnostics of all other commands go to standard error.

Exit codes: 0 done, 1 the input or the request is wrong, 2 wrong usage, 3 an accuracy gate was missed (what was built is
written all the same), 4 verify or a read-back found a difference, 130 interrupted.

` + environmentHeading + environmentText,
		Example: `  spikec demo
  spikec build model.onnx --target generic8 --data mnist --out build
  spikec check build`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return unknownCommand(cmd, args[0])
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := environment(cmd); err != nil {
				return err
			}
			return applyConfig(cmd)
		},
		Version:       programVersion(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(newDemo(), newConvert(), newBuild(), newSweep(), newReport(), newCheck(), newMerge(), newEmulate(), newExport(), newRun(), newVerify(), newSimulate(), newInspect(), newData(), newMan(), newTargets(), newBench(), newVersion())
	root.InitDefaultCompletionCmd()
	needsShell(root)
	root.SetHelpCommand(newHelp(root))
	root.SetFlagErrorFunc(flagError)
	root.SetVersionTemplate(thisVersion().String())
	root.InitDefaultHelpCmd()
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), "Flags.FlagUsages", fmt.Sprintf("Flags.FlagUsagesWrapped %d", helpWidth)))
	each(root, func(c *cobra.Command) {
		c.DisableFlagsInUseLine = true
		completeWords(c)
	})
	return root
}

// The part of the program's help about variables of the environment.
const (
	environmentHeading = "Environment:\n\n"
	environmentText    = simd.Variable + `=scalar, avx2 or avx512 lowers the level of vector instructions that the whole program uses, every
command and not the emulator alone; without it that is the best one that the processor has. What the emulator computes from
a build's files is the same on every level, bit by bit; what is computed in real numbers may differ in the last bits. A
level that does not exist or that the processor does not have is wrong usage.
NO_COLOR, unless it is empty, is as --no-color.`
)

// environmentError is the error about a variable of the environment, which the help of the whole program describes.
type environmentError struct{ error }

// Error says where to read more.
func (e environmentError) Error() string {
	return e.error.Error() + "; the environment is described in spikec --help"
}

// environment checks the variables of the environment, for all commands but those that compute nothing.
func environment(cmd *cobra.Command) error {
	top := cmd
	for top.HasParent() && top.Parent().HasParent() {
		top = top.Parent()
	}
	switch top.Name() {
	case "version", "completion", "help", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd, "spikec":
		return nil
	}
	if err := simd.Err(); err != nil {
		return environmentError{err}
	}
	return nil
}

// needsShell makes `spikec completion` alone print its help, and with anything but a shell's name wrong usage.
func needsShell(root *cobra.Command) {
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Args = func(cmd *cobra.Command, args []string) error {
				if len(args) > 0 {
					return fmt.Errorf("no completion for shell %q; want bash, fish, powershell or zsh", args[0])
				}
				return nil
			}
			c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
}

// newHelp is cobra's help command, but a topic that does not exist is wrong usage.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about a command",
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, _, _ := root.Find(args)
			cmd.InitDefaultHelpFlag()
			return cmd.Help()
		},
		Args: func(_ *cobra.Command, args []string) error {
			if cmd, rest, err := root.Find(args); err != nil || cmd == nil || len(rest) > 0 {
				return unknownCommand(root, strings.Join(args, " "))
			}
			return nil
		},
	}
}

// unknownCommand is the error about a command that does not exist, with those that are spelt alike.
func unknownCommand(root *cobra.Command, name string) error {
	root.SuggestionsMinimumDistance = 2
	if alike := root.SuggestionsFor(name); len(alike) > 0 {
		return fmt.Errorf("unknown command %q; did you mean %s?", name, strings.Join(alike, " or "))
	}
	return fmt.Errorf("unknown command %q", name)
}

// each calls f for cmd and every command below it.
func each(cmd *cobra.Command, f func(*cobra.Command)) {
	f(cmd)
	for _, c := range cmd.Commands() {
		each(c, f)
	}
}
