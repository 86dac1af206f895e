package main

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"spikec/runtime/infer"
)

// newRun is `spikec run`.
func newRun() *cobra.Command {
	var m modelFlags
	var r infer.Request
	var e emulationFlags
	var o outputFlags
	cmd := &cobra.Command{
		Use:   "run MODEL.onnx --input x.npz --output y.npz",
		Short: "Run the trained network in float32, as ONNX means it",
		Long: `Runs the trained network as ONNX means it, without any conversion: array x (N,...) of the input file in, array y
(N,classes) of the output file out. x is the network's input as it is: pixels have to be scaled as in training, which
spikec build does with --pixel-scale, --mean and --std; inputs far beyond that are warned of. Where the input file holds the classes, an array y (N), the accuracy is printed.`,
		Example:           "  spikec run model.onnx --input x.npz --output y.npz",
		Args:              exactly("MODEL.onnx"),
		ValidArgsFunction: completeModel,
		RunE: func(cmd *cobra.Command, args []string) error {
			model, err := m.options.Read(args[0])
			if err != nil {
				return err
			}
			r.Model = append(r.Model, args[0])
			for _, name := range model.ExternalFiles {
				r.Model = append(r.Model, filepath.Join(filepath.Dir(args[0]), name))
			}
			r.Graph, r.ChannelsLast, r.Jobs, r.Progress = model.Graph, model.ChannelsLast, e.jobs, o.reporter(cmd)
			found, err := infer.Run(cmd.Context(), r)
			r.Progress.Close()
			if err != nil {
				return err
			}
			messagesOf(cmd).list(found)
			a := answers{Schema: "spikec/run/v1", Source: args[0], Input: r.Input, Output: r.Output}
			if err := a.read(cmd.Context(), largest, "y"); err != nil {
				return err
			}
			return a.show(cmd, &o, "y")
		},
	}
	textVar(cmd.Flags(), &r.Input, "input", "", "FILE.npz", "FILE.npz with the array x (N,...), the network's input")
	textVar(cmd.Flags(), &r.Output, "output", "", "FILE.npz", "FILE.npz to write the array y (N,classes) to")
	m.register(cmd)
	e.registerJobs(cmd)
	o.register(cmd)
	require(cmd, "input", "output")
	return cmd
}
