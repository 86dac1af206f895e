package main

import (
	"github.com/spf13/cobra"

	"spikec/runtime/build"
	"spikec/runtime/dataset/npz"
)

// newEmulate is `spikec emulate`.
func newEmulate() *cobra.Command {
	var r build.EmulateRequest
	var e emulationFlags
	var o outputFlags
	cmd := &cobra.Command{
		Use:   "emulate DIR --input x.npz --output y.npz",
		Short: "Run given inputs through the files of a build",
		Long: `Runs inputs through the chip files in DIR: array x (N,...) of the input file, stored pixels as uint8 or the network's
input as floats; out come counts (N,classes), the output spikes, potentials (N,classes), the output membranes, and
decision (N). With --trace also the spikes and membranes of every layer at every step. Where the input
file holds the classes, an array y (N), the accuracy is printed.`,
		Example: `  spikec emulate build --input x.npz --output y.npz
  spikec emulate build --input one.npz --output y.npz --trace trace.npz --engine reference`,
		Args:              exactly("DIR"),
		ValidArgsFunction: completeFolder,
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Dir, r.Engine, r.Jobs, r.Progress = args[0], e.engine, e.jobs, o.reporter(cmd)
			err := build.Emulate(cmd.Context(), r)
			r.Progress.Close()
			if err != nil {
				return err
			}
			a := answers{Schema: "spikec/emulate/v1", Source: args[0], Input: r.Input, Output: r.Output, Trace: r.Trace}
			decided := func(arrays []*npz.Array) []int64 {
				decisions, _ := arrays[0].Int64() // of int64
				return decisions
			}
			if err := a.read(cmd.Context(), decided, "decision", "counts", "potentials"); err != nil {
				return err
			}
			return a.show(cmd, &o, "counts")
		},
	}
	textVar(cmd.Flags(), &r.Input, "input", "", "FILE.npz", "FILE.npz with the array x (N,...)")
	textVar(cmd.Flags(), &r.Output, "output", "", "FILE.npz", "FILE.npz to write counts, potentials and decision to")
	textVar(cmd.Flags(), &r.Trace, "trace", "", "FILE.npz", "FILE.npz to write every layer's spikes and membranes at every step to")
	e.registerEngine(cmd)
	o.register(cmd)
	require(cmd, "input", "output")
	return cmd
}
