package main

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"spikec/runtime/simulate"
	"spikec/runtime/simulate/describe"
)

// newSimulate is `spikec simulate`.
func newSimulate() *cobra.Command {
	var f simulateFlags
	cmd := &cobra.Command{
		Use:   "simulate NET.yaml|--example NAME --out DIR",
		Short: "Simulate a network of spiking neurons that a YAML file describes",
		Long: `Runs neurons by the names of their models or by equations with units, synapses, inputs and learning rules as a YAML file
describes them, in steps or without a time step, and writes spikes, traces, weights and plots to DIR: result.json, the
description, a CSV file a monitor, all numbers once more as results.npz, and each plot as SVG and PNG. DIR is complete or not there;
spikec report DIR makes one HTML page of it.

What is wrong with a description (unknown keys, wrong units, missing parameters, negative delays, steps that are unstable) is reported
at once, with line, name and remedy; --check does that alone. The same description gives the same files, whatever --jobs is.

docs/simulate.md says what a description may hold. --list names the bundled examples, and --print shows one.`,
		Example: `  spikec simulate net.yaml --out result
  spikec simulate --list
  spikec simulate --example izhikevich --out izhikevich
  spikec simulate --example hh_fI --print`,
		Args: func(cmd *cobra.Command, args []string) error { return f.arguments(cmd, args) },
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	flags := cmd.Flags()
	textVar(flags, &f.out, "out", "", "DIR", "folder DIR that gets the results (default: nothing is written)")
	textVar(flags, &f.example, "example", "", "NAME", "run the bundled example NAME in place of a file")
	flags.BoolVar(&f.list, "list", false, "list the bundled examples, neuron models and learning rules")
	flags.BoolVar(&f.print, "print", false, "print the description of the example and do no more")
	flags.BoolVar(&f.check, "check", false, "check the description and do no more")
	intVar(flags, &f.jobs, "jobs", 0, 1, "N", "simulations of a sweep at a time (default: one a processor)")
	f.output.register(cmd)
	apart(cmd, "list", "print", "check")
	mustComplete(cmd, "example", cobra.FixedCompletions(simulate.Examples(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// simulateFlags are the flags of a simulation.
type simulateFlags struct {
	out, example       string
	list, print, check bool
	jobs               int
	output             outputFlags
}

// arguments checks what is named.
func (f *simulateFlags) arguments(cmd *cobra.Command, args []string) error {
	if f.list {
		if f.example != "" {
			return errors.Join(errors.New("--list goes without --example"), atMost(0)(cmd, args))
		}
		return atMost(0)(cmd, args)
	}
	var found []error
	switch {
	case f.print && f.example == "":
		found = append(found, errors.New("--print goes with --example, which is missing"))
	case len(args) == 0 && f.example == "":
		found = append(found, errors.New("argument NET.yaml is missing; --example names a bundled one"))
	}
	if len(args) > 0 && f.example != "" {
		found = append(found, errors.New("want NET.yaml or --example, not both"))
	}
	return errors.Join(append(found, atMost(1)(cmd, args))...)
}

// run does what the flags ask for.
func (f *simulateFlags) run(cmd *cobra.Command, args []string) error {
	if f.list {
		return f.names(cmd)
	}
	if f.print {
		text, err := simulate.ExampleText(f.example)
		if err == nil {
			_, err = cmd.OutOrStdout().Write(text)
		}
		return err
	}
	d, err := f.description(args)
	if err != nil {
		return err
	}
	if f.check {
		if err := simulate.Check(d); err != nil {
			return err
		}
		_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: nothing is wrong with it\n", d.Path)
		return err
	}
	if f.out != "" { // what is in the way is said before anything is computed
		if err := simulate.Writable(f.out); err != nil {
			return err
		}
	}
	p := f.output.reporter(cmd)
	o, err := simulate.Run(cmd.Context(), simulate.Request{Description: d, Tool: "spikec " + programVersion(), Jobs: f.jobs, Progress: p})
	p.Close()
	if err != nil {
		return err
	}
	if f.out != "" {
		if err := o.Write(f.out); err != nil {
			return err
		}
	}
	return f.output.print(cmd, o.Result, func(w io.Writer) error {
		if err := simulate.Text(w, o.Result); err != nil {
			return err
		}
		if f.out == "" {
			return f.output.next(w, "nothing was written: --out DIR writes these files")
		}
		return f.output.next(w, "written: "+f.out, "next: "+invocation()+" report "+shellWord(f.out))
	})
}

// description reads the file or the example.
func (f *simulateFlags) description(args []string) (*describe.Description, error) {
	if f.example != "" {
		return simulate.Example(f.example)
	}
	return describe.Read(args[0])
}

// names lists what is bundled.
func (f *simulateFlags) names(cmd *cobra.Command) error {
	list := simulate.Bundled()
	return f.output.print(cmd, list, func(w io.Writer) error {
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for k, part := range list.Parts() {
			if k > 0 {
				fmt.Fprintln(t)
			}
			fmt.Fprintf(t, "%s\n", part.Title)
			for _, x := range part.Items {
				fmt.Fprintf(t, "  %s\t%s\n", x.Name, x.About)
			}
		}
		return t.Flush()
	})
}
