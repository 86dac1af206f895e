package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"spikec/cmd/spikec/internal/inspect"
	"spikec/internal/diag"
	"spikec/models/ann"
	"spikec/target/chip"
)

// idConverts is a flag of the conversion where nothing is converted. The number is stable.
const idConverts = "SPK-CLI-009"

// inspectSpiking shows the spiking network at path.
func inspectSpiking(cmd *cobra.Command, path string, target *chip.Profile, o *outputFlags) error {
	if err := refuseConversion(cmd, path); err != nil {
		return err
	}
	r, err := inspect.RunSpiking(cmd.Context(), path, target)
	if err != nil {
		return err
	}
	return o.inspected(cmd, r, r.Diagnostics, func(w io.Writer) error { return printSpiking(w, r) })
}

// printSpiking prints a report as tables.
func printSpiking(w io.Writer, r *inspect.Spiking) error {
	fmt.Fprintf(w, "%s: a spiking network, NIR\n", r.Model)
	if r.Input != "" {
		fmt.Fprintf(w, "written by spikec: T = %d, reset %s, membranes from %s, read-out %s, input are %s\n", r.Steps, r.Reset, r.Initial, r.Readout, r.Input)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nNODE\tKIND\tSHAPE\tPARAMETERS\tTO")
	for _, n := range r.Nodes {
		shape := "?"
		if len(n.Shape) > 0 {
			shape = ann.Shape(n.Shape).String()
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\n", n.Name, n.Kind, shape, n.Parameters, strings.Join(n.To, ", "))
	}
	fmt.Fprintf(t, "all\t\t\t%d\t\n", r.Parameters)
	if len(r.Populations) > 0 {
		fmt.Fprintln(t, "\nPOPULATION\tNEURON\tSHAPE\tBIASES\tFROM")
		for _, p := range r.Populations {
			fmt.Fprintf(t, "%s\t%s\t%dx%dx%d\t%s\t%s\n", p.Name, p.Neuron, p.Shape[0], p.Shape[1], p.Shape[2], map[bool]string{true: "yes", false: "no"}[p.Bias], strings.Join(p.From, ", "))
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if r.Target != "" && !r.Diagnostics.HasErrors() {
		fmt.Fprintf(w, "\ntarget %s: it fits; how accurate it is there, spikec build measures\n", r.Target)
	}
	return nil
}

// convertsOnly are the flags that say how a trained network is read and converted.
var convertsOnly = []string{"model-output", "rules", "pooling", "pool-neurons", "biases", "auto", "normalization", "percentile", "per-channel", "disable",
	"dump-after", "stop-after", "calibration-file"}

// refuseConversion refuses flags of the conversion for the spiking network at path.
func refuseConversion(cmd *cobra.Command, path string) error {
	var wrong diag.List
	for _, name := range convertsOnly {
		if flag := cmd.Flags().Lookup(name); flag != nil && flag.Changed {
			wrong.Add(diag.Diagnostic{ID: idConverts, Severity: diag.Error, Subject: "--" + name, Message: path + " holds a spiking network, of which nothing is converted", Remedy: "leave it out"})
		}
	}
	return wrong.Err()
}

// spiking refuses flags of the conversion, and leaves T to the file where no flag says it.
func (f *buildFlags) spiking(cmd *cobra.Command, path string) error {
	if !cmd.Flags().Changed("steps") {
		f.conversion.options.Steps = 0
	}
	return refuseConversion(cmd, path)
}
